"""Where the words of a line stand, when an engine knows only about where."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from worker.page import Box, Gray

_RULE_SHARE = 0.8
"""A row of a line's box so full of ink is a rule of a table."""
_REACH_HEIGHTS = 0.6
"""How far a gap may be from where it is expected, in heights of the line."""
_DISTANCE_WEIGHT = 0.3
"""Pixels of a gap's width that a pixel further from there outweighs."""


@dataclass(frozen=True, slots=True)
class Line:
    """A recognized line; `rough` holds estimated boxes of its words, not always as many as it has."""

    box: Box
    text: str
    confidence: float
    rough: list[Box]

    @property
    def height(self) -> float:
        return self.box[3] - self.box[1]

    @property
    def middle(self) -> float:
        return (self.box[1] + self.box[3]) / 2


def place_words(line: Line, ink: Gray) -> list[tuple[str, Box]]:
    """The words between the spaces of the text, each with the box of its ink, which gaps part from its neighbors'.

    `ink` is the mask of the whole picture, see `worker.ink.find_ink`.
    """
    words = line.text.split()
    estimates = _estimate(line, words)
    left, top, right, bottom = (max(0, round(edge)) for edge in line.box)
    inked = ink[top:bottom, left:right] > 0
    inked &= inked.mean(axis=1, keepdims=True) <= _RULE_SHARE
    spans = [(x0 - left, x1 - left) for x0, _, x1, _ in estimates]
    cuts = _find_cuts(np.logical_or.reduce(inked, axis=0), spans, line.height)
    return [
        (word, _tighten(inked[:, start:end], left + start, top) or estimate)
        for word, estimate, (start, end) in zip(words, estimates, pairwise(cuts), strict=True)
    ]


def _estimate(line: Line, words: list[str]) -> list[Box]:
    """The engine's boxes, or each word's share of the line."""
    if len(line.rough) == len(words):
        return line.rough
    left, top, right, bottom = line.box
    ends = np.cumsum([len(word) + 1 for word in words])
    starts = np.concatenate([[0], ends[:-1]])
    width = (right - left) / (ends[-1] - 1)
    return [
        (left + width * float(start), top, left + width * float(end - 1), bottom)
        for start, end in zip(starts, ends, strict=True)
    ]


def _find_cuts(columns: NDArray[np.bool_], spans: list[tuple[float, float]], line_height: float) -> list[int]:
    """The columns at which words begin and end: the middles of wide gaps near those expected between the spans."""
    gaps = np.flatnonzero(np.diff(np.concatenate([[True], columns, [True]]))).reshape(-1, 2)
    middles, widths = gaps.mean(axis=1), gaps[:, 1] - gaps[:, 0]
    cuts = [0]
    for (_, end), (start, _) in pairwise(spans):
        expected = (end + start) / 2
        distances = np.abs(middles - expected)
        is_near = (distances <= _REACH_HEIGHTS * line_height) & (middles > cuts[-1])
        if is_near.any():
            best = np.argmax(np.where(is_near, widths - _DISTANCE_WEIGHT * distances, -np.inf))
            expected = middles[best]
        cuts.append(int(np.clip(round(expected), cuts[-1], len(columns))))
    return [*cuts, len(columns)]


def _tighten(inked: NDArray[np.bool_], left: int, top: int) -> Box | None:
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    if not len(rows):
        return None
    return (left + float(columns[0]), top + float(rows[0]), left + float(columns[-1]) + 1, top + float(rows[-1]) + 1)
