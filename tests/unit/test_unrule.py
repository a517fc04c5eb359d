"""Rules through letters taken out, others left."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from worker.page import Gray, Page
from worker.unrule import unrule

_SIZE, _PITCH, _BASE = 36, 60, 50
_INK_LEVELS = 128
_TEXT = "some words of plain text that fill a row of the page"


def draw(scale: int = 1) -> Gray:
    """Rows of print whose letters stand on lines `_PITCH` apart."""
    picture = Image.new("L", (900 * scale, 440 * scale), 255)
    for row in range(7):
        place, font = (40 * scale, (_BASE + row * _PITCH) * scale), ImageFont.load_default(_SIZE * scale)
        ImageDraw.Draw(picture).text(place, _TEXT, 0, font, anchor="ls")
    return np.array(picture)


def rule(picture: Gray, above_base: int, thick: int, scale: int = 1) -> Gray:
    ruled = picture.copy()
    for top in range((_BASE - above_base) * scale, ruled.shape[0], _PITCH * scale):
        ruled[top : top + thick * scale] = 0
    return ruled


def page_of(picture: Gray) -> Page:
    height, width = picture.shape
    return Page(picture, width, height, 300)


def table() -> Gray:
    picture = rule(draw(), -13, 3)
    picture[:, ::300] = 0
    return picture


LEFT = {
    "plain print": draw(),
    "underlined print": rule(draw(), -4, 2),
    "a table": table(),
    "a hatched box": rule(np.full((440, 900), 255, dtype=np.uint8), 0, 2),
    "print struck out for a word": np.where(np.arange(900) < 150, rule(draw(), 10, 2), draw()).astype(np.uint8),
    "nothing": np.full((300, 300), 255, dtype=np.uint8),
    "one pixel": np.zeros((1, 1), dtype=np.uint8),
}


@pytest.mark.parametrize("kind", LEFT)
def test_a_page_without_rules_through_letters_stays_as_it_is(kind: str) -> None:
    # Given
    page = page_of(LEFT[kind])
    # When / Then
    assert unrule(page) is page


@pytest.mark.parametrize(("thick", "scale"), [(1, 1), (3, 1), (5, 1), (1, 3), (3, 3)])
def test_rules_go_and_strokes_that_cross_them_stay(thick: int, scale: int) -> None:
    # Given
    clean = draw(scale)
    ruled = rule(clean, 12, thick, scale)
    # When
    page = unrule(page_of(ruled))
    # Then
    is_rule = rule(np.full_like(clean, 255), 12, thick, scale) == 0
    is_right = np.abs(page.image.astype(int) - clean) < _INK_LEVELS
    assert page.steps == ("unrule",)
    assert is_right[is_rule & (clean > _INK_LEVELS)].mean() > 0.9
    assert is_right[is_rule & (clean < _INK_LEVELS)].mean() > 0.6
    assert np.array_equal(page.image[~is_rule], clean[~is_rule])


def test_rules_between_lines_go_with_those_through_letters() -> None:
    # Given rules further apart than the lines of print
    ruled = draw()
    for top in range(_BASE - 12, ruled.shape[0], _PITCH + 9):
        ruled[top : top + 3] = 0
    # When
    page = unrule(page_of(ruled))
    # Then
    assert page.image[:, :30].min() == 255


def test_a_slanting_rule_goes() -> None:
    # Given
    picture = Image.fromarray(draw())
    for row in range(7):
        height = _BASE + row * _PITCH - 12
        ImageDraw.Draw(picture).line((0, height - 2, 900, height + 2), 0, 3)
    # When
    page = unrule(page_of(np.array(picture)))
    # Then
    assert page.steps == ("unrule",)
    assert page.image[:, :30].mean() > 250
