"""Columns of print: what tells them from the columns of a receipt, and the order in which they are read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from worker.ink import find_ink, find_pieces, shrink
from worker.page import Box, Gray

_GUTTER_HEIGHTS, _SLACK_HEIGHTS = 0.3, 0.5
"""The least room between two columns, and how far the box of a line may reach into it, in heights of a line."""
_FEWEST_ROWS, _MOST_LINES = 4, 1_000
"""Rows beside each other that make columns, and lines of a page among which they are looked for: it takes time by the
square of their number."""
_NARROWEST_LINES, _NARROWEST_LETTERS = 5.0, 7.2
"""The least width of a column, in heights of a line as PP-OCR boxes it, and of one hardly taller than its letters:
prices are narrower, with thousands and in a typewriter's letters too."""
_FILL_SHARE = 0.6
"""The share of a column that its lines fill; names on a receipt, and labels of a form, fill less."""
_SAME_ROW_HEIGHTS, _SAME_EDGE_HEIGHTS = 0.5, 0.6
_JUSTIFIED_SHARE, _RAGGED_SHARE = 0.9, 0.6
_FIGURES_WIDTHS = 1.7
"""A column of which so many rows end at one edge is of figures, flush or of one length, where another one has fewer
than the second, and it is narrower than this, in least widths of a column."""
_OF_PAGE_SHARE = 0.5
"""A page with columns has so much of its lines in them."""
_LETTER_PIXELS = 10
"""Height of letters that is enough to see where they are."""
_CELLS, _SPACE_CELLS, _LETTER_CELLS = 4, 4, (2, 10)
"""A letter's height, the room between two of a line, and heights of what may be one, in cells of the grid on which
letters are joined."""

Boxes = NDArray[np.float64]
"""Left, upper, right and lower edge of lines, shape (n, 4)."""
Edges = NDArray[np.float64]
"""One coordinate of each line or row, shape (n,)."""


@dataclass(frozen=True, slots=True)
class Gutter:
    """Room at the right of `left` with no line across from `top` to `bottom`, those two being middles of lines."""

    left: float
    top: float
    bottom: float


def find_blocks(lines: Sequence[Box]) -> list[list[int]]:
    """The numbers of lines, block by block in reading order: columns from left to right, and what is across between.

    A recursive XY-cut (G. Nagy and S. Seth, Hierarchical representation of optically scanned documents, 1984), whose
    cuts along the page are the gutters between columns, and those across it the ends of gutters.
    """
    boxes = np.array(lines, dtype=np.float64).reshape(-1, 4)
    return [part.tolist() for part in _cut(boxes, np.arange(len(boxes)))]


def has_columns(image: Gray, letter_pixels: float) -> bool:
    """Whether the greater part of a page with letters of this height is in columns of print."""
    lines = _find_lines(image, letter_pixels)
    gutter = _find_gutter(lines, _NARROWEST_LETTERS)
    return gutter is not None and float(_is_between(lines, gutter).mean()) >= _OF_PAGE_SHARE


def _cut(boxes: Boxes, numbers: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    of_part = boxes[numbers]
    gutter = _find_gutter(of_part, _NARROWEST_LINES)
    if gutter is None:
        return [numbers] if len(numbers) else []
    is_between, middles = _is_between(of_part, gutter), _middles(of_part)
    is_left = _is_left(of_part, gutter)
    parts = (~is_between & (middles <= gutter.top), is_between & is_left, is_between & ~is_left)
    rest = ~np.logical_or.reduce(parts)
    return [block for part in (*parts, rest) for block in _cut(boxes, numbers[part])]


def _find_gutter(boxes: Boxes, narrowest_heights: float) -> Gutter | None:
    """The gutter with the most rows on both of its sides, if these are columns of print."""
    if not 2 * _FEWEST_ROWS <= len(boxes) <= _MOST_LINES:
        return None
    height = float(np.median(boxes[:, 3] - boxes[:, 1]))
    best, most = None, (_FEWEST_ROWS, 0)
    for gutter in _find_gaps(boxes, height):
        between = boxes[_is_between(boxes, gutter)]
        is_left = _is_left(between, gutter)
        sides = between[is_left], between[~is_left]
        ends = [_find_ends(side, height) for side in sides]
        rows = min(len(rights) for rights in ends)
        if (rows, len(between)) > most and _are_columns(sides, ends, height, narrowest_heights):
            best, most = gutter, (rows, len(between))
    return best


def _find_gaps(boxes: Boxes, height: float) -> Iterator[Gutter]:
    """The stretches of all places where a line ends or begins and nothing is across a gutter's width."""
    slack, room = _SLACK_HEIGHTS * height, _GUTTER_HEIGHTS * height
    boxes = boxes[np.argsort(_middles(boxes))]
    middles = np.array([-np.inf, *_middles(boxes), np.inf])
    for left in np.unique([boxes[:, 2], boxes[:, 0] - room]):
        across = np.flatnonzero((boxes[:, 0] < left + room - slack) & (boxes[:, 2] > left + slack))
        for before, after in pairwise([0, *(across + 1), len(middles) - 1]):
            if after - before > 2 * _FEWEST_ROWS:
                yield Gutter(float(left), float(middles[before]), float(middles[after]))


def _is_between(boxes: Boxes, gutter: Gutter) -> NDArray[np.bool_]:
    middles = _middles(boxes)
    return (middles > gutter.top) & (middles < gutter.bottom)


def _is_left(boxes: Boxes, gutter: Gutter) -> NDArray[np.bool_]:
    return (boxes[:, 0] + boxes[:, 2]) / 2 < gutter.left


def _are_columns(sides: Sequence[Boxes], ends: Sequence[Edges], height: float, narrowest_heights: float) -> bool:
    """Whether lines fill the width that they have on each side, and no side is a column of figures.

    `ends` are the right edges of the rows of each side.
    """
    is_at_edge = [np.abs(rights - np.median(rights)) <= _SAME_EDGE_HEIGHTS * height for rights in ends]
    shares = [float(side.mean()) for side in is_at_edge]
    widths = [side[:, 2].max() - side[:, 0].min() for side in sides]
    if max(shares) >= _JUSTIFIED_SHARE and min(shares) < _RAGGED_SHARE:
        flush_width = widths[shares.index(max(shares))]
        if flush_width < _FIGURES_WIDTHS * narrowest_heights * height:
            return False
    filled = [(side[:, 2] - side[:, 0]).sum() / len(rights) for side, rights in zip(sides, ends, strict=True)]
    is_full = all(part >= _FILL_SHARE * width for part, width in zip(filled, widths, strict=True))
    return is_full and bool(min(widths) >= narrowest_heights * height)


def _find_ends(boxes: Boxes, height: float) -> Edges:
    """The right edge of each row, from the top."""
    boxes = boxes[np.argsort(_middles(boxes))]
    first = np.flatnonzero(np.diff(_middles(boxes), prepend=-np.inf) > _SAME_ROW_HEIGHTS * height)
    return np.maximum.reduceat(boxes[:, 2], first)


def _middles(boxes: Boxes) -> Edges:
    return (boxes[:, 1] + boxes[:, 3]) / 2


def _find_lines(image: Gray, letter_pixels: float) -> Boxes:
    """The boxes of letters and words that follow each other closely."""
    small, factor = shrink(image, round(max(image.shape) * _LETTER_PIXELS / letter_pixels))
    boxes = find_pieces(find_ink(small))[:, :4] / factor * _CELLS / letter_pixels
    is_tall = (boxes[:, 3] >= _LETTER_CELLS[0]) & (boxes[:, 3] <= _LETTER_CELLS[1])
    left, top, width, height = boxes[is_tall].astype(np.intp).T
    rows, columns = (round(side * _CELLS / letter_pixels) + 1 for side in image.shape)
    mask = np.zeros((rows, columns + _SPACE_CELLS), np.uint8)
    for x, y, across, down in zip(left, top, width, height, strict=True):
        mask[y + down // 4 : y + down - down // 4, x : x + across + _SPACE_CELLS] = 1
    x, y, across, down = find_pieces(mask)[:, :4].T
    return np.array([x, y - _CELLS / 4, x + across - _SPACE_CELLS, y + down + _CELLS / 4]).T
