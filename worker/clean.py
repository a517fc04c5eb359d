"""Dark ink on evenly lit paper: the shade across a photograph divided out, light text on dark turned round."""

import cv2
import numpy as np

from worker.ink import shrink
from worker.page import Gray, Page
from worker.quantile import levels

_SIDE_PIXELS = 320
_LEAST_SIDE_PIXELS = 4
"""Light across fewer pixels is no shade."""
_KERNEL_SHARE = 1 / 16
"""Side of the neighborhood whose brightest pixel is taken for paper, as a share of the picture's side."""
_UNEVEN_LEVELS = 25
"""Gray levels between the paper's quartiles from which light counts as uneven."""
_STEEPEST_LEVELS = 1.25
"""Mean gray levels a pixel of the small picture by which light fades; printed shades end more sharply."""
_DARKEST_LEVEL = 100
_WHITE = 255


def clean(page: Page) -> Page:
    """The page on white paper; one that is evenly lit, or dark in a light frame, stays as it is."""
    small, _ = shrink(page.image, _SIDE_PIXELS)
    if min(small.shape) < _LEAST_SIDE_PIXELS:
        return page
    (middle,) = levels(small, (0.5,))
    if middle < _DARKEST_LEVEL:
        is_inverse = _is_dark_at_rim(small) and small.mean() > middle  # by a few words of small print already
        return page.redrawn(cv2.bitwise_not(page.image).astype(np.uint8, copy=False), "clean") if is_inverse else page
    level = _paper(small)
    if np.ptp(level) < _UNEVEN_LEVELS:
        return page
    paper = _smooth(level)
    lower, upper = levels(paper, (0.25, 0.75))
    if upper - lower < _UNEVEN_LEVELS or _steepness(paper) > _STEEPEST_LEVELS:
        return page
    return page.redrawn(_divide(page.image, _darken_edges(paper, level)), "clean")


def _is_dark_at_rim(small: Gray) -> bool:
    rim = np.concatenate([small[0], small[-1], small[:, 0], small[:, -1]])
    return bool(np.median(rim) < _DARKEST_LEVEL)


def _paper(small: Gray) -> Gray:
    """What the picture would look like without ink: local maxima."""
    neighborhood = np.ones((_side(small), _side(small)), dtype=np.uint8)
    return cv2.erode(cv2.dilate(small, neighborhood), neighborhood).astype(np.uint8, copy=False)


def _smooth(level: Gray) -> Gray:
    smooth = cv2.GaussianBlur(level.astype(np.float32), (0, 0), _side(level) / 2)  # six times as fast as on bytes
    return smooth.round().astype(np.uint8)


def _side(small: Gray) -> int:
    return max(3, round(int(max(small.shape)) * _KERNEL_SHARE)) | 1


def _darken_edges(paper: Gray, level: Gray) -> Gray:
    """The paper with shadows up to their edges: smoothed across one, it leaves a dark rule, which parts columns."""
    return np.minimum(paper, cv2.erode(level, np.ones((3, 3), dtype=np.uint8))).astype(np.uint8, copy=False)


def _steepness(paper: Gray) -> float:
    down, across = np.gradient(paper.astype(np.float32))
    return float(np.hypot(down, across).mean())


def _divide(image: Gray, paper: Gray) -> Gray:
    height, width = image.shape
    light = cv2.resize(np.maximum(paper, 1), (width, height), interpolation=cv2.INTER_LINEAR)
    return cv2.divide(image, light, scale=_WHITE).astype(np.uint8, copy=False)
