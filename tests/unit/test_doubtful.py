"""Lines that came out badly, read again."""

import numpy as np
import pytest

from worker.doubtful import read_doubtful
from worker.engines.base import Token
from worker.page import Gray

_IMAGE = np.full((200, 400), 255, np.uint8)


def line(number: int, *words: str, confidence: float) -> list[Token]:
    top = 50.0 * number
    return [
        Token(word, (60.0 * n, top, 60.0 * n + 50, top + 20), confidence, (1, 1, number))
        for n, word in enumerate(words)
    ]


class Reader:
    """Says the same of every picture."""

    def __init__(self, text: str, confidence: float) -> None:
        self._token = Token(text, (20, 20, 60, 30), confidence, (0, 0, 0))
        self.count = 0

    def __call__(self, _: Gray) -> list[Token]:
        self.count += 1
        return [self._token]


def test_a_doubtful_line_is_what_the_reader_says_that_finds_most() -> None:
    # Given
    sure, doubtful = line(1, "Total", "due", confidence=97), line(2, "NocTaBuuuk:", confidence=20)
    readers = [Reader("Noctabuk:", 60), Reader("Поставщик:", 98)]
    # When
    tokens = read_doubtful(_IMAGE, 20.0, [*sure, *doubtful], readers)
    # Then
    assert [(token.text, token.line) for token in tokens] == [
        ("Total", (1, 1, 1)),
        ("due", (1, 1, 1)),
        ("Поставщик:", (1, 1, 2)),
    ]
    assert [reader.count for reader in readers] == [1, 1]


@pytest.mark.parametrize(("words", "confidence"), [(("Total",), 60.0), (("::",), 20.0)], ids=["sure", "short"])
def test_other_lines_are_not_read_again(words: tuple[str, ...], confidence: float) -> None:
    # Given
    tokens, reader = line(1, *words, confidence=confidence), Reader("other", 99)
    # When / Then
    assert read_doubtful(_IMAGE, 20.0, tokens, [reader]) == tokens
    assert reader.count == 0


@pytest.mark.parametrize("found", [[], [Token("To", (20, 20, 60, 30), 30, (0, 0, 0))]], ids=["nothing", "less sure"])
def test_a_doubtful_line_stays_where_no_reader_is_surer(found: list[Token]) -> None:
    # Given
    tokens = line(1, "Tota1", confidence=20)
    # When / Then
    assert read_doubtful(_IMAGE, 20.0, tokens, [lambda _: found]) == tokens
