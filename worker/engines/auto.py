"""The engine that suits the page: Tesseract, and PP-OCR for what Tesseract reads badly."""

import time
from collections.abc import Callable
from functools import cached_property

from worker.engines.base import Engine, Orientation, Token, evidence, mean_confidence
from worker.engines.merge import merge
from worker.languages import WITHOUT_LATIN
from worker.page import Gray

_SURE = 90.0
"""Mean confidence from which Tesseract's reading stands."""
_MOST_SECONDS = 10.0
"""What takes Tesseract longer would take PP-OCR longer than a page may take."""


class AutoEngine:
    """Reads again what came out unsure, where PP-OCR knows the script; that takes several times as long."""

    name = "auto"

    def __init__(self, first: Engine, second: str, open_second: Callable[[], Engine]) -> None:
        """`second` is the name and the version of the engine that is opened once a page asks for it."""
        self.first = first
        self._open_second = open_second
        self.version = f"{first.name} {first.version}, {second}"

    def recognize(self, image: Gray, languages: str, psm: int, dpi: int) -> list[Token]:
        started = time.perf_counter()
        tokens = self.first.recognize(image, languages, psm, dpi)
        if not tokens or mean_confidence(tokens) >= _SURE or WITHOUT_LATIN.intersection(languages.split("+")):
            return tokens
        if time.perf_counter() - started > _MOST_SECONDS:
            return tokens
        again = self._second.recognize(image, languages, psm, dpi)
        return tokens if evidence(tokens) >= evidence(again) else merge(again, tokens)

    def detect_orientation(self, image: Gray) -> Orientation | None:
        return self.first.detect_orientation(image)

    @cached_property
    def _second(self) -> Engine:
        return self._open_second()
