"""What the pipeline asks of an engine, whichever library does the work."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from worker.page import Box, Gray

_EVEN = 50
"""The confidence at which a word is as likely right as wrong."""


@dataclass(frozen=True, slots=True)
class Token:
    """A recognized word.

    `box` is in pixels of the picture handed over, `confidence` runs from 0 to 100, and `line` is what the word
    belongs to: its block, paragraph and line.
    """

    text: str
    box: Box
    confidence: float
    line: tuple[int, int, int]


def mean_confidence(tokens: list[Token]) -> float:
    """The mean over all characters, 0 without any."""
    return mean_over_characters((token.text, token.confidence) for token in tokens)


def mean_over_characters(read: Iterable[tuple[str, float]]) -> float:
    """The mean confidence of texts, each of which counts as many times as it has characters; 0 without any."""
    pairs = list(read)
    characters = sum(len(text) for text, _ in pairs)
    return sum(confidence * len(text) for text, confidence in pairs) / max(1, characters)


def evidence(tokens: list[Token]) -> float:
    """How much was read: characters, those rather wrong than right counted against the others."""
    return sum((token.confidence - _EVEN) * len(token.text) for token in tokens)


@dataclass(frozen=True, slots=True)
class Orientation:
    """How the text of a picture stands.

    `rotation` is the clockwise turn in degrees that makes it upright: 0, 90, 180 or 270; `confidence` is
    Tesseract's, where 15 is sure; `script` is a name such as `Latin` or `Cyrillic`.
    """

    rotation: int
    confidence: float
    script: str
    script_confidence: float


class Engine(Protocol):
    """An engine that belongs to one process and is used by one thread at a time."""

    name: str
    version: str

    def recognize(self, image: Gray, languages: str, psm: int, dpi: int) -> list[Token]:
        """Words of the picture in reading order.

        Raises:
            OcrError: `engine_error` or `language_not_installed`.
        """
        ...

    def detect_orientation(self, image: Gray) -> Orientation | None:
        """How the picture's text stands, or nothing where there is too little of it to tell."""
        ...
