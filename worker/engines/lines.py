"""Words of a page's segments, from what a network says of several of them at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from worker.engines.base import Token
from worker.engines.lstm.decode import Characters, decode
from worker.engines.lstm.network import LINE_PIXELS, POOL_PIXELS, LineNetwork
from worker.engines.lstm.picture import picture_line
from worker.engines.segments import Edges, Segment
from worker.page import Box, Gray

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
    """Characters from step `start` to `end`; its letters are between `left` and `right`, also in steps."""

    text: str
    certainty: float
    start: float
    end: float
    left: float
    right: float


def read_segments(image: Gray, segments: list[Segment], network: LineNetwork) -> list[list[Token] | None]:
    """The words of each segment, none where nothing is written, and nothing at all where it is in doubt."""
    readings: list[list[Token] | None] = [None] * len(segments)
    for batch in _batches(segments):
        cuts = [image[top:bottom, left:right] for left, top, right, bottom in (segments[n].box for n in batch)]
        for number, found in zip(batch, network.run([picture_line(cut) for cut in cuts]), strict=True):
            characters = decode(found, network.model)
            if characters.certainty >= _SURE:
                readings[number] = [_place(word, segments[number]) for word in _part(characters)]
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
    middles = [(characters.starts[number] + characters.ends[number]) / 2 for number in spaces]
    edges = [-np.inf, *middles, np.inf]
    return [
        _Word(
            text="".join(characters.texts[first + 1 : last]),
            certainty=float(characters.certainties[max(first, 0) : last].min()),
            start=float(characters.starts[first + 1]),
            end=float(characters.ends[last - 1]),
            left=float(left),
            right=float(right),
        )
        for (first, last), (left, right) in zip(
            pairwise([-1, *spaces, len(characters.texts)]), pairwise(edges), strict=True
        )
        if last > first + 1
    ]


def _place(word: _Word, segment: Segment) -> Token:
    """The word in the box of its letters, else where its steps are, as high as the segment."""
    left, top, right, bottom = segment.box
    step_pixels = POOL_PIXELS * (bottom - top) / LINE_PIXELS
    low, high = left + word.left * step_pixels, left + word.right * step_pixels
    letters = [letter for letter in segment.letters if low <= (letter[0] + letter[2]) / 2 < high]
    steps = (
        left + word.start * step_pixels,
        float(top),
        min(float(right), left + word.end * step_pixels),
        float(bottom),
    )
    confidence = float(np.interp(word.certainty, _CERTAINTIES, _SHARES_RIGHT))
    return Token(word.text, _around(letters) if letters else steps, confidence, segment.line)


def _around(letters: list[Edges]) -> Box:
    lefts, tops, rights, bottoms = zip(*letters, strict=True)
    return (min(lefts), min(tops), max(rights), max(bottoms))
