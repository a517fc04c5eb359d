"""What a picture's ink tells: where it is, how tall its letters are, and which way their lines run."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.dots import find_dotted_rows
from worker.page import Gray
from worker.quantile import quantile

_WINDOW_PIXELS = 31
_CONTRAST = 15
"""Gray levels by which ink is darker than its surroundings."""
_MAX_SIDE_PIXELS = 2_200
_MIN_LETTERS = 4
_SPECK_PIXELS = 4
_FILL_SHARE = 0.12
_BODY_HEIGHTS = (0.4, 2.5)
"""Heights of letters of body text, in heights of its middle one."""
_PRINT_PIXELS, _FEWEST_PRINTED = 8, 20
"""Print below a title is told by so many pieces of such a height at least, and by their neighbors."""
_PRINTED_SHARE = 0.6
"""Pieces of which fewer have a neighbor in their row are dirt or a picture."""
_ROW_SHARE, _GAP_HEIGHTS, _LIKE_HEIGHT = 0.5, 1.0, 0.5
"""A neighbor shares so much of a piece's height, is no further away, and is no shorter than so much of it."""
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
    the height of each, shape (n, 4), and `dots` those of dots in rows.
    """

    height: float
    small: float
    boxes: NDArray[np.float32]
    dots: NDArray[np.float32]


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
    Where a title takes that half, the print below it is the body text if it has more letters.
    """
    image, factor = shrink(image, _MAX_SIDE_PIXELS)
    pieces = find_pieces(find_ink(image))
    heights, widths = pieces[:, cv2.CC_STAT_HEIGHT], pieces[:, cv2.CC_STAT_WIDTH]
    tallest = max(image.shape[0] / 8, min(image.shape[0], 100))
    looks = (heights >= _SPECK_PIXELS) & (heights <= tallest)
    looks &= pieces[:, cv2.CC_STAT_AREA] >= _FILL_SHARE * heights * widths
    looks &= (widths * _NARROWEST >= heights) & (widths <= heights * _WIDEST)
    dots = np.concatenate([np.empty(0, np.intp), *find_dotted_rows(pieces)])
    looks[dots] = False
    dots = pieces[dots]
    pieces, heights, widths = pieces[looks], heights[looks], widths[looks]
    if heights.size < _MIN_LETTERS:
        return None
    order = np.argsort(heights)
    cumulated = np.cumsum((heights * np.minimum(widths, heights))[order])
    body = heights[order][np.searchsorted(cumulated, cumulated[-1] / 2)]
    is_body = _is_like(heights, body)
    fine = _measure_print(pieces[(heights >= _PRINT_PIXELS) & (heights < _BODY_HEIGHTS[0] * body)])
    is_fine = _is_like(heights, fine)
    if is_fine.sum() > is_body.sum():
        is_body = is_fine
    small, height = (quantile(heights[is_body], share) for share in (0.25, 0.5))
    small = min(small, fine or small)
    boxes, dots = ((some[:, :4] / factor).astype(np.float32) for some in (pieces[is_body], dots))
    return Letters(height / factor, small / factor, boxes, dots)


def _is_like(heights: NDArray[np.intp], body: float) -> NDArray[np.bool_]:
    return (heights >= _BODY_HEIGHTS[0] * body) & (heights <= _BODY_HEIGHTS[1] * body)


def _measure_print(pieces: Pieces) -> float:
    """The middle height of pieces that mostly have neighbors in their rows, as letters do; 0 where they do not."""
    if len(pieces) < _FEWEST_PRINTED:
        return 0.0
    pieces = pieces[:_MOST_LETTERS]
    probes = pieces[np.linspace(0, len(pieces) - 1, min(len(pieces), _MOST_PROBES)).astype(np.intp)]
    left, top, width, height = (probes[:, column, None] for column in range(4))
    lefts, tops, widths, heights = pieces[:, :4].T
    shared = np.minimum(top + height, tops + heights) - np.maximum(top, tops)
    gap = np.maximum(left, lefts) - np.minimum(left + width, lefts + widths)
    is_neighbor = (shared >= _ROW_SHARE * height) & (gap <= _GAP_HEIGHTS * height) & (gap > -np.minimum(width, widths))
    is_neighbor &= (heights >= _LIKE_HEIGHT * height) & (heights * _LIKE_HEIGHT <= height)
    has_neighbor = is_neighbor.any(axis=1)
    return quantile(probes[has_neighbor, 3], 0.5) if has_neighbor.mean() >= _PRINTED_SHARE else 0.0


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
