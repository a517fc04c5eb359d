"""Rows with short entries that stand in columns of their own."""

import numpy as np
import pytest

from worker.across import read_across
from worker.engines.base import Token
from worker.ink import Letters

_HEIGHT = 20
_ROWS = 4
_NUMBERS, _TEXT = 20, 80
"""Left edges of the numbers of a list and of what stands beside them."""


def place(text: str, left: int, row: int, confidence: float = 95.0) -> Token:
    """A word whose letters are 12 pixels wide, in rows of 40 pixels."""
    return Token(text, (left, 40 * row, left + 12 * len(text), 40 * row + _HEIGHT), confidence, (1, 1, row))


def letters_of(tokens: list[Token]) -> Letters:
    boxes = [
        (box[0] + 12 * number, box[1], 10, _HEIGHT) for _, box, text in parts(tokens) for number in range(len(text))
    ]
    return Letters(_HEIGHT, _HEIGHT, np.array(boxes, np.float32), np.empty((0, 4), np.float32))


def parts(tokens: list[Token]) -> list[tuple[float, tuple[float, float, float, float], str]]:
    return [(token.confidence, token.box, token.text) for token in tokens]


def number(confidence: float = 95.0) -> list[Token]:
    return [place(f"{row}.", _NUMBERS, row, confidence) for row in range(_ROWS)]


def text(confidence: float = 95.0) -> list[Token]:
    return [place("entry", _TEXT, row, confidence) for row in range(_ROWS)]


def read(tokens: list[Token], rows: list[Token], shown: list[Token] | None = None) -> list[str]:
    """The words of a page that shows a numbered list, unless told otherwise, after a look at its rows."""
    return [token.text for token in read_across(tokens, letters_of(shown or number() + text()), lambda: rows)]


def in_rows(tokens: list[Token]) -> list[Token]:
    return sorted(tokens, key=lambda token: (token.box[1], token.box[0]))


def test_numbers_that_were_passed_over_are_read_with_their_rows() -> None:
    # When
    words = read(text(), in_rows(number() + text()))
    # Then
    assert words == ["0.", "entry", "1.", "entry", "2.", "entry", "3.", "entry"]


def test_upright_text_made_of_numbers_gives_way_to_them() -> None:
    # Given
    upright = Token("WN", (_NUMBERS, 0, _NUMBERS + 24, 140), 50.0, (1, 1, 9))
    # When
    words = read([upright, *text()], in_rows(number() + text()))
    # Then
    assert "WN" not in words
    assert "3." in words


def test_words_that_were_surer_by_themselves_stay() -> None:
    # Given
    misread = [place("cntry", _TEXT, row, 60.0) for row in range(_ROWS)]
    # When
    words = read(text(), in_rows(number() + misread))
    # Then
    assert words == ["0.", "entry", "1.", "entry", "2.", "entry", "3.", "entry"]


def test_what_stands_side_by_side_keeps_its_order_beside_the_rows() -> None:
    # Given a list above two addresses, one after the other
    seller, buyer = (
        [place(name, left, row) for row in (_ROWS + 2, _ROWS + 3)] for name, left in (("seller", 20), ("buyer", 200))
    )
    tokens = [*text(), *seller, *buyer]
    # When
    words = read(tokens, in_rows([*tokens, *number()]), [*tokens, *number()])
    # Then
    assert words[: 2 * _ROWS] == ["0.", "entry", "1.", "entry", "2.", "entry", "3.", "entry"]
    assert words[2 * _ROWS :] == ["seller", "seller", "buyer", "buyer"]


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(in_rows(number(40.0) + text()), id="the column is unsure"),
        pytest.param(in_rows(number() + text()[1:]), id="a word is missing"),
        pytest.param([], id="the page has columns of print"),
    ],
)
def test_rows_that_are_no_better_are_not_taken(rows: list[Token]) -> None:
    # When
    words = read(text(), rows)
    # Then
    assert words == ["entry"] * _ROWS


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(text(), id="nothing"),
        pytest.param(number()[:2] + text(), id="two entries"),
        pytest.param([place(f"{row}.", _NUMBERS + 30 * row, row) for row in range(_ROWS)] + text(), id="no column"),
        pytest.param([place("longer", _NUMBERS - 20, row) for row in range(_ROWS)] + text(), id="long entries"),
        pytest.param([place("s", _TEXT + 62, row) for row in range(_ROWS)] + text(), id="ends of words"),
    ],
)
def test_rows_are_looked_at_where_short_entries_are_missing_alone(shown: list[Token]) -> None:
    # Given
    def refuse() -> list[Token]:
        raise AssertionError

    # When
    tokens = read_across(text(), letters_of(shown), refuse)
    # Then
    assert tokens == text()
