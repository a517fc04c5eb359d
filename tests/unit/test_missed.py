"""Lines that an engine passed over."""

import numpy as np
import pytest

from worker.engines.base import Token
from worker.missed import read_missed
from worker.page import Box, Gray

_LETTER = 20.0


def draw(*lines: tuple[int, int]) -> Gray:
    """Ink of lines of ten letters, each given by the left and top of its first one."""
    ink = np.zeros((300, 600), np.uint8)
    for left, top in lines:
        for place in range(10):
            ink[top : top + 20, left + 18 * place : left + 18 * place + 12] = 255
    return ink


def token(text: str, box: Box, line: int, confidence: float = 95.0) -> Token:
    return Token(text, box, confidence, (1, 1, line))


def read(ink: Gray, tokens: list[Token], *, confidence: float = 95.0) -> list[Token]:
    """The tokens with what an engine makes of the rest: one word over all of its picture."""

    def engine(part: Gray) -> list[Token]:
        return [token("passed", (10.0, 10.0, part.shape[1] - 10.0, part.shape[0] - 10.0), 0, confidence)]

    return read_missed(255 - ink, ink, _LETTER, tokens, engine)


def test_a_missed_line_is_read_and_put_below_the_line_above_it() -> None:
    # Given two columns, and a line missed in the left one
    first, second = token("first", (20, 20, 220, 40), 1), token("second", (320, 20, 520, 40), 2)
    ink = draw((20, 20), (320, 20), (20, 120))
    # When
    tokens = read(ink, [first, second])
    # Then
    assert [each.text for each in tokens] == ["first", "passed", "second"]
    left, top, right, bottom = tokens[1].box
    assert abs(left - 20) < 5
    assert abs(top - 120) < 5
    assert abs(right - 194) < 5
    assert abs(bottom - 140) < 5


def test_what_words_cover_is_not_read_again() -> None:
    # Given
    whole = token("whole", (20, 20, 220, 40), 1)
    # When / Then
    assert read(draw((20, 20)), [whole]) == [whole]


def test_what_stands_within_a_line_belongs_to_it() -> None:
    # Given a line of which one letter was read
    letter = token("a", (100, 98, 112, 122), 1)
    # When / Then
    assert read(draw((20, 100)), [letter]) == [letter]


def test_an_unsure_reading_is_left_out() -> None:
    # When / Then
    assert read(draw((20, 120)), [], confidence=40.0) == []


def test_a_line_is_read_to_the_edge_of_the_picture() -> None:
    # Given
    ink = draw((400, 120))
    ink[120:140, 580:600] = 255
    # When
    (word,) = read(ink, [])
    # Then
    assert abs(word.box[2] - 600) < 5


def test_lines_close_to_each_other_are_read_one_by_one() -> None:
    # When
    first, second = sorted(read(draw((20, 120), (20, 143)), []), key=lambda word: word.box[1])
    # Then
    assert (first.box[3], second.box[1]) == (pytest.approx(140, abs=5), pytest.approx(143, abs=5))


@pytest.mark.parametrize(("top", "paragraph"), [(54, (1, 1)), (160, (-1, 0))])
def test_a_missed_line_belongs_to_the_paragraph_above_it_if_that_is_near(top: int, paragraph: tuple[int, int]) -> None:
    # Given
    above = token("above", (20, 20, 220, 40), 1)
    # When
    _, missed = read(draw((20, 20), (20, top)), [above])
    # Then
    assert missed.line[:2] == paragraph


def test_boxes_stay_within_the_picture() -> None:
    # Given an engine that places a word in the margin around its picture
    def engine(part: Gray) -> list[Token]:
        return [token("passed", (0.0, 0.0, float(part.shape[1]), float(part.shape[0])), 0)]

    ink = draw((0, 0))
    # When
    (word,) = read_missed(255 - ink, ink, _LETTER, [], engine)
    # Then
    assert word.box[:2] == (0.0, 0.0)
