"""The resolution that a picture tells of itself, and pixels that are not square."""

import cv2
import numpy as np
from PIL import Image

from shared.settings import Limits
from worker.page import Page

_TRUSTED_DPI = range(50, 1201)
_A4_LONG_SIDE_INCHES = 11.7
_MOST_STRETCH = 2.5
"""Standard fax has pixels 2.1 times as tall as wide; a resolution beyond is an error of whoever wrote it."""
_SQUARE_WITHIN = 1.1
"""Fine fax, 204 x 196 dpi, reads as well without being blurred."""


def choose_dpi(image: Image.Image, fallback: int | None) -> int:
    """Pixels per inch across: as told, else `fallback`, else as if the picture were a sheet of A4."""
    across = _read_resolution(image)[0]
    return across or fallback or min(300, max(72, round(max(image.size) / _A4_LONG_SIDE_INCHES)))


def pixel_ratio(image: Image.Image) -> float:
    """How many times as tall as wide the pixels are, as stored."""
    across, down = _read_resolution(image)
    ratio = across / down if across and down else 1.0
    return ratio if 1 / _MOST_STRETCH <= ratio <= _MOST_STRETCH else 1.0


def square(page: Page, ratio: float, limits: Limits) -> Page:
    """The page with its coarser direction stretched so that pixels `ratio` times as tall as wide become square."""
    height, width = page.image.shape
    size = (width, round(height * ratio)) if ratio > 1 else (round(width / ratio), height)
    is_square = 1 / _SQUARE_WITHIN <= ratio <= _SQUARE_WITHIN
    if is_square or max(size) > limits.max_side_pixels or size[0] * size[1] > limits.max_pixels:
        return page
    image = cv2.resize(page.image, size, interpolation=cv2.INTER_CUBIC).astype(np.uint8, copy=False)
    return page.warped(image, "scale", np.diag([width / size[0], height / size[1], 1.0]))


def _read_resolution(image: Image.Image) -> tuple[int, int]:
    """Dots per inch across and down, 0 where they are not to be believed."""
    across, down = (_trust(told) for told in image.info.get("dpi", (0, 0)))
    return across, down


def _trust(told: object) -> int:
    try:
        dpi = round(float(told))  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError, ZeroDivisionError):
        return 0
    return dpi if dpi in _TRUSTED_DPI else 0
