"""Words of a page's segments, from what a network says of all of them at once."""

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
_BATCH_STEPS = 24_000
"""As many as an A4 page has; they take some 50 MB."""
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
    readings: dict[int, list[Token] | None] = {}
    for batch in _batches(segments):
        cuts = [image[top:bottom, left:right] for left, top, right, bottom in (segments[n].box for n in batch)]
        for number, found in zip(batch, network.run([picture_line(cut) for cut in cuts]), strict=True):
            characters = decode(found, network.model)
            words = None if characters.certainty < _SURE else _part(characters)
            readings[number] = None if words is None else [_place(word, segments[number]) for word in words]
    return [readings[number] for number in range(len(segments))]


def _batches(segments: list[Segment]) -> Iterator[list[int]]:
    """The numbers of segments that are read together: those of like length, and no more than memory has room for."""
    steps = [segment.width / segment.height * LINE_PIXELS / POOL_PIXELS for segment in segments]
    batch: list[int] = []
    for number in sorted(range(len(segments)), key=lambda number: -steps[number]):
        batch.append(number)
        if sum(steps[each] for each in batch) >= _BATCH_STEPS:
            yield batch
            batch = []
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
