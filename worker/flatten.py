"""Flattening a page whose lines are curved or fan out, as photos of books and of sheets seen at an angle show them.

Letters are joined into lines, and one smooth surface of shifts is found that makes all of these level (Z. Zhang and
C. L. Tan, Correcting document image warping based on regression of curved text lines, 2003).
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.polynomial.polynomial import polyval2d, polyvander2d
from numpy.typing import NDArray

from worker.deskew import find_paper
from worker.ink import Letters
from worker.page import Box, Gray, Page, Points

_STRAIGHT, _CURVED = (1, 0), (4, 2)
"""Degrees of the polynomial of shifts, across and down the page."""
_LETTER_HEIGHTS = (0.5, 1.6)
_SPACE_HEIGHTS = 2.0
"""Room between two letters of a line, in heights of the page's letters."""
_OVERLAP_SHARE = 0.4
"""Of the lower of two letters of a line, how much is beside the other."""
_FEWEST_LETTERS_OF_A_LINE, _FEWEST_LETTERS, _FEWEST_LINES = 6, 100, 6
_MOST_LETTERS = 30_000
_BENT_HEIGHTS = 0.04
"""How far half of the letters are off their lines, or further, where it is worth flattening."""
_STRAIGHTER = 0.6
"""At most so much of that is left afterwards, or what bends the lines is no smooth surface."""
_STEEPEST = 0.4
"""By how much neighboring rows may come closer or part."""
_FITS, _FAR_HEIGHTS, _STIFFNESS = 5, 0.15, 1e-4
_MOST_ROUNDS, _CLOSE_PIXELS = 10, 0.05
_GRID_PIXELS, _BAND_PIXELS = 16, 256
_MAX_SIDE_PIXELS, _MOST_GROWTH = 32_000, 1.5
"""OpenCV moves pixels of no larger pictures; a sheet that grows further is no page seen at an angle."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bend:
    """Where pixels of a flat picture are in the bent one: `y + shift(x, y)` of the bent one is the flat one's row.

    The shift is a polynomial over the area where lines were found, and stays what it is at the edge outside of it;
    `weights` are those of powers of x and y, shape (4, 3). There is none of y alone, which would only part the lines.
    """

    weights: Floats
    area: Box

    def __call__(self, points: Points) -> Points:
        """From points of the flat picture to those of the bent one, both of shape (2, ...)."""
        xs, rows = points
        ys = rows
        for _ in range(_MOST_ROUNDS):
            before, ys = ys, rows - self.shift(xs, ys)
            if np.abs(ys - before).max(initial=0.0) < _CLOSE_PIXELS:
                break
        return np.array([xs, ys])

    def shift(self, xs: Floats, ys: Floats) -> Floats:
        across, down = _within(self.area, xs, ys)
        shifts: Floats = across * polyval2d(across, down, self.weights)
        return shifts


def flatten(page: Page, letters: Letters) -> Page:
    """The page with its columns of pixels moved up and down until lines are level; one that is flat stays as it is.

    The sheet grows by what is moved out of it.
    """
    bend = find_bend(letters)
    if bend is None:
        return page
    height, width = page.image.shape
    columns = np.arange(0.0, width)
    top = np.floor(bend.shift(columns, np.zeros(width)).min())
    bottom = np.ceil(height + bend.shift(columns, np.full(width, float(height))).max())
    if max(width, bottom - top) > _MAX_SIDE_PIXELS or bottom - top > _MOST_GROWTH * height:
        return page
    image = _unbend(page.image, bend, int(top), int(bottom))
    return page.warped(image, "deskew", np.array([[1.0, 0.0, 0.0], [0.0, 1.0, top], [0.0, 0.0, 1.0]]), bend)


def find_bend(letters: Letters) -> Bend | None:
    """What bends the lines of letters, unless they are straight, or do not follow one smooth surface."""
    points, starts = find_lines(letters)
    if len(points) < _FEWEST_LETTERS or len(starts) < _FEWEST_LINES:
        return None
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    area = float(left), float(top), float(right), float(bottom)
    _, bent = _fit(_STRAIGHT, area, points, starts, letters.height)
    if bent < _BENT_HEIGHTS * letters.height:
        return None
    weights, flat = _fit(_CURVED, area, points, starts, letters.height)
    bend = Bend(weights.reshape(_CURVED[0], -1), area)
    return bend if flat < _STRAIGHTER * bent and _steepness(bend) < _STEEPEST else None


def find_lines(letters: Letters) -> tuple[Floats, NDArray[np.intp]]:
    """The middle of the lower edge of letters, line by line, shape (n, 2), and where each line begins among them."""
    lowest, tallest = (letters.height * heights for heights in _LETTER_HEIGHTS)
    boxes = letters.boxes.astype(np.float64)
    boxes = boxes[(boxes[:, 3] >= lowest) & (boxes[:, 3] <= tallest)]
    none = np.empty((0, 2)), np.empty(0, np.intp)
    if not 0 < len(boxes) <= _MOST_LETTERS:
        return none
    boxes = boxes[np.argsort(boxes[:, 0], kind="stable")]
    line_of = np.arange(len(boxes))
    for number, before in enumerate(_find_left_neighbors(boxes, letters.height)):
        if before >= 0:
            line_of[number] = line_of[before]
    order = np.argsort(line_of, kind="stable")
    _, counts = np.unique(line_of[order], return_counts=True)
    order = order[np.repeat(counts >= _FEWEST_LETTERS_OF_A_LINE, counts)]
    counts = counts[counts >= _FEWEST_LETTERS_OF_A_LINE]
    if not len(order):
        return none
    left, top, width, height = boxes[order].T
    return np.array([left + width / 2, top + height]).T, np.concatenate([[0], np.cumsum(counts)[:-1]])


def _find_left_neighbors(boxes: Floats, letter_height: float) -> NDArray[np.intp]:
    """Of each letter the one before it in its line, -1 for the first; `boxes` are sorted by their left edge."""
    left, top, _, height = boxes.T
    row = (top + height / 2) // letter_height
    beyond = left[-1] + 1
    by_row = np.lexsort([left, row])
    places = row * beyond + left
    before = np.full(len(boxes), -1)
    nearest = np.full(len(boxes), np.inf)
    following = np.full(len(boxes), -1)
    for offset in (-1, 0, 1):
        found = np.searchsorted(places[by_row], (row + offset) * beyond + left, side="right")
        for further in (0, 1):
            other = by_row[np.minimum(found + further, len(boxes) - 1)]
            distance = _distance(boxes, boxes[other], letter_height)
            is_nearer = (distance < nearest) & (left[other] > left)
            following[is_nearer], nearest[is_nearer] = other[is_nearer], distance[is_nearer]
    for number in np.argsort(-nearest):
        if following[number] >= 0:
            before[following[number]] = number
    return before


def _distance(boxes: Floats, others: Floats, letter_height: float) -> Floats:
    """How far each letter's right neighbor is, infinite for what is no such neighbor."""
    left, top, width, height = boxes.T
    other_left, other_top, _, other_height = others.T
    gap = other_left - left - width
    beside = np.minimum(top + height, other_top + other_height) - np.maximum(top, other_top)
    is_neighbor = (gap > -letter_height / 2) & (gap < _SPACE_HEIGHTS * letter_height)
    is_neighbor &= beside > _OVERLAP_SHARE * np.minimum(height, other_height)
    distance = np.maximum(gap, 0) + np.abs(other_top + other_height / 2 - top - height / 2)
    return np.where(is_neighbor, distance, np.inf)


def _fit(
    degrees: tuple[int, int],
    area: Box,
    points: Floats,
    starts: NDArray[np.intp],
    letter_height: float,
) -> tuple[Floats, float]:
    """The weights of the terms that make lines level, and how many pixels half of the letters then are off.

    What is far off counts little, for letters have descenders (P. W. Holland and R. E. Welsch, Robust regression using
    iteratively reweighted least-squares, 1977).
    """
    counts = np.diff([*starts, len(points)])
    terms: Floats = polyvander2d(*_within(area, *points.T), degrees)[:, degrees[1] + 1 :].T.astype(np.float64)
    trust = np.ones(len(points))
    weights: Floats = np.zeros(len(terms))
    rests: Floats = points[:, 1]

    def off_line(values: Floats) -> Floats:
        means = np.add.reduceat(trust * values, starts, axis=-1) / np.add.reduceat(trust, starts)
        differences: Floats = values - np.repeat(means, counts, axis=-1)
        return differences

    for _ in range(_FITS):
        sides, heights = off_line(terms), off_line(points[:, 1])
        stiffness = _STIFFNESS * len(points) * np.eye(len(terms))
        solved = np.linalg.solve((sides * trust) @ sides.T + stiffness, (sides * trust) @ -heights)
        weights = solved.astype(np.float64)
        rests = heights + weights @ sides
        trust = 1 / np.maximum(1, np.abs(rests) / (_FAR_HEIGHTS * letter_height)) ** 2
    return weights, float(np.median(np.abs(rests)))


def _within(area: Box, xs: Floats, ys: Floats) -> tuple[Floats, Floats]:
    """The coordinates from -1 to 1 within the area, and those of its edge outside."""
    left, top, right, bottom = area
    across = (2 * np.clip(xs, left, right) - left - right) / max(right - left, 1.0)
    down = (2 * np.clip(ys, top, bottom) - top - bottom) / max(bottom - top, 1.0)
    return across, down


def _steepness(bend: Bend) -> float:
    left, top, right, bottom = bend.area
    ys = np.linspace(top, bottom, 33)
    shifts = bend.shift(*np.meshgrid(np.linspace(left, right, 33), ys))
    return float(np.abs(np.diff(shifts, axis=0)).max() / max(ys[1] - ys[0], 1e-6))


def _unbend(image: Gray, bend: Bend, top: int, bottom: int) -> Gray:
    """Rows of the flat picture, a band after the other, for the maps are eight times as large as what they map."""
    width, paper = image.shape[1], find_paper(image)
    flat = np.empty((bottom - top, width), np.uint8)
    across = np.broadcast_to(np.arange(width, dtype=np.float32), (_BAND_PIXELS, width)).copy()
    knots = _knots(width)
    for first in range(0, len(flat), _BAND_PIXELS):
        rows = min(_BAND_PIXELS, len(flat) - first)
        levels = top + first + _knots(rows)
        _, ys = bend(np.array(np.meshgrid(knots, levels)))
        size = (len(knots) * _GRID_PIXELS, len(levels) * _GRID_PIXELS)
        down = cv2.resize(ys.astype(np.float32) - np.float32(0.5), size)
        down = down[_GRID_PIXELS : _GRID_PIXELS + rows, _GRID_PIXELS : _GRID_PIXELS + width]
        flat[first : first + rows] = cv2.remap(image, across[:rows], down, cv2.INTER_LINEAR, borderValue=paper)
    return flat


def _knots(pixels: int) -> Floats:
    """The middles of the meshes of a grid over so many pixels, and of one more at both ends."""
    meshes = -(-pixels // _GRID_PIXELS)
    return (np.arange(-1, meshes + 1).astype(np.float64) + 0.5) * _GRID_PIXELS
