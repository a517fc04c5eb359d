"""Rows of dots taken out, other dots left."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from worker.ink import find_letters
from worker.page import Gray, Page
from worker.undot import undot

_SIZE, _PITCH = 30, 50
_TEXT = "i. e. ten lines of print, with its periods, i, j; etc."


def draw(*lines: str, paper: int = 255) -> Gray:
    picture = Image.new("L", (1000, 100 + _PITCH * len(lines)), paper)
    for row, line in enumerate(lines):
        ImageDraw.Draw(picture).text((60, 50 + row * _PITCH), line, 0, ImageFont.load_default(_SIZE))
    return np.array(picture)


def erase(picture: Gray) -> Page:
    height, width = picture.shape
    letters = find_letters(picture)
    assert letters
    return undot(Page(picture, width, height, 300), letters)


def halftone() -> Gray:
    picture = draw(*[_TEXT] * 10)
    picture[400:500:6, 100:800:6] = picture[401:500:6, 100:800:6] = 0
    picture[400:500:6, 101:800:6] = picture[401:500:6, 101:800:6] = 0
    return picture


def column() -> Gray:
    picture = draw(*[_TEXT] * 10)
    for top in range(40, 500, 12):
        picture[top : top + 4, 950:954] = 0
    return picture


def dirt() -> Gray:
    picture, chance = draw(*[_TEXT] * 10), np.random.default_rng(3)
    for row, column in zip(chance.integers(0, 590, 400), chance.integers(0, 990, 400), strict=True):
        picture[row : row + 3, column : column + 3] = 0
    return picture


LEFT = {
    "print": draw(*[_TEXT] * 10),
    "decimal points": draw(*["4.2 5.7 0.6 3.1 2.9 4.4 1.8 3.3 0.1 2.5 3.6 1.2"] * 10),
    "points of an outline": draw(*["1.3.6.1.4.1.2.6.2.1.1.5.3.4.1.1.2.1"] * 10),
    "an ellipsis": draw(*["and so on ......"] * 10),
    "a halftone": halftone(),
    "a column of dots": column(),
    "dirt": dirt(),
}


@pytest.mark.parametrize("kind", LEFT)
def test_a_page_without_rows_of_dots_stays_as_it_is(kind: str) -> None:
    # Given
    picture = LEFT[kind]
    # When / Then
    assert erase(picture).image is picture


@pytest.mark.parametrize("paper", [255, 170])
@pytest.mark.parametrize("dots", ["." * 40, ". " * 30, "  ." * 16])
def test_dots_between_words_go_and_the_words_stay(dots: str, paper: int) -> None:
    # Given
    lines = [f"Part {number} {dots}" for number in range(1, 6)]
    dotted, plain = (draw(*some, paper=paper) for some in (lines, [line.rstrip(" .") for line in lines]))
    # When
    page = erase(dotted)
    # Then
    assert page.steps == ("unrule",)
    assert np.array_equal(page.image, plain)


def test_what_is_written_between_dots_stays() -> None:
    # Given
    dots, year, font = "." * 20, " 20 ", ImageFont.load_default(_SIZE)
    dotted = draw(*[dots + year + dots] * 5)
    # When
    page = erase(dotted)
    # Then
    left, right = (60 + round(font.getlength(text)) for text in (dots, dots + year))
    assert np.array_equal(page.image[:, left:right], dotted[:, left:right])
    assert page.image[:, :left].min() == page.image[:, right:].min() == 255
