"""What is taken for columns of print, and the order in which lines are read."""

from itertools import product

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from tests.fonts import load_font
from worker.columns import find_blocks, has_columns
from worker.ink import find_letters
from worker.page import Box, Gray

_LEFT = (
    "Spring came late",
    "to the valley and",
    "all the farmers",
    "were worried for",
    "their crops. The",
    "river had risen",
)
_RIGHT = (
    "In the capital the",
    "ministers argued",
    "about the price of",
    "grain and printed",
    "long letters from",
    "merchants abroad",
)
_NAMES = ("Milk", "Brown bread", "Apples", "Butter unsalted", "Tea", "Chocolate bars")
_PRICES = ("1.20", "2.75", "14.00", "3.10", "12.95", "5.40")
_GOODS = (
    "seven warm cream scones",
    "reserve cocoa essence",
    "narrow green macaroons",
    "summer orange sausages",
    "raw sugar and cinnamon",
    "coarse rye cream cereal",
)
"""Of low letters mostly, of which tall figures are wide."""
_LONGER_PRICES = ("122.85", "208.40", "141.00", "103.15", "112.95", "245.40")
_SUMS = ("1,250.00 USD", "122,775.10 USD", "14.00 USD", "83,100.20 USD", "912.95 USD", "1,005.40 USD")
_WORDS = ("the", "committee", "met", "on", "tuesday", "to", "discuss", "annual", "budgets", "and", "of", "regional")
_PEOPLE = ("John Edward Smith", "Elizabeth Brown", "Li Yu Chen", "Mary Ann Evans", "Christopher Young", "Kim Lee")
_ACCOUNTS = ("40817810500001", "40702810900417", "40817810311208", "40802810700093", "40817810600555", "40702810100870")

HEADING: list[Box] = [(75, 76, 1060, 155), (73, 156, 1321, 273)]
LEFT: list[Box] = [
    (74, 320, 676, 379),
    (73, 382, 683, 440),
    (73, 448, 462, 501),
    (73, 508, 675, 567),
    (73, 575, 651, 628),
    (73, 638, 649, 696),
    (73, 889, 690, 949),
    (73, 955, 575, 1008),
]
RIGHT: list[Box] = [
    (813, 320, 1214, 376),
    (814, 377, 1429, 446),
    (814, 447, 1374, 502),
    (813, 510, 1324, 569),
    (814, 574, 1419, 633),
]
FOOTER: list[Box] = [(300, 1300, 1200, 1360)]
NAMES: list[Box] = [
    (40, 60 * row, width, 60 * row + 50) for row, width in enumerate((180, 420, 150, 520, 260, 340, 480, 200))
]
PRICES: list[Box] = [(700, 60 * row, 830, 60 * row + 50) for row in range(8)]
"""Boxes as PP-OCR finds them around lines."""


def draw(left: tuple[str, ...], right: tuple[str, ...], size: int = 32) -> Gray:
    picture = Image.new("L", (23 * size, 11 * size), 255)
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(size)
    for row, (before, after) in enumerate(zip(left, right, strict=True)):
        pen.text((size, (1 + 1.4 * row) * size), before, 0, font)
        pen.text((12 * size, (1 + 1.4 * row) * size), after, 0, font)
    return np.array(picture)


def type_rows(left: tuple[str, ...], right: tuple[str, ...], size: int = 24) -> Gray:
    """As a typewriter does: every letter is as wide as any other, and the right side ends flush."""
    pitch, width = 0.6 * size, 38
    picture = Image.new("L", (round((width + 2) * pitch), round((1.6 * len(left) + 2) * size)), 255)
    pen, font = ImageDraw.Draw(picture), load_font(size)
    for row, (before, after) in enumerate(zip(left, right, strict=True)):
        for column, letter in enumerate(before + after.rjust(width - len(before))):
            pen.text(((column + 1.5) * pitch, (1 + 1.6 * row) * size), letter, 20, font, anchor="ma")
    return np.array(picture)


def set_columns(is_justified: tuple[bool, bool], size: int = 28) -> Gray:
    """Two columns of 24 lines of words, as a printer sets them."""
    width, gutter = 15 * size, round(1.6 * size)
    chance, font = np.random.default_rng(1), ImageFont.load_default(size)
    picture = Image.new("L", (2 * width + gutter + 3 * size, 39 * size), 255)
    pen = ImageDraw.Draw(picture)
    for column, row in product(range(2), range(24)):
        words = chance.choice(_WORDS, 3).tolist()
        while font.getlength(" ".join([*words, longer := str(chance.choice(_WORDS))])) <= width:
            words.append(longer)
        lengths = [font.getlength(word) for word in words]
        space = (width - sum(lengths)) / (len(words) - 1) if is_justified[column] else 0.3 * size
        left = size + column * (width + gutter)
        for word, length in zip(words, lengths, strict=True):
            pen.text((left, (1 + 1.5 * row) * size), word, 0, font)
            left += length + space
    return np.array(picture)


def in_columns(picture: Gray) -> bool:
    letters = find_letters(picture)
    assert letters is not None
    return has_columns(picture, letters.height)


def test_columns_are_read_one_after_the_other_between_what_is_across() -> None:
    # Given
    lines = [*FOOTER, *RIGHT, *LEFT, *HEADING]
    # When
    blocks = [{lines[number] for number in block} for block in find_blocks(lines)]
    # Then
    assert blocks == [set(HEADING), set(LEFT), set(RIGHT), set(FOOTER)]


def test_columns_above_and_below_a_line_across_are_read_apart() -> None:
    # Given
    below: list[list[Box]] = [[(x0, y0 + 1400, x1, y1 + 1400) for x0, y0, x1, y1 in side] for side in (LEFT, RIGHT)]
    lines = [*LEFT, *RIGHT, *FOOTER, *below[0], *below[1]]
    # When
    blocks = [{lines[number] for number in block} for block in find_blocks(lines)]
    # Then
    assert blocks == [set(LEFT), set(RIGHT), set(FOOTER), set(below[0]), set(below[1])]


def test_three_columns_are_three_blocks() -> None:
    # Given
    third: list[Box] = [(x0 + 740, y0, x1 + 740, y1) for x0, y0, x1, y1 in RIGHT]
    lines = [*third, *RIGHT, *LEFT]
    # When
    blocks = [{lines[number] for number in block} for block in find_blocks(lines)]
    # Then
    assert blocks == [set(LEFT), set(RIGHT), set(third)]


@pytest.mark.parametrize(
    "lines",
    [[], LEFT, [*NAMES, *PRICES], [*LEFT[:3], *RIGHT[:3]]],
    ids=["nothing", "one column", "names and prices", "too few rows"],
)
def test_what_is_no_column_of_print_stays_one_block(lines: list[Box]) -> None:
    # When
    blocks = find_blocks(lines)
    # Then
    assert [sorted(block) for block in blocks] == ([list(range(len(lines)))] if lines else [])


@pytest.mark.parametrize("blur", [0.0, 2.5], ids=["clean", "blurred"])
def test_narrow_columns_of_print_are_told_from_a_receipt(blur: float) -> None:
    # Given
    print_, receipt = draw(_LEFT, _RIGHT), draw(_NAMES, _PRICES)
    if blur:
        print_, receipt = (cv2.GaussianBlur(each, (0, 0), blur).astype(np.uint8) for each in (print_, receipt))
    # When / Then
    assert in_columns(print_)
    assert not in_columns(receipt)


def test_one_column_of_print_has_no_columns() -> None:
    # When / Then
    assert not in_columns(draw(_LEFT, ("",) * len(_LEFT)))


@pytest.mark.parametrize(
    ("names", "figures"),
    [(_GOODS, _LONGER_PRICES), (_GOODS, _SUMS), (_PEOPLE, _ACCOUNTS)],
    ids=["prices", "sums of several lengths", "numbers as wide as names"],
)
def test_figures_in_a_typewriters_letters_are_no_column_of_print(
    names: tuple[str, ...], figures: tuple[str, ...]
) -> None:
    # When / Then
    assert not in_columns(type_rows(names * 3, figures * 3))


def test_narrow_columns_in_a_typewriters_letters_are_columns() -> None:
    # When / Then
    assert in_columns(type_rows(_LEFT, tuple(line.ljust(18) for line in _RIGHT)))


@pytest.mark.parametrize("is_justified", [(True, False), (False, True), (True, True), (False, False)])
def test_print_is_in_columns_however_its_lines_end(is_justified: tuple[bool, bool]) -> None:
    # When / Then
    assert in_columns(set_columns(is_justified))
