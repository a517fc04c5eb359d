"""Curved lines made level, and the way back to the picture as it was."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from worker.flatten import find_bend, flatten
from worker.ink import Letters, find_letters
from worker.page import Gray, Page, map_boxes

_WIDTH, _HEIGHT = 1000, 1100
_MARK = 12
_GRAY_LEVEL = 150

Floats = NDArray[np.float32]

BENDS: dict[str, Callable[[Floats, Floats], Floats]] = {
    "arcs": lambda x, y: 200 * (x - 0.5) ** 2 * (1 - y),
    "a fan": lambda x, y: 60 * (x - 0.5) * (1 - 2 * y),
    "the spine of a book": lambda x, y: 60 * np.exp(-x / 0.2) * (1 - 0.5 * y),
    "waves": lambda x, _: 15 * np.sin(2 * np.pi * x),
}
"""How many pixels higher what stands at these shares of the width and the height is seen."""


def draw(marks: tuple[tuple[int, int], ...] = ()) -> Gray:
    picture = Image.new("L", (_WIDTH, _HEIGHT), 255)
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(24)
    for row in range(20):
        pen.text((60, 60 + 50 * row), "some words of plain text that fill a row of a page from edge to edge", 0, font)
    for left, top in marks:
        pen.rectangle((left, top, left + _MARK - 1, top + _MARK - 1), _GRAY_LEVEL)
    return np.array(picture)


def bend(picture: Gray, shape: str) -> Gray:
    xs, ys = np.meshgrid(np.arange(_WIDTH, dtype=np.float32), np.arange(_HEIGHT, dtype=np.float32))
    shifts = BENDS[shape](xs / _WIDTH, ys / _HEIGHT).astype(np.float32)
    return cv2.remap(picture, xs, ys + shifts, cv2.INTER_LINEAR, borderValue=255).astype(np.uint8)


def letters_of(picture: Gray) -> Letters:
    letters = find_letters(picture)
    assert letters is not None
    return letters


def page_of(picture: Gray) -> Page:
    return Page(picture, _WIDTH, _HEIGHT, 300)


def count_blank_rows(picture: Gray) -> int:
    return int((picture[80:-80, 80:-80].min(axis=1) > _GRAY_LEVEL).sum())


def test_a_flat_page_is_left_alone() -> None:
    # Given
    page = page_of(draw())
    # When / Then
    assert flatten(page, letters_of(page.image)) is page


@pytest.mark.parametrize("shape", BENDS)
def test_curved_lines_become_level(shape: str) -> None:
    # Given
    page = page_of(bend(draw(), shape))
    # When
    flat = flatten(page, letters_of(page.image))
    # Then rows of pixels between the lines are blank again
    blank, blank_before = count_blank_rows(flat.image), count_blank_rows(page.image)
    assert blank > max(0.85 * count_blank_rows(draw()), 1.5 * blank_before)
    assert find_bend(letters_of(flat.image)) is None


@pytest.mark.parametrize("shape", BENDS)
def test_boxes_lead_back_to_the_bent_picture(shape: str) -> None:
    # Given
    marks = tuple((left, top) for left in (20, 480, 960) for top in (88, 588, 1038))
    page = page_of(bend(draw(marks), shape))
    flat = flatten(page, letters_of(page.image))
    # When
    seen = [marked_boxes(picture) for picture in (flat.image, page.image)]
    mapped = map_boxes(flat.to_upload, seen[0], _WIDTH, _HEIGHT)
    # Then
    assert len(mapped) == len(marks)
    np.testing.assert_allclose(sorted(mapped), sorted(map(list, seen[1])), atol=3)


def test_what_is_moved_out_of_the_sheet_is_not_lost() -> None:
    # Given a mark that is level with a row above the upper edge
    page = page_of(bend(draw(), "a fan"))
    page.image[6 : 6 + _MARK, 20 : 20 + _MARK] = _GRAY_LEVEL
    # When
    flat = flatten(page, letters_of(page.image))
    # Then
    (mapped,) = map_boxes(flat.to_upload, marked_boxes(flat.image), _WIDTH, _HEIGHT)
    np.testing.assert_allclose(mapped, [20, 6, 20 + _MARK, 6 + _MARK], atol=3)
    assert flat.image.shape[0] > _HEIGHT


def marked_boxes(picture: Gray) -> list[tuple[float, float, float, float]]:
    """The boxes of the marks: gray all over, which letters are not."""
    gray = (np.abs(picture.astype(int) - _GRAY_LEVEL) < 40).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(gray)
    pieces = stats[1:][stats[1:, cv2.CC_STAT_AREA] > 0.7 * _MARK**2]
    return [(float(x), float(y), float(x + width), float(y + height)) for x, y, width, height, _ in pieces]


def test_letters_that_lie_anyhow_bend_nothing() -> None:
    # Given
    chance = np.random.default_rng(5)
    places = chance.uniform(0, 1000, (1500, 2))
    boxes = np.hstack([places, np.full((1500, 2), 12.0)]).astype(np.float32)
    # When / Then
    assert find_bend(Letters(12.0, 12.0, boxes, boxes[:0])) is None


@pytest.mark.parametrize("count", [0, 1, 5])
def test_a_few_letters_bend_nothing(count: int) -> None:
    # Given
    boxes = np.array([[20.0 * number, 0.0, 12.0, 12.0] for number in range(count)], np.float32).reshape(-1, 4)
    # When / Then
    assert find_bend(Letters(12.0, 12.0, boxes, boxes[:0])) is None


def test_a_page_that_would_grow_by_more_than_half_stays() -> None:
    # Given a strip of a page whose lines run from its top to its bottom
    tall = np.pad(draw(), ((0, 800), (0, 0)), constant_values=255)
    xs, ys = np.meshgrid(np.arange(_WIDTH, dtype=np.float32), np.arange(len(tall), dtype=np.float32))
    shifts = (60 * np.sin(np.pi * xs / _WIDTH) - 0.35 * xs).astype(np.float32)
    strip = cv2.remap(tall, xs, ys + shifts, cv2.INTER_LINEAR, borderValue=255)[350:700].astype(np.uint8)
    assert find_bend(letters_of(strip)) is not None
    page = Page(strip, _WIDTH, len(strip), 300)
    # When / Then
    assert flatten(page, letters_of(strip)) is page
