"""Columns of short entries, such as the numbers of a list or the quantities of an invoice, read with their rows.

Tesseract's layout analysis takes them for noise or for upright text; read as one block, the page has them.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from statistics import median

import numpy as np
from numpy.typing import NDArray

from worker.engines.base import Token, evidence
from worker.ink import Letters
from worker.page import Box

_SURE, _LIKELY = 75.0, 55.0
"""Confidence from which a word covers its letters, and with which short ones beside wide gaps are read: rows taken for
upright text are below the one, signatures and rotated print read across below the other."""
_FEWEST_ROWS = 3
"""Entries above each other that make a column."""
_MOST_LETTERS, _MOST_LOST = 4, 300
"""Letters of a short entry, and those of a page without words from which it is no clean one."""
_SAME_EDGE_HEIGHTS, _SPACE_HEIGHTS, _ENTRY_HEIGHTS = 0.5, 1.0, 3.0
"""In heights of a letter: how far edges of a column lie apart, the room around an entry, and how far it reaches."""
_CELLS = 4
_LEAST_KEPT = 0.99
"""The share of the sure words that rows must have as well: those that run into each other have not."""
_SHARED = 0.5
"""The part of two boxes that they share where both are readings of one word."""

Span = tuple[float, float]
"""From one row of pixels to another."""
Boxes = NDArray[np.float32]
"""Left, top, width and height, of shape (boxes, 4)."""


def read_across(tokens: list[Token], letters: Letters, read_rows: Callable[[], list[Token]]) -> list[Token]:
    """The words, those beside a column that they lack as whole rows have them, where these lack nothing.

    `letters` are those of the picture that the words were read on.
    """
    span = _find_missed(letters, tokens, _SURE)
    if not span:
        return tokens
    words = _put_rows(_take_surer(read_rows(), tokens), tokens, span)
    is_whole = _share_kept(tokens, words) >= _LEAST_KEPT and not _find_missed(letters, words, _LIKELY)
    return words if is_whole and evidence(words) > evidence(tokens) else tokens


def _put_rows(rows: Sequence[Token], tokens: Sequence[Token], span: Span) -> list[Token]:
    """The tokens, what is within the span in the place of the first of it, as the rows have it.

    What stands side by side above or below, such as two addresses, keeps its order.
    """
    replaced, inside = _lines_within(tokens, span), _lines_within(rows, span)
    first = next((number for number, token in enumerate(tokens) if token.line in replaced), len(tokens))
    blocks = 1 + max((token.line[0] for token in tokens), default=0)
    return [
        *tokens[:first],
        *(replace(row, line=(blocks + row.line[0], *row.line[1:])) for row in rows if row.line in inside),
        *(token for token in tokens[first:] if token.line not in replaced),
    ]


def _lines_within(tokens: Sequence[Token], span: Span) -> set[tuple[int, int, int]]:
    middles = defaultdict(list)
    for token in tokens:
        middles[token.line].append((token.box[1] + token.box[3]) / 2)
    return {line for line, heights in middles.items() if span[0] <= median(heights) <= span[1]}


def _find_missed(letters: Letters, tokens: Sequence[Token], sure: float) -> Span | None:
    """From where to where short entries that no word covers which is as sure as that stand above each other."""
    is_covered = _are_covered(letters, [token.box for token in tokens if token.confidence >= sure])
    if not _FEWEST_ROWS <= np.count_nonzero(~is_covered) <= _MOST_LOST:
        return None
    lost, covered = letters.boxes[~is_covered], letters.boxes[is_covered]
    is_short = _count_beside(lost, lost, _ENTRY_HEIGHTS * letters.height) <= _MOST_LETTERS
    short = lost[is_short & (_count_beside(lost, covered, _SPACE_HEIGHTS * letters.height) == 0)]
    rows = np.rint((short[:, 1] + short[:, 3] / 2) / letters.height)
    slack = _SAME_EDGE_HEIGHTS * letters.height
    columns = [
        column
        for edges in (short[:, 0], short[:, 0] + short[:, 2])
        for column in np.abs(edges - edges[:, None]) <= slack
        if len(np.unique(rows[column])) >= _FEWEST_ROWS
    ]
    if not columns:
        return None
    entries = short[np.any(columns, axis=0)]
    return float(entries[:, 1].min() - slack), float((entries[:, 1] + entries[:, 3]).max() + slack)


def _are_covered(letters: Letters, boxes: Sequence[Box]) -> NDArray[np.bool_]:
    """Whether the middle of each letter is in one of the boxes, as far as cells of a quarter of its height tell."""
    cell_pixels = letters.height / _CELLS
    middles = ((letters.boxes[:, :2] + letters.boxes[:, 2:] / 2) / cell_pixels).astype(np.intp)
    mask = np.zeros(middles.max(axis=0) + 1, bool)
    for left, top, right, bottom in boxes:
        columns, rows = (
            slice(int(low / cell_pixels), int(high / cell_pixels) + 1) for low, high in ((left, right), (top, bottom))
        )
        mask[columns, rows] = True
    return mask[middles[:, 0], middles[:, 1]]


def _count_beside(boxes: Boxes, others: Boxes, most_pixels: float) -> NDArray[np.intp]:
    """How many of the others are in the row of each box, no further away than that; it is itself beside itself."""
    left, top, width, height = (boxes[:, column, None] for column in range(4))
    lefts, tops, widths, heights = others.T
    gap = np.maximum(left, lefts) - np.minimum(left + width, lefts + widths)
    is_row = np.abs(top + height / 2 - tops - heights / 2) < height / 2
    beside: NDArray[np.intp] = np.count_nonzero(is_row & (gap < most_pixels), axis=1)
    return beside


def _share_kept(tokens: Sequence[Token], rows: Sequence[Token]) -> float:
    """The share of sure words that are in the rows, at the same place."""
    sure = [token for token in tokens if token.confidence >= _SURE and len(token.text) > 1]
    places = _boxes(rows)
    kept = 0
    for token, box in zip(sure, _boxes(sure), strict=True):
        kept += any(rows[number].text == token.text for number in np.flatnonzero(_cover(places, box)).tolist())
    return kept / max(1, len(sure))


def _take_surer(words: Sequence[Token], others: Sequence[Token]) -> list[Token]:
    """The words, each as the one in its place among the others says where that is surer."""
    places = _boxes(others)
    taken = []
    for word, box in zip(words, _boxes(words), strict=True):
        same = (others[number] for number in np.flatnonzero(_is_same(places, box)).tolist())
        taken.append(replace(max([word, *same], key=lambda token: token.confidence), line=word.line))
    return taken


def _is_same(boxes: Boxes, box: Boxes) -> NDArray[np.bool_]:
    size = np.maximum(boxes[:, 2:], box[2:])
    shared = np.minimum(boxes[:, :2] + boxes[:, 2:], box[:2] + box[2:]) - np.maximum(boxes[:, :2], box[:2])
    is_same: NDArray[np.bool_] = np.all(shared >= _SHARED * size, axis=1)
    return is_same


def _cover(boxes: Boxes, box: Boxes) -> NDArray[np.bool_]:
    """Whether each of the boxes has the middle of the box in it."""
    middle = box[:2] + box[2:] / 2
    has_it: NDArray[np.bool_] = np.all((boxes[:, :2] <= middle) & (middle <= boxes[:, :2] + boxes[:, 2:]), axis=1)
    return has_it


def _boxes(tokens: Sequence[Token]) -> Boxes:
    edges = np.array([token.box for token in tokens], np.float32).reshape(-1, 4)
    return np.hstack([edges[:, :2], edges[:, 2:] - edges[:, :2]])
