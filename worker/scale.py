"""Letters brought to the height at which Tesseract reads best and fastest."""

import cv2
import numpy as np

from worker.ink import letter_height
from worker.page import Page

_READABLE_PIXELS = (12.0, 26.0)
"""Letter heights between which a picture is left as it is; resampling would only blur it."""
_ENLARGED_PIXELS = 24.0
_REDUCED_PIXELS = 20.0
_LINE_PIXELS = 28.0
_LINE_BLUR_PIXELS = 1.0
_MAX_ENLARGEMENT = 3.0
_MAX_PIXELS = 40_000_000


def scale(page: Page) -> Page:
    """The page with small print enlarged and large print reduced; without letters it stays as it is."""
    height = letter_height(page.image)
    if height is None or _READABLE_PIXELS[0] <= height <= _READABLE_PIXELS[1]:
        return page
    if height < _READABLE_PIXELS[0]:
        room = (_MAX_PIXELS / page.image.size) ** 0.5
        return resize(page, min(_ENLARGED_PIXELS / height, _MAX_ENLARGEMENT, max(1.0, room)))
    return resize(page, _REDUCED_PIXELS / height)


def scale_line(page: Page) -> Page:
    """A single line brought to the height at which lines read best, its grain smoothed."""
    height = letter_height(page.image)
    if height is None:
        return page
    page = resize(page, min(_LINE_PIXELS / height, _MAX_ENLARGEMENT))
    smooth = cv2.GaussianBlur(page.image, (0, 0), _LINE_BLUR_PIXELS).astype(np.uint8, copy=False)
    return page.redrawn(smooth, "scale")


def resize(page: Page, factor: float) -> Page:
    """The page with both sides multiplied by `factor`."""
    height, width = page.image.shape
    new_width, new_height = max(1, round(width * factor)), max(1, round(height * factor))
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    image = cv2.resize(page.image, (new_width, new_height), interpolation=method).astype(np.uint8, copy=False)
    return page.warped(image, "scale", np.diag([width / new_width, height / new_height, 1.0]))
