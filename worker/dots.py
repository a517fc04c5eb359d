"""Rows of dots that lead the eye from a heading to its page number, or ask to be written on."""

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.quantile import quantile

_LARGEST_PIXELS = 12
"""Of a dot in a picture as letters are looked for in: a quarter of a letter of 48 pixels."""
_FEWEST, _MOST_ROWS = 10, 500
"""Dots of a row, for an ellipsis has three, or six; and rows of a page, for a halftone has thousands."""
_SOLID_SHARE, _ROUND_RATIO = 0.5, 2.0
"""The least part of its box that a dot fills, and how many times its box is longer than wide at most."""
_REACH_SIDES = 16
"""How far apart neighbors are at most, in sides of a dot."""
_CELLS = 2
"""Cells of the map of dots to the side of a dot."""
_DOTS_SHARE, _LARGER_SHARE = 0.2, 0.3
"""Of what is in a row with dots so many are dots, or more, and these are larger than others by this part of their side
at most, or by a pixel."""
_MOST_HEIGHTS = 0.5
"""The side of a dot in heights of half of what is taller, at most."""
_CROOKED_SIDES = 1.0
"""How far dots are off the line through their row at most, together."""
_BARE_SIDES, _CROWDED_SHARE = 4.0, 0.3
"""Beside a row there are so few dots within this; a halftone has as many in the next one."""
_GAP_STEPS, _ODD_STEPS = 3.5, 0.25
"""How far apart two parts of a row are, and by how much a step of an even row differs from its middle one at most, or
by a pixel, in such steps."""
_EVEN_SHARE = 0.8
"""Steps of a row that are even; feet of broken letters and dirt stand at odd places."""
_LEAST_STEP_SIDES = 1.4
"""Letters stand closer, however even."""
_TALLEST_SIDES = 16.0
"""The height of what may stand between dots, in sides of one: taller is a frame around them."""

Pieces = NDArray[np.intp]
"""Connected ink: left, top, width, height and area of each piece, shape (n, 5)."""
Row = NDArray[np.intp]
"""Numbers of pieces, from left to right, shape (n,)."""


def find_dotted_rows(pieces: Pieces) -> list[Row]:
    """The rows of ten and more dots at even steps, with nothing between them but paper."""
    width, height, area = pieces[:, 2:5].T
    is_dot = np.maximum(width, height) <= np.minimum(_ROUND_RATIO * np.minimum(width, height), _LARGEST_PIXELS)
    dots = np.flatnonzero(is_dot & (area >= _SOLID_SHARE * width * height) & (area >= _CELLS**2))
    if len(dots) < _FEWEST:
        return []
    rows = [part for row in _join(dots, pieces) for part in _split(row, pieces) if len(part) >= _FEWEST]
    if len(rows) > _MOST_ROWS:
        return []
    rows = [bare for row in rows for bare in _part(row, pieces) if len(bare) >= _FEWEST and _is_dotted(pieces[bare])]
    return [row for row in rows if _is_small(pieces[row], height) and not _is_crowded(pieces[row], pieces[dots])]


def _join(dots: Row, pieces: Pieces) -> list[Row]:
    """What is side by side, at about one height."""
    boxes = pieces[dots, :4]
    cell = np.median(boxes[:, 2:]) / _CELLS
    columns, lines = ((boxes[:, :2] + boxes[:, 2:] / 2) / cell).astype(np.intp).T
    places = np.zeros((lines.max() + 1, columns.max() + 1), dtype=np.uint8)
    places[lines, columns] = 1
    near = cv2.dilate(places, np.ones((3, _REACH_SIDES * _CELLS | 1), dtype=np.uint8))
    count, labels = cv2.connectedComponents(near, connectivity=4)
    names = labels[lines, columns]
    order = np.lexsort((columns, names))
    ends = np.cumsum(np.bincount(names, minlength=count))[:-1]
    return [row for row in np.split(dots[order], ends) if len(row) >= _FEWEST]


def _split(row: Row, pieces: Pieces) -> list[Row]:
    """The parts of a row between gaps, where there may be words, without what is larger than its dots."""
    sides = pieces[row, 2:4].max(axis=1)
    side = quantile(sides, _DOTS_SHARE)
    row = row[sides <= side + max(1.0, _LARGER_SHARE * side)]
    steps = _steps(pieces[row])
    return np.split(row, np.flatnonzero(steps > _GAP_STEPS * np.median(steps)) + 1)


def _part(row: Row, pieces: Pieces) -> list[Row]:
    """The parts of a row between which something taller than its dots stands, such as figures with decimal points."""
    dots, side = pieces[row], np.median(pieces[row, 2:4])
    is_tall = pieces[:, 3] > side + max(1.0, _LARGER_SHARE * side)
    others = pieces[is_tall & (pieces[:, 3] <= _TALLEST_SIDES * side)]
    places = np.searchsorted(_middles(dots), _middles(others))
    is_within = (places > 0) & (places < len(row))
    others, places = others[is_within], places[is_within]
    before = dots[places - 1]
    is_beside = (others[:, 1] < before[:, 1] + before[:, 3]) & (others[:, 1] + others[:, 3] > before[:, 1] - side)
    return np.split(row, np.unique(places[is_beside]))


def _is_dotted(dots: Pieces) -> bool:
    """Whether these stand in one straight row at even steps."""
    steps = _steps(dots)
    side, step = np.median(dots[:, 2:4]), np.median(steps)
    if step < _LEAST_STEP_SIDES * side:
        return False
    is_even = np.abs(steps - step) <= max(1.0, _ODD_STEPS * step)
    return bool(np.ptp(_rise(dots, dots)) <= _CROOKED_SIDES * side and is_even.mean() >= _EVEN_SHARE)


def _is_small(row: Pieces, heights: NDArray[np.intp]) -> bool:
    """Whether its dots are no letters, which are as tall as what else is taller than a dot."""
    side = float(np.median(row[:, 2:4]))
    taller = heights[heights > side + max(1.0, _LARGER_SHARE * side)]
    return side <= _MOST_HEIGHTS * quantile(taller, 0.5) if len(taller) else False


def _is_crowded(row: Pieces, dots: Pieces) -> bool:
    dots = dots[(dots[:, 0] >= row[0, 0]) & (dots[:, 0] <= row[-1, 0])]
    is_beside = np.abs(_rise(dots, row)) <= _BARE_SIDES * np.median(row[:, 2:4])
    return bool(np.count_nonzero(is_beside) > (1 + _CROWDED_SHARE) * len(row))


def _rise(dots: Pieces, row: Pieces) -> NDArray[np.float64]:
    """How far dots are below the line on which a row stands."""
    line = np.polyfit(row[:, 0], row[:, 1] + row[:, 3], 1)
    return dots[:, 1] + dots[:, 3] - np.polyval(line, dots[:, 0])


def _steps(dots: Pieces) -> NDArray[np.float64]:
    return np.diff(_middles(dots))


def _middles(pieces: Pieces) -> NDArray[np.float64]:
    middles: NDArray[np.float64] = pieces[:, 0] + pieces[:, 2] / 2
    return middles
