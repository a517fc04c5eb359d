"""Letter heights, found among dirt."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from worker.ink import letter_height
from worker.page import Gray


def draw(size: int) -> Gray:
    picture = Image.new("L", (30 * size, 12 * size), 255)
    for row in range(5):
        ImageDraw.Draw(picture).text(
            (size, 2 * row * size), "some words of plain text", 0, ImageFont.load_default(size)
        )
    return np.array(picture)


@pytest.mark.parametrize("size", [16, 24, 40, 80])
def test_height_follows_the_size_of_the_print(size: int) -> None:
    # When
    height = letter_height(draw(size))
    # Then
    assert height == pytest.approx(0.55 * size, rel=0.2)


def test_specks_are_not_taken_for_letters() -> None:
    # Given
    picture = draw(40)
    chance = np.random.default_rng(7)
    for row, column in zip(chance.integers(0, 470, 400), chance.integers(0, 1190, 400), strict=True):
        picture[row : row + 4, column : column + 4] = 0
    # When / Then
    assert letter_height(picture) == pytest.approx(letter_height(draw(40)), rel=0.2)


def test_an_empty_page_has_no_letters() -> None:
    # When / Then
    assert letter_height(np.full((300, 300), 255, dtype=np.uint8)) is None
