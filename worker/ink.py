"""What a picture's ink tells: where it is, how tall its letters are, and which way their lines run."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.page import Gray
from worker.quantile import quantile

_WINDOW_PIXELS = 31
_CONTRAST = 15
"""Gray levels by which ink is darker than its surroundings."""
_MAX_SIDE_PIXELS = 2_200
_MIN_LETTERS = 4
_SPECK_PIXELS = 4
_FILL_SHARE = 0.12
_NARROWEST, _WIDEST = 8, 4
"""A letter is at most so many times taller than wide, and wider than tall where letters touch."""
_MOST_PROBES, _MOST_LETTERS = 200, 4_000
"""Letters whose neighbors are looked for, and among which: it is asked for a share, and takes the product in time."""

Pieces = NDArray[np.intp]
"""Connected ink: left, top, width, height and area of each piece, shape (n, 5)."""


@dataclass(frozen=True, slots=True)
class Letters:
    """What looks like letters of body text.

    `height` is their median in pixels, `small` their lower quartile; `boxes` has the left and upper edge, the width and
    the height of each, shape (n, 4).
    """

    height: float
    small: float
    boxes: NDArray[np.float32]


def find_ink(image: Gray) -> Gray:
    """A mask of the same size, 255 where a pixel is darker than the mean around it."""
    return cv2.adaptiveThreshold(
        image, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, _WINDOW_PIXELS, _CONTRAST
    ).astype(np.uint8, copy=False)


def find_pieces(ink: Gray) -> Pieces:
    """The connected parts of a mask, in no particular order."""
    return cv2.connectedComponentsWithStats(ink, connectivity=8)[2][1:].astype(np.intp)


def shrink(image: Gray, max_side_pixels: int) -> tuple[Gray, float]:
    """The picture no larger than that, and the factor by which it was made smaller, at most 1."""
    factor = 1.0
    while max(image.shape) >= 2 * max_side_pixels:  # OpenCV halves twenty times faster than it resizes
        rows, columns = (max(1, side // 2) for side in image.shape)
        image = _resize(image[: 2 * rows, : 2 * columns], rows, columns, cv2.INTER_AREA)
        factor /= 2
    rest = min(1.0, max_side_pixels / max(image.shape))
    if rest == 1.0:
        return image, factor
    rows, columns = (max(1, round(side * rest)) for side in image.shape)
    return _resize(image, rows, columns, cv2.INTER_LINEAR), factor * rest


def find_letters(image: Gray) -> Letters | None:
    """What looks like letters, or nothing where there are fewer than four.

    Specks are told from letters by their share of the area: half of it belongs to pieces as tall as the body text,
    however many specks there are. A piece counts as no wider than tall, or a signature would weigh as much as a page.
    """
    image, factor = shrink(image, _MAX_SIDE_PIXELS)
    pieces = find_pieces(find_ink(image))
    heights, widths = pieces[:, cv2.CC_STAT_HEIGHT], pieces[:, cv2.CC_STAT_WIDTH]
    tallest = max(image.shape[0] / 8, min(image.shape[0], 100))
    looks = (heights >= _SPECK_PIXELS) & (heights <= tallest)
    looks &= pieces[:, cv2.CC_STAT_AREA] >= _FILL_SHARE * heights * widths
    looks &= (widths * _NARROWEST >= heights) & (widths <= heights * _WIDEST)
    pieces, heights, widths = pieces[looks], heights[looks], widths[looks]
    if heights.size < _MIN_LETTERS:
        return None
    order = np.argsort(heights)
    cumulated = np.cumsum((heights * np.minimum(widths, heights))[order])
    body = heights[order][np.searchsorted(cumulated, cumulated[-1] / 2)]
    is_body = (heights >= 0.4 * body) & (heights <= 2.5 * body)
    small, height = (quantile(heights[is_body], share) / factor for share in (0.25, 0.5))
    return Letters(height, small, (pieces[is_body, :4] / factor).astype(np.float32))


def share_across(letters: Letters) -> float:
    """The share of letters whose nearest neighbor is beside them rather than above or below.

    Letters of a word are closer to each other than lines are (L. O'Gorman, The document spectrum for page layout
    analysis, 1993).
    """
    boxes = letters.boxes[:_MOST_LETTERS]
    centers = boxes[:, :2] + boxes[:, 2:] / 2
    probes = np.linspace(0, len(centers) - 1, min(len(centers), _MOST_PROBES)).astype(np.intp)
    across, down = (np.abs(axis[probes, None] - axis) for axis in centers.T)
    distances = across**2 + down**2
    distances[np.arange(len(probes)), probes] = np.inf
    nearest = np.arange(len(probes)), distances.argmin(axis=1)
    return float((across[nearest] > down[nearest]).mean())


def _resize(image: Gray, rows: int, columns: int, method: int) -> Gray:
    return cv2.resize(image, (columns, rows), interpolation=method).astype(np.uint8, copy=False)
