"""Footnote marks, found at the ends of doubtful words."""

from dataclasses import replace

import numpy as np
import pytest

from worker.engines.base import Token
from worker.page import Gray
from worker.superscript import read_superscripts

_LETTERS = [(10 + 14 * place, 30, 10, 20) for place in range(5)]
_BOX = (0.0, 10.0, 120.0, 55.0)


def draw(*pieces: tuple[int, int, int, int]) -> Gray:
    """Black rectangles, each given by its left, top, width and height, on white."""
    picture = np.full((70, 130), 255, np.uint8)
    for left, top, width, height in pieces:
        picture[top : top + height, left : left + width] = 0
    return picture


def read(picture: Gray, token: Token, mark: str, base: str) -> Token:
    """The token after an engine that reads small pictures as `mark` and wide ones as `base`."""

    def engine(part: Gray) -> list[Token]:
        return [Token(mark if part.shape[1] < 80 else base, (0, 0, 1, 1), 98.0, (0, 0, 0))]

    (read_token,) = read_superscripts(picture, 255 - picture, [token], engine)
    return read_token


def word(text: str, confidence: float = 30.0) -> Token:
    return Token(text, _BOX, confidence, (1, 1, 1))


def test_a_mark_behind_a_word_is_read_by_itself() -> None:
    # Given five letters, a raised digit and a full stop
    picture = draw(*_LETTERS, (80, 18, 7, 14), (92, 46, 4, 4))
    # When
    token = read(picture, word("point?."), "2", "point")
    # Then
    assert (token.text, token.confidence, token.box) == ("point2.", 98.0, _BOX)


def test_a_mark_before_a_word_is_read_by_itself() -> None:
    # Given
    picture = draw((1, 18, 6, 14), *_LETTERS)
    # When / Then
    assert read(picture, word("“point"), "7", "point").text == "7point"


@pytest.mark.parametrize(
    ("piece", "text"),
    [((80, 30, 4, 7), 'point"'), ((80, 30, 10, 20), "pointy")],
    ids=["a quotation mark is too small", "a letter is not raised"],
)
def test_other_pieces_are_no_marks(piece: tuple[int, int, int, int], text: str) -> None:
    # When / Then
    assert read(draw(*_LETTERS, piece), word(text), "2", "point").text == text


@pytest.mark.parametrize(("text", "whole"), [("point?)", "point2)"), ("pointed", "pointed")])
def test_what_stands_behind_a_mark_is_kept(text: str, whole: str) -> None:
    # Given
    picture = draw(*_LETTERS, (80, 18, 7, 14), (92, 28, 4, 24))
    # When / Then
    assert read(picture, word(text), "2", "point").text == whole


@pytest.mark.parametrize("box", [(-8.0, 10.0, -2.0, 55.0), (400.0, 10.0, 420.0, 55.0), (20.0, 55.0, 60.0, 55.0)])
def test_a_box_beyond_the_picture_is_left_alone(box: tuple[float, float, float, float]) -> None:
    # Given
    lost = replace(word("point?"), box=box)
    # When / Then
    assert read(draw(*_LETTERS), lost, "2", "point") == lost


def test_only_so_many_words_are_read_again() -> None:
    # Given
    picture, calls = draw(*_LETTERS, (80, 18, 7, 14)), []

    def engine(part: Gray) -> list[Token]:
        calls.append(part)
        return []

    # When
    read_superscripts(picture, 255 - picture, [word("point?")] * 2_000, engine)
    # Then
    assert len(calls) <= 100


def test_what_is_no_number_is_no_mark() -> None:
    # Given
    picture = draw(*_LETTERS, (80, 18, 7, 14))
    # When / Then
    assert read(picture, word("point*"), "*", "point").text == "point*"


def test_a_sure_word_stands() -> None:
    # Given
    picture = draw(*_LETTERS, (80, 18, 7, 14))
    # When / Then
    assert read(picture, word("point'", confidence=97.0), "2", "point").text == "point'"
