"""Light made even: shadows divided out, white on black turned round."""

import cv2
import numpy as np

from worker.ink import shrink
from worker.page import Gray, Page

_SIDE_PIXELS = 500
_KERNEL_SHARE = 1 / 16
"""Side of the neighborhood in which the brightest pixel is taken for paper, as a share of the picture's side."""
_UNEVEN_LEVELS = 40
_DARK_LEVEL = 100
_WHITE = 255


def clean(page: Page) -> Page:
    """The page on white paper; an evenly lit page stays as it is."""
    small, _ = shrink(page.image, _SIDE_PIXELS)
    if np.median(small) < _DARK_LEVEL and _is_mostly_dark(small):
        return page.redrawn(cv2.bitwise_not(page.image).astype(np.uint8, copy=False), "clean")
    paper = _paper(small)
    dark, bright = np.percentile(paper, [5, 95])
    if bright - dark < _UNEVEN_LEVELS:
        return page
    return page.redrawn(_divide(page.image, paper), "clean")


def _is_mostly_dark(small: Gray) -> bool:
    """Whether the bright part is thin, as letters are, and not a sheet on a dark table."""
    level, _ = cv2.threshold(small, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    bright = (small > level).astype(np.uint8)
    opened = cv2.morphologyEx(bright, cv2.MORPH_OPEN, np.ones((9, 9), dtype=np.uint8))
    return int(opened.sum()) * 20 < small.size


def _paper(small: Gray) -> Gray:
    """What the picture would look like without ink: local maxima, smoothed."""
    side = max(3, round(max(small.shape) * _KERNEL_SHARE)) | 1
    brightest = cv2.dilate(small, np.ones((side, side), dtype=np.uint8))
    level = cv2.erode(brightest, np.ones((side, side), dtype=np.uint8))
    return cv2.GaussianBlur(level, (0, 0), side / 2).astype(np.uint8, copy=False)


def _divide(image: Gray, paper: Gray) -> Gray:
    height, width = image.shape
    light = cv2.resize(np.maximum(paper, 1), (width, height), interpolation=cv2.INTER_LINEAR)
    return cv2.divide(image, light, scale=_WHITE).astype(np.uint8, copy=False)
