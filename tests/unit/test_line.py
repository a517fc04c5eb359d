"""A line read once where that is sure, and voted on where it is not."""

import numpy as np
import pytest

from worker.engines.base import Token
from worker.line import read_few, read_line
from worker.page import Gray, Page, map_boxes

_PAGE = Page(np.full((40, 400), 255, np.uint8), 400, 40, 300)


class Readings:
    """What an engine answers, one reading after the other, and how large the pictures were."""

    def __init__(self, *readings: list[tuple[str, float]]) -> None:
        self._readings = iter(readings)
        self.heights: list[int] = []

    def __call__(self, image: Gray) -> list[Token]:
        self.heights.append(image.shape[0])
        words = next(self._readings)
        return [Token(text, (9.0 * n, 0, 9.0 * n + 8, 9), sure, (0, 0, 0)) for n, (text, sure) in enumerate(words)]


def test_a_sure_reading_stands() -> None:
    # Given
    read = Readings([("Total", 97.0)])
    # When
    page, tokens = read_line(_PAGE, 20.0, read, read)
    # Then
    assert ([token.text for token in tokens], read.heights, page.image.shape) == (["Total"], [40], (40, 400))


def test_words_of_an_unsure_reading_are_voted_on() -> None:
    # Given
    read = Readings([("Totol", 80.0), ("12", 60.0)], [("Total", 60.0), ("12", 90.0)], [("Total", 55.0), ("13", 80.0)])
    # When
    _, tokens = read_line(_PAGE, 20.0, read, read)
    # Then
    assert [token.text for token in tokens] == ["Total", "12"]
    assert read.heights == [40, 56, 48]


def test_a_reading_with_other_words_has_no_vote() -> None:
    # Given
    read = Readings([("Total", 80.0)], [("To", 50.0), ("tal", 50.0)], [("T", 40.0), ("otal", 40.0)])
    # When
    _, tokens = read_line(_PAGE, 20.0, read, read)
    # Then
    assert [token.text for token in tokens] == ["Total"]


def test_small_print_is_enlarged() -> None:
    # Given
    read = Readings([("Total", 97.0)])
    # When
    page, _ = read_line(_PAGE, 8.0, read, read)
    # Then
    assert page.image.shape == (100, 1000)


def test_the_costly_engine_reads_once() -> None:
    # Given
    costly, quick = Readings([("Totol", 80.0)]), Readings([("Total", 60.0)], [("Total", 55.0)])
    # When
    _, tokens = read_line(_PAGE, 20.0, costly, quick)
    # Then
    assert ([token.text for token in tokens], costly.heights, quick.heights) == (["Total"], [40], [56, 48])


def test_blank_ends_are_not_read() -> None:
    # Given
    image = np.full((40, 400), 255, np.uint8)
    image[10:30, 100:200:4] = 0
    read = Readings([("Total", 97.0)])
    # When
    page, _ = read_line(Page(image, 400, 40, 300), 20.0, read, read)
    # Then one letter's height is left of them, and boxes lead back to the picture as it was
    assert page.image.shape == (40, 137)
    assert map_boxes(page.to_upload, [(0, 0, 9, 9)], 400, 40) == [[80, 0, 89, 9]]


def draw_few(*boxes: tuple[int, int, int, int], height: int = 60) -> Page:
    image = np.full((height, 120), 240, np.uint8)
    for left, top, right, bottom in boxes:
        image[top:bottom, left:right] = 20
    return Page(image, 120, height, 300)


def test_few_letters_are_cut_out_and_brought_to_size() -> None:
    # Given
    read = Readings([("42", 97.0)])
    # When
    page, tokens = read_few(draw_few((30, 20, 40, 40), (44, 20, 54, 40)), read)
    # Then
    assert ([token.text for token in tokens], page.image.shape) == (["42"], (80, 88))
    (corner,) = map_boxes(page.to_upload, [(20, 20, 68, 60)], 120, 60)
    assert corner == [30, 20, 54, 40]


@pytest.mark.parametrize(
    "page",
    [
        draw_few(),
        draw_few((30, 20, 34, 24), height=300),
        draw_few((10, 5, 20, 20), (40, 35, 50, 50)),
        draw_few(*((8 * column, 20, 8 * column + 5, 40) for column in range(15))),
    ],
    ids=["nothing", "a speck on a page", "more than a row", "many"],
)
def test_what_is_no_row_of_few_letters_is_not_read(page: Page) -> None:
    # Given
    read = Readings()
    # When / Then
    assert read_few(page, read) == (page, [])


def test_few_letters_that_are_hardly_believed_are_none() -> None:
    # Given
    page, read = draw_few((30, 20, 40, 40)), Readings([("|", 30.0)])
    # When / Then
    assert read_few(page, read) == (page, [])
