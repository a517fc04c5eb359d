"""The engine that suits the page: Tesseract, and PP-OCR for what Tesseract reads badly."""

from collections.abc import Callable
from functools import cached_property

from worker.engines.base import Engine, Orientation, Token, evidence, mean_confidence
from worker.engines.merge import merge
from worker.languages import WITHOUT_LATIN
from worker.page import Gray

_SURE = 90.0
"""Mean confidence from which Tesseract's reading stands."""


class AutoEngine:
    """Reads again what came out unsure, where PP-OCR knows the script; that takes several times as long."""

    name = "auto"

    def __init__(self, first: Engine, second: str, open_second: Callable[[], Engine]) -> None:
        """`second` is the name and the version of the engine that is opened once a page asks for it."""
        self.first = first
        self._open_second = open_second
        self.version = f"{first.name} {first.version}, {second}"

    def recognize(self, image: Gray, languages: str, psm: int, dpi: int) -> list[Token]:
        return self.read_again(image, self.first.recognize(image, languages, psm, dpi), languages, psm, dpi)

    def read_again(self, image: Gray, tokens: list[Token], languages: str, psm: int, dpi: int) -> list[Token]:
        """What the first engine read, or where it was unsure and the second one knows more, what both say."""
        if not self.wants_again(tokens, languages):
            return tokens
        again = self._second.recognize(image, languages, psm, dpi)
        return tokens if evidence(tokens) >= evidence(again) else merge(again, tokens)

    def wants_again(self, tokens: list[Token], languages: str) -> bool:
        """Whether the second engine may know more of what was read."""
        is_unsure = bool(tokens) and mean_confidence(tokens) < _SURE
        return is_unsure and not WITHOUT_LATIN.intersection(languages.split("+"))

    def detect_orientation(self, image: Gray) -> Orientation | None:
        return self.first.detect_orientation(image)

    @cached_property
    def _second(self) -> Engine:
        return self._open_second()
