"""A line read once where that is sure, and voted on where it is not."""

import numpy as np

from worker.engines.base import Token
from worker.line import read_line
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
