"""Where the words of a line stand, when an engine knows only about where."""

from dataclasses import dataclass

import numpy as np

from worker.page import Box


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


def place_words(line: Line) -> list[tuple[str, Box]]:
    """The words between the spaces of the text, each with its box: the estimated one, or its share of the line."""
    words = line.text.split()
    if len(line.rough) == len(words):
        return list(zip(words, line.rough, strict=True))
    left, top, right, bottom = line.box
    ends = np.cumsum([len(word) + 1 for word in words])
    starts = np.concatenate([[0], ends[:-1]])
    width = (right - left) / (ends[-1] - 1)
    return [
        (word, (left + width * float(start), top, left + width * float(end - 1), bottom))
        for word, start, end in zip(words, starts, ends, strict=True)
    ]
