"""Specks and grain, told from print and taken away."""

import tracemalloc

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from worker.despeckle import despeckle
from worker.page import Gray, Page


def draw(size: int = 28, ink: int = 0, paper: int = 255, shape: tuple[int, int] = (600, 900)) -> Gray:
    picture = Image.new("L", shape[::-1], paper)
    for top in range(size // 2, shape[0], 3 * size // 2):
        ImageDraw.Draw(picture).text((size, top), "some words of plain text. " * 3, ink, ImageFont.load_default(size))
    return np.array(picture)


def page_of(picture: Gray) -> Page:
    height, width = picture.shape
    return Page(picture, width, height, 300)


def speckle(picture: Gray, share: float) -> Gray:
    chance = np.random.default_rng(1).random(picture.shape)
    return np.where(chance < share / 2, 0, np.where(chance > 1 - share / 2, 255, picture)).astype(np.uint8)


def grain(picture: Gray, levels: float) -> Gray:
    noise = np.random.default_rng(1).normal(0, levels, picture.shape)
    return (picture + noise).clip(0, 255).astype(np.uint8)


def halve(picture: Gray) -> Gray:
    return np.where(picture < 128, 0, 255).astype(np.uint8)


CLEAN = {
    "print": draw(),
    "small print": draw(12),
    "small print in one bit": halve(draw(12)),
    "a line": draw(40, shape=(60, 900)),
    "light on dark": draw(ink=255, paper=0),
    "faint grain": grain(draw(ink=40, paper=215), 10),
    "nothing": np.full((300, 300), 255, dtype=np.uint8),
    "one pixel": np.zeros((1, 1), dtype=np.uint8),
}


@pytest.mark.parametrize("kind", CLEAN)
def test_a_clean_page_stays_as_it_is(kind: str) -> None:
    # Given
    page = page_of(CLEAN[kind])
    # When / Then
    assert despeckle(page) is page


@pytest.mark.parametrize("share", [0.01, 0.03, 0.1])
def test_specks_go_and_print_stays(share: float) -> None:
    # Given
    clean = draw()
    # When
    page = despeckle(page_of(speckle(clean, share)))
    # Then
    spoiled = np.abs(page.image.astype(int) - clean) > 100
    assert page.steps == ("despeckle",)
    assert spoiled.mean() < share / 6


def test_strokes_of_one_pixel_outlast_specks() -> None:
    # Given
    picture = np.full((400, 400), 255, dtype=np.uint8)
    picture[::20] = 0
    # When
    page = despeckle(page_of(speckle(picture, 0.01)))
    # Then
    assert (page.image[::20] == 0).mean() > 0.98


@pytest.mark.parametrize("levels", [25, 40])
def test_strong_grain_is_smoothed(levels: float) -> None:
    # Given
    clean = draw(ink=40, paper=215)
    worn = grain(clean, levels)
    # When
    page = despeckle(page_of(worn))
    # Then
    bare = clean == 215
    assert page.steps == ("despeckle",)
    assert page.image[bare].std() < 0.7 * worn[bare].std()


def test_a_large_page_is_cleaned_as_its_parts_are() -> None:
    # Given a page that is cleaned in several strips
    worn = speckle(draw(shape=(1800, 1600)), 0.01)
    # When
    whole = despeckle(page_of(worn)).image
    # Then
    for top in range(0, 1800, 200):
        part = despeckle(page_of(worn[max(0, top - 1) : top + 201])).image
        np.testing.assert_array_equal(part[min(top, 1) :][:200], whole[top : top + 200])


def test_cleaning_takes_little_memory_beside_the_pages() -> None:
    # Given
    worn = page_of(speckle(np.full((4000, 3000), 255, dtype=np.uint8), 0.01))
    tracemalloc.start()
    # When
    despeckle(worn)
    _, most_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # Then
    assert most_bytes < 2 * worn.image.nbytes
