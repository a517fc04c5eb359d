"""Specks of a worn copy and grain of a dim photograph smoothed, before anything else is measured on the page."""

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.page import Gray, Page

_SAMPLE_BANDS, _BAND_PIXELS = 12, 32
"""Strips across the page in which dirt is measured."""
_SPECK_LEVELS = 90
"""Gray levels by which a speck stands out of the pixels around it."""
_SPECKED_SHARE, _THICK_SHARE = 0.003, 0.02
"""Specks among all pixels from which they harm, and from which they lie side by side."""
_STRIP_PIXELS = 1_000_000
"""What is cleaned at once: so much stays in the cache of a processor."""
_REACH_PIXELS = 1
"""How far away lies what decides on a pixel."""
_RING = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]], dtype=np.uint8)
_NEIGHBORS = tuple((down, right) for down in range(3) for right in range(3) if (down, right) != (1, 1))
_LAPLACIANS = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], dtype=np.float32)
"""The difference of two Laplacians, which knows neither planes nor edges."""
_GRAINY_LEVELS = 8.0 * 6 * 0.431
"""Below this is a third of what the Laplacians' difference makes of normal noise with a deviation of 8 gray levels."""
_PAPER_SHARE = 1 / 3
"""How much of a page is bare paper at least."""
_BLUR_PIXELS = 1.0


def despeckle(page: Page) -> Page:
    """The page without specks, or with its grain smoothed; a clean one stays as it is."""
    sample = _sample(page.image)
    share = _share_specks(sample)
    if share >= _SPECKED_SHARE:
        return page.redrawn(_remove_specks(page.image, 1 if share < _THICK_SHARE else 2), "despeckle")
    if _is_grainy(sample):
        smooth = cv2.GaussianBlur(page.image, (0, 0), _BLUR_PIXELS)
        return page.redrawn(smooth.astype(np.uint8, copy=False), "despeckle")
    return page


def _sample(image: Gray) -> Gray:
    """Strips of the picture, one below the other."""
    rows = len(image)
    if rows <= _SAMPLE_BANDS * _BAND_PIXELS:
        return image
    tops = np.linspace(0, rows - _BAND_PIXELS, _SAMPLE_BANDS).astype(int)
    return np.concatenate([image[top : top + _BAND_PIXELS] for top in tops])


def _share_specks(sample: Gray) -> float:
    """The share of pixels that are much darker, or much lighter, than each of their neighbors."""
    darkest, lightest = (rank(sample, _RING, borderType=cv2.BORDER_REPLICATE) for rank in (cv2.erode, cv2.dilate))
    is_dark, is_light = cv2.subtract(darkest, sample) > _SPECK_LEVELS, cv2.subtract(sample, lightest) > _SPECK_LEVELS
    return float((is_dark | is_light).mean())


def _remove_specks(image: Gray, alike: int) -> Gray:
    """The picture with the median in place of pixels that stand out of all neighbors but at most `alike` of them.

    A median everywhere would take thin strokes of small print as well. Strips are cleaned one after the other, for
    what is between takes several times their memory.
    """
    cleaned = np.empty_like(image)
    rows = max(1, _STRIP_PIXELS // image.shape[1])
    for top in range(0, len(image), rows):
        strip = image[max(0, top - _REACH_PIXELS) : top + rows + _REACH_PIXELS]
        inside = slice(min(top, _REACH_PIXELS), min(top, _REACH_PIXELS) + rows)
        cleaned[top : top + rows] = _clean_strip(strip, alike)[inside]
    return cleaned


def _clean_strip(strip: Gray, alike: int) -> Gray:
    median = cv2.medianBlur(strip, 2 * _REACH_PIXELS + 1)
    is_speck = _stands_out(strip, alike) | _stands_out(cv2.bitwise_not(strip).astype(np.uint8, copy=False), alike)
    return np.where(is_speck, median, strip).astype(np.uint8, copy=False)


def _stands_out(image: Gray, alike: int) -> NDArray[np.bool_]:
    """Which pixels are much darker than all of their neighbors but at most `alike`."""
    rows, columns = image.shape
    framed = cv2.copyMakeBorder(image, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    lighter = np.zeros(image.shape, dtype=np.uint8)
    for down, right in _NEIGHBORS:
        neighbors = framed[down : down + rows, right : right + columns]
        lighter += cv2.subtract(neighbors, image) > _SPECK_LEVELS
    return lighter >= len(_NEIGHBORS) - alike


def _is_grainy(sample: Gray) -> bool:
    """Whether noise is left of the picture without its structure (J. Immerkær, Fast noise variance estimation, 1996).

    It is looked for at half the size, where compression leaves it.
    """
    rows, columns = (max(1, side // 2) for side in sample.shape)
    half = cv2.resize(sample, (columns, rows), interpolation=cv2.INTER_AREA)
    noise = cv2.filter2D(half, cv2.CV_32F, _LAPLACIANS)
    return bool((np.abs(noise) < _GRAINY_LEVELS).mean() < _PAPER_SHARE)
