"""What a picture's ink tells: where it is and how tall its letters are."""

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.page import Gray

_WINDOW_PIXELS = 31
_CONTRAST = 15
"""Gray levels by which ink is darker than its surroundings."""
_MAX_SIDE_PIXELS = 2_200
_MIN_LETTERS = 4
_SPECK_PIXELS = 4
_FILL_SHARE = 0.12
_NARROWEST, _WIDEST = 8, 4
"""A letter is at most so many times taller than wide, and wider than tall where letters touch."""


def find_ink(image: Gray) -> Gray:
    """A mask of the same size, 255 where a pixel is darker than the mean around it."""
    return cv2.adaptiveThreshold(
        image, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, _WINDOW_PIXELS, _CONTRAST
    ).astype(np.uint8, copy=False)


def shrink(image: Gray, max_side_pixels: int) -> tuple[Gray, float]:
    """The picture no larger than that, and the factor by which it was made smaller, at most 1."""
    factor = min(1.0, max_side_pixels / max(image.shape))
    if factor == 1.0:
        return image, factor
    return cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA).astype(np.uint8), factor


def letter_height(image: Gray) -> float | None:
    """The median height in pixels of what looks like a letter, or nothing where there are fewer than four.

    Specks are told from letters by their share of the area: half of all ink boxes' area belongs to pieces as tall as
    the body text, however many specks there are.
    """
    small, factor = shrink(image, _MAX_SIDE_PIXELS)
    heights, widths, areas = _pieces(find_ink(small))
    tallest = max(small.shape[0] / 8, min(small.shape[0], 100))
    looks = (heights >= _SPECK_PIXELS) & (heights <= tallest) & (areas >= _FILL_SHARE * heights * widths)
    looks &= (widths * _NARROWEST >= heights) & (widths <= heights * _WIDEST)
    heights, weights = heights[looks], (heights * widths)[looks]
    if heights.size < _MIN_LETTERS:
        return None
    order = np.argsort(heights)
    cumulated = np.cumsum(weights[order])
    body = heights[order][np.searchsorted(cumulated, cumulated[-1] / 2)]
    letters = heights[(heights >= 0.4 * body) & (heights <= 2.5 * body)]
    return float(np.median(letters)) / factor


def _pieces(ink: Gray) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    pieces = stats[1:].astype(np.int64)
    return pieces[:, cv2.CC_STAT_HEIGHT], pieces[:, cv2.CC_STAT_WIDTH], pieces[:, cv2.CC_STAT_AREA]
