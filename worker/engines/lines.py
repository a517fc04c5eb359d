"""Words of a page's segments, from what a network says of several of them at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np

from worker.engines.base import Token
from worker.engines.lstm.decode import Characters, decode
from worker.engines.lstm.network import LINE_PIXELS, POOL_PIXELS, LineNetwork
from worker.engines.lstm.picture import picture_line
from worker.engines.segments import Edges, Segment
from worker.page import Gray, around

_SURE = 0.75
"""A segment with a character below this is in doubt."""
_MOST_TOGETHER = 4
"""Lines computed at a time: more do not stay in the processor's cache."""
_LIKE_LENGTH = 0.8
"""The share of the longest line's length that those computed with it have: all of them take as long."""
_MOST_STEPS = 2_000
"""Five times a page's line; longer ones take memory that a reader may not have, and are in doubt."""
_CERTAINTIES = (0.0, 0.42, 0.49, 0.57, 0.69, 0.8, 0.85, 0.905, 0.93, 0.95, 0.98, 0.99, 0.998, 1.0)
_SHARES_RIGHT = (5.0, 12.0, 30.0, 42.0, 53.0, 62.0, 75.0, 80.5, 87.0, 91.0, 93.6, 95.5, 98.7, 99.0)
"""Measured on 24,000 words of pages, forms, receipts and photos."""


@dataclass(frozen=True, slots=True)
class _Word:
    """Characters from step `start` to `end`: the first until `first_end`, the last from `last_start`."""

    text: str
    certainty: float
    start: float
    first_end: float
    last_start: float
    end: float


def read_segments(image: Gray, segments: list[Segment], network: LineNetwork) -> list[list[Token] | None]:
    """The words of each segment, none where nothing is written, and nothing at all where it is in doubt."""
    readings: list[list[Token] | None] = [None] * len(segments)
    for batch in _batches(segments):
        cuts = [image[top:bottom, left:right] for left, top, right, bottom in (segments[n].box for n in batch)]
        for number, found in zip(batch, network.run([picture_line(cut) for cut in cuts]), strict=True):
            characters = decode(found, network.model)
            if characters.certainty >= _SURE:
                words = _part(characters)
                readings[number] = _place(words, segments[number]) if words else []
    return readings


def _batches(segments: list[Segment]) -> Iterator[list[int]]:
    """The numbers of segments that are read together: few, and of like length; those that are too long are left out."""
    steps = [segment.width / segment.height * LINE_PIXELS / POOL_PIXELS for segment in segments]
    batch: list[int] = []
    for number in sorted(range(len(segments)), key=lambda number: -steps[number]):
        if steps[number] > _MOST_STEPS:
            continue
        if len(batch) == _MOST_TOGETHER or (batch and steps[number] < _LIKE_LENGTH * steps[batch[0]]):
            yield batch
            batch = []
        batch.append(number)
    if batch:
        yield batch


def _part(characters: Characters) -> list[_Word]:
    """The words between spaces; how sure a word is depends on the space before it as well."""
    spaces = [number for number, text in enumerate(characters.texts) if text == " "]
    return [
        _Word(
            text="".join(characters.texts[first + 1 : last]),
            certainty=float(characters.certainties[max(first, 0) : last].min()),
            start=float(characters.starts[first + 1]),
            first_end=float(characters.ends[first + 1]),
            last_start=float(characters.starts[last - 1]),
            end=float(characters.ends[last - 1]),
        )
        for first, last in pairwise([-1, *spaces, len(characters.texts)])
        if last > first + 1
    ]


def _place(words: list[_Word], segment: Segment) -> list[Token]:
    """Each word in the box of its letters, else where its steps are, as high as the segment."""
    left, top, right, bottom = segment.box
    step_pixels = POOL_PIXELS * (bottom - top) / LINE_PIXELS
    letters = sorted(segment.letters)
    spaces = [
        _find_space(letters, left + before.last_start * step_pixels, left + after.first_end * step_pixels)
        for before, after in pairwise(words)
    ]
    tokens = []
    for word, (low, high) in zip(words, pairwise([-np.inf, *spaces, np.inf]), strict=True):
        own = [letter for letter in letters if low <= _middle(letter) < high]
        steps = (left + word.start * step_pixels, float(top), left + word.end * step_pixels, float(bottom))
        box = around(own) if own else (*steps[:2], min(float(right), steps[2]), steps[3])
        confidence = float(np.interp(word.certainty, _CERTAINTIES, _SHARES_RIGHT))
        tokens.append(Token(word.text, box, confidence, segment.line))
    return tokens


def _find_space(letters: list[Edges], low: float, high: float) -> float:
    """The middle of the widest gap between `low` and `high`: a letter such as a Cyrillic yeru has gaps of its own.

    Steps are too coarse to tell a gap inside a letter from the space beside it.
    """
    ends = accumulate((letter[2] for letter in letters), max)
    gaps = [(after[0] - end, (after[0] + end) / 2) for end, after in zip(ends, letters[1:], strict=False)]
    return max((gap for gap in gaps if low <= gap[1] < high), default=(0.0, (low + high) / 2))[1]


def _middle(letter: Edges) -> float:
    return (letter[0] + letter[2]) / 2
