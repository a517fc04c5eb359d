"""Sheets on a table cut out, panels among text left where they are."""

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from worker.page import Gray, Page
from worker.perspective import find_sheet, perspective

_WIDTH, _HEIGHT = 1200, 900
_LEFT, _TOP, _RIGHT, _BOTTOM = 150, 130, 1050, 800
_CORNERS = np.array(
    [[_LEFT + 60, _TOP], [_RIGHT, _TOP + 40], [_RIGHT - 30, _BOTTOM], [_LEFT, _BOTTOM - 50]], np.float32
)
_TEXT = "some words of plain text that fill a row of the page"


def page_of(picture: Gray) -> Page:
    height, width = picture.shape
    return Page(picture, width, height, 300)


def lay_sheet(table: Gray) -> Gray:
    """A sheet with rows of print on the table, seen at an angle."""
    sheet = Image.new("L", (_WIDTH, _HEIGHT), 240)
    for top in range(80, 820, 60):
        ImageDraw.Draw(sheet).text((80, top), _TEXT, 30, ImageFont.load_default(36))
    edges = np.array([[0, 0], [_WIDTH, 0], [_WIDTH, _HEIGHT], [0, _HEIGHT]], np.float32)
    turn = cv2.getPerspectiveTransform(edges, _CORNERS)
    photo = table.copy()
    return cv2.warpPerspective(
        np.asarray(sheet), turn, (_WIDTH, _HEIGHT), photo, cv2.INTER_LINEAR, cv2.BORDER_TRANSPARENT
    ).astype(np.uint8)


def draw_slide(ground: int, panel: int, heading: int, top: int) -> Gray:
    """A panel with print on it below a heading, whose upper edge is at `top`."""
    slide = Image.new("L", (_WIDTH, _HEIGHT), ground)
    pen = ImageDraw.Draw(slide)
    pen.text((_LEFT, top), "Results of the second quarter", heading, ImageFont.load_default(44))
    pen.rectangle((_LEFT, _TOP, _RIGHT, _BOTTOM), panel)
    for row in range(_TOP + 40, _BOTTOM - 60, 60):
        pen.text((_LEFT + 40, row), _TEXT, 30, ImageFont.load_default(32))
    return np.array(slide)


def grain() -> Gray:
    noise = np.random.default_rng(1).normal(0, 1, (_HEIGHT, _WIDTH))
    smooth = cv2.GaussianBlur(noise, (0, 0), sigmaX=12, sigmaY=2)
    return np.clip(100 + 25 * smooth / smooth.std(), 0, 170).astype(np.uint8)


def newspaper() -> Gray:
    """Columns of print that go on beyond the picture."""
    print_ = Image.new("L", (_WIDTH, _HEIGHT), 150)
    for left in range(-40, _WIDTH, 420):
        for top in range(-10, _HEIGHT, 28):
            ImageDraw.Draw(print_).text((left, top), _TEXT[:38], 30, ImageFont.load_default(22))
    return np.array(print_)


def stamped() -> Gray:
    """A table with a camera's date in the corner of the picture."""
    table = Image.new("L", (_WIDTH, _HEIGHT), 70)
    ImageDraw.Draw(table).text((850, 850), "2024-05-06 12:30:15", 240, ImageFont.load_default(28))
    return np.array(table)


@pytest.mark.parametrize(
    "table",
    [np.full((_HEIGHT, _WIDTH), 70, np.uint8), grain(), newspaper(), stamped()],
    ids=["plain", "wood", "newspaper", "a date"],
)
def test_a_sheet_on_a_table_is_cut_out(table: Gray) -> None:
    # Given
    photo = lay_sheet(table)
    # When
    corners, page = find_sheet(photo), perspective(page_of(photo))
    # Then
    assert corners is not None
    assert np.abs(corners - _CORNERS).max() < 8
    assert page.steps == ("perspective",)
    assert np.median(page.image[:20]) > 200


@pytest.mark.parametrize(
    ("ground", "panel", "heading", "top"),
    [(225, 255, 40, 50), (205, 255, 40, 50), (205, 255, 255, 50), (80, 250, 255, 50), (80, 250, 255, 55)],
    ids=["light gray", "gray", "white on gray", "white on blue", "close above the panel"],
)
def test_a_panel_below_a_heading_is_not_cut_out(ground: int, panel: int, heading: int, top: int) -> None:
    # Given
    page = page_of(draw_slide(ground, panel, heading, top))
    # When / Then
    assert perspective(page) is page


def test_a_panel_without_text_around_is_taken_for_a_sheet() -> None:
    # Given
    slide = draw_slide(80, 250, 80, 50)
    # When
    page = perspective(page_of(slide))
    # Then
    assert page.steps == ("perspective",)
    assert np.abs(np.subtract(page.image.shape, (_BOTTOM - _TOP, _RIGHT - _LEFT))).max() < 8
