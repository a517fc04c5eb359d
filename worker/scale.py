"""Letters brought to the height at which Tesseract reads best and fastest."""

import cv2
import numpy as np

from worker.ink import Letters
from worker.page import Page

_READABLE_PIXELS = (15.0, 20.0)
"""Letter heights between which a picture is left as it is; resampling would only blur it."""
_ENLARGED_PIXELS = 24.0
_REDUCED_PIXELS = 16.0
_SMALL_PIXELS = 14.0
"""What the smaller quarter of the letters are not reduced below."""
_LINE_BLUR_PIXELS = 1.0
_MAX_ENLARGEMENT = 3.0
_MAX_PIXELS = 40_000_000


def scale(page: Page, letters: Letters) -> Page:
    """The page with small print enlarged and large print reduced."""
    height = letters.height
    if height < _READABLE_PIXELS[0]:
        room = (_MAX_PIXELS / page.image.size) ** 0.5
        return resize(page, min(_ENLARGED_PIXELS / height, _MAX_ENLARGEMENT, max(1.0, room)))
    if height > _READABLE_PIXELS[1]:
        return resize(page, min(1.0, max(_REDUCED_PIXELS / height, _SMALL_PIXELS / letters.small)))
    return page


def scale_letters(letters: Letters, page: Page, scaled: Page) -> Letters:
    """The letters of the page where they are on the scaled one, as large as there."""
    factor = scaled.image.shape[0] / page.image.shape[0]
    boxes, dots = (some * np.float32(factor) for some in (letters.boxes, letters.dots))
    return Letters(letters.height * factor, letters.small * factor, boxes, dots)


def scale_line(page: Page, height: float, target: float) -> Page:
    """A single line, its letters `height` pixels tall, with letters of `target` pixels, its grain smoothed."""
    if target != height:
        page = resize(page, min(target / height, _MAX_ENLARGEMENT))
    smooth = cv2.GaussianBlur(page.image, (0, 0), _LINE_BLUR_PIXELS).astype(np.uint8, copy=False)
    return page.redrawn(smooth, "scale")


def resize(page: Page, factor: float) -> Page:
    """The page with both sides multiplied by `factor`."""
    if factor == 1.0:
        return page
    height, width = page.image.shape
    new_width, new_height = max(1, round(width * factor)), max(1, round(height * factor))
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    image = cv2.resize(page.image, (new_width, new_height), interpolation=method).astype(np.uint8, copy=False)
    return page.warped(image, "scale", np.diag([width / new_width, height / new_height, 1.0]))
