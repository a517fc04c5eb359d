"""Colored ink over print found and taken out, other colors left."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFont

from worker.page import Gray
from worker.stamps import Color, choose_factor, erase_stamps, find_stamps, is_colored

_SIZE, _PITCH = 24, 40
_TEXT = "ordinary words of plain print that fill a row of the page"
_BLACK, _BLUE, _RED = (10, 10, 10), (60, 80, 190), (200, 40, 50)
_INK_LEVELS = 128

Paint = Callable[[ImageDraw.ImageDraw], None]


def draw(*rows: str, color: tuple[int, int, int] = _BLACK) -> Image.Image:
    picture = Image.new("RGB", (1000, 60 + _PITCH * 12), "white")
    for row, text in enumerate(rows):
        ImageDraw.Draw(picture).text((40, 30 + row * _PITCH), text, color, ImageFont.load_default(_SIZE))
    return picture


def print_over(picture: Image.Image, paint: Paint) -> Image.Image:
    layer = Image.new("RGB", picture.size, "white")
    paint(ImageDraw.Draw(layer))
    return ImageChops.multiply(picture, layer)


def stamp(color: tuple[int, int, int]) -> Paint:
    def paint(canvas: ImageDraw.ImageDraw) -> None:
        for radius in (110, 70):
            canvas.circle((500, 260), radius, outline=color, width=4)
        canvas.text((440, 240), "PAID", color, ImageFont.load_default(44))

    return paint


def fill_form(canvas: ImageDraw.ImageDraw) -> None:
    for row in range(12):
        base = 30 + row * _PITCH + 28
        canvas.line((400, base, 960, base), _BLACK, 2)
        canvas.text((410, base), "typed in blue", _BLUE, ImageFont.load_default(_SIZE), anchor="ls")


def plot(canvas: ImageDraw.ImageDraw) -> None:
    for number, color in enumerate((_BLUE, _RED, (20, 140, 40))):
        points = [(40 + 80 * step, 60 + (97 * (step + 3 * number)) % 400) for step in range(12)]
        canvas.line(points, color, 5)


def color_rows(canvas: ImageDraw.ImageDraw) -> None:
    for row in range(0, 12, 2):
        canvas.rectangle((0, 25 + row * _PITCH, 1000, 25 + (row + 1) * _PITCH), (120, 170, 240))


def in_colors() -> Image.Image:
    dark, light, blue = draw(*[_TEXT] * 12), draw(*[_TEXT] * 12, color=_RED), draw(*[_TEXT] * 12, color=(0, 0, 110))
    for column in range(0, 1000, 330):
        for source, shift in ((light, 0), (blue, 110)):
            box = (column + shift, 0, column + shift + 110, 540)
            dark.paste(source.crop(box), box)
    return dark


def as_jpeg(picture: Image.Image) -> Image.Image:
    file = io.BytesIO()
    picture.save(file, format="JPEG", quality=40)
    return Image.open(file).convert("RGB")


def erase(picture: Image.Image) -> Gray | None:
    colors: Color = np.asarray(picture)
    gray = np.array(picture.convert("L"))
    if not is_colored(colors):
        return None
    stamps = find_stamps(colors, choose_factor(*picture.size))
    return erase_stamps(gray, ((stamp, np.asarray(picture.crop(stamp.box))) for stamp in stamps))


LEFT = {
    "black print": draw(*[_TEXT] * 12),
    "a stamp beside print": print_over(draw(*["words"] * 12), stamp(_BLUE)),
    "blue writing on rules": print_over(draw(*["Name"] * 12), fill_form),
    "lines of a chart": print_over(draw("2019 2020 2021 2022 2023"), plot),
    "rows of a table in color": print_over(draw(*[_TEXT] * 12), color_rows),
    "red print": draw(*[_TEXT] * 12, color=_RED),
    "print in three colors": in_colors(),
    "nothing": Image.new("RGB", (1, 1), "white"),
    "a picture": Image.effect_noise((600, 600), 90).convert("RGB"),
}


@pytest.mark.parametrize("kind", LEFT)
@pytest.mark.parametrize("store", [lambda picture: picture, as_jpeg], ids=["as it is", "JPEG"])
def test_a_page_without_stamps_over_print_stays_as_it_is(
    kind: str, store: Callable[[Image.Image], Image.Image]
) -> None:
    # Given
    picture = store(LEFT[kind])
    # When / Then
    assert erase(picture) is None


@pytest.mark.parametrize("color", [_BLUE, _RED])
@pytest.mark.parametrize("store", [lambda picture: picture, as_jpeg], ids=["as it is", "JPEG"])
def test_a_stamp_goes_and_the_print_below_it_stays(
    color: tuple[int, int, int], store: Callable[[Image.Image], Image.Image]
) -> None:
    # Given
    plain = draw(*[_TEXT] * 12)
    stamped = print_over(plain, stamp(color))
    # When
    gray = erase(store(stamped))
    # Then
    is_print, is_dark = (np.asarray(picture.convert("L")) < _INK_LEVELS for picture in (plain, stamped))
    assert gray is not None
    assert (gray[is_print] < _INK_LEVELS).mean() > 0.97
    assert (gray[is_dark & ~is_print] >= _INK_LEVELS).mean() > 0.95
