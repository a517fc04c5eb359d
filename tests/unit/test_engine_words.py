"""Words of a line of which an engine knows only about where they are."""

import numpy as np
import pytest

from worker.engines.words import Line, place_words
from worker.page import Gray

_LINE = Line(box=(10.0, 10.0, 210.0, 40.0), text="one two three", confidence=90.0, rough=[])
_WORDS = [("one", (20, 15, 60, 35)), ("two", (80, 12, 120, 35)), ("three", (140, 15, 200, 38))]


def ink_words() -> Gray:
    ink = np.zeros((60, 300), np.uint8)
    for _, (x0, y0, x1, y1) in _WORDS:
        ink[y0:y1, x0:x1:3] = 255
        ink[y0:y1, x1 - 1] = 255
        ink[[y0, y1 - 1], x0:x1] = 255
    return ink


def test_words_get_the_boxes_of_their_ink() -> None:
    # When
    placed = place_words(_LINE, ink_words())
    # Then
    assert placed == [(text, tuple(map(float, box))) for text, box in _WORDS]


def test_a_rule_below_the_line_belongs_to_no_word() -> None:
    # Given
    ink = ink_words()
    ink[39, :] = 255
    # When / Then
    assert [box[3] for _, box in place_words(_LINE, ink)] == [35, 35, 38]


def test_words_without_a_gap_are_cut_where_they_are_expected() -> None:
    # Given
    ink = np.zeros((60, 300), np.uint8)
    ink[15:35, 10:210] = 255
    ink[10:15, 10:30] = 255  # or the whole would be taken for a rule
    ink[15:35, 12:200:2] = 0
    ink[20, 10:160] = 255
    # When
    (_, one), (_, two), (_, three) = place_words(_LINE, ink)
    # Then
    assert (one[2], two[2]) == pytest.approx((two[0], three[0]), abs=2)
    assert two[0] == pytest.approx(10 + 200 * 3.5 / 13, abs=5)


def test_without_ink_the_estimate_stands() -> None:
    # Given
    rough = [(10.0, 12.0, 60.0, 38.0), (70.0, 12.0, 120.0, 38.0), (130.0, 12.0, 210.0, 38.0)]
    line = Line(_LINE.box, _LINE.text, _LINE.confidence, rough)
    # When
    placed = place_words(line, np.zeros((60, 300), np.uint8))
    # Then
    assert [box for _, box in placed] == rough
