"""Letters, found among dirt, and the way their lines run."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from shared.schemas import STEPS
from worker.deskew import deskew, deskew_letters
from worker.ink import find_letters, share_across
from worker.page import Gray, Page
from worker.pipeline import prepare


def letter_height(picture: Gray) -> float:
    letters = find_letters(picture)
    assert letters is not None
    return letters.height


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


def test_print_below_a_title_that_covers_more_than_it_is_the_body_text() -> None:
    # Given
    print_alone = draw(24)
    picture = np.vstack([_draw_title(print_alone.shape[1]), print_alone])
    # When / Then
    assert letter_height(picture) == pytest.approx(letter_height(print_alone), rel=0.1)


def test_dirt_below_a_title_is_no_body_text() -> None:
    # Given
    title = _draw_title(720)
    picture = np.vstack([title, np.full_like(title, 255)])
    chance = np.random.default_rng(7)
    for row, column in zip(chance.integers(200, 380, 60), chance.integers(0, 700, 60), strict=True):
        picture[row : row + 12, column : column + 9] = 0
    # When / Then
    assert letter_height(picture) == pytest.approx(letter_height(title), rel=0.1)


def test_fine_print_below_much_that_is_large_is_not_made_too_small_to_be_read() -> None:
    # Given
    large, fine = draw(80), draw(20)
    room = np.full((fine.shape[0], large.shape[1] - fine.shape[1]), 255, dtype=np.uint8)
    # When
    letters = find_letters(np.vstack([large, large, np.hstack([fine, room])]))
    # Then
    assert letters is not None
    assert letters.height == pytest.approx(letter_height(large), rel=0.1)
    assert letters.small == pytest.approx(letter_height(fine), rel=0.1)


def _draw_title(width: int) -> Gray:
    picture = Image.new("L", (width, 200), 255)
    ImageDraw.Draw(picture).text((20, 20), "INVOICE", 0, ImageFont.load_default(130))
    return np.array(picture)


def test_an_empty_page_has_no_letters() -> None:
    # When / Then
    assert find_letters(np.full((300, 300), 255, dtype=np.uint8)) is None


@pytest.mark.parametrize("shape", [(1, 1), (1, 5_000), (5_000, 1), (3, 3_000), (640, 1)])
def test_pictures_of_any_shape_are_made_ready(shape: tuple[int, int]) -> None:
    # Given
    picture = np.linspace(120, 255, shape[0] * shape[1]).reshape(shape).astype(np.uint8)
    # When
    level = prepare(Page(picture, shape[1], shape[0], 300), frozenset(STEPS))
    # Then
    assert level.page.image.size > 0


@pytest.mark.parametrize(("turns", "share"), [(0, 1.0), (1, 0.0), (2, 1.0), (3, 0.0)])
def test_neighbors_tell_the_way_lines_run(turns: int, share: float) -> None:
    # Given
    letters = find_letters(np.ascontiguousarray(np.rot90(draw(40), turns)))
    assert letters is not None
    # When / Then
    assert share_across(letters) == pytest.approx(share, abs=0.15)


def test_a_column_of_prices_does_not_hide_the_way_lines_run() -> None:
    # Given
    picture = Image.new("L", (900, 1400), 255)
    for row in range(20):
        for column, text in ((40, "Tea"), (700, "12.50")):
            ImageDraw.Draw(picture).text((column, 40 + 66 * row), text, 0, ImageFont.load_default(40))
    letters = find_letters(np.array(picture))
    assert letters is not None
    # When / Then
    assert share_across(letters) > 0.8


@pytest.mark.parametrize("degrees", [-9, 2, 6])
def test_letters_follow_a_page_that_is_leveled(degrees: int) -> None:
    # Given
    picture = draw(40)
    page = Page(picture, picture.shape[1], picture.shape[0], 300)
    leveled = deskew(page, degrees)
    letters, found = find_letters(page.image), find_letters(leveled.image)
    assert letters is not None
    assert found is not None
    # When
    moved = deskew_letters(letters, degrees, page, leveled)
    # Then
    gaps = np.abs(moved.boxes[:, None, :2] - found.boxes[None, :, :2]).sum(axis=2).min(axis=1)
    assert np.median(gaps) < 6
