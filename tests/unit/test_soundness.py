"""Whether the text of a PDF page is what the page shows."""

import io

import cv2
import numpy as np
import pypdfium2
import pytest
from PIL import Image, ImageDraw, ImageFont

from worker.engines.base import Token
from worker.soundness import is_sound, lacks_print

_SIZE = (800, 1000)
_LINES = [f"Line {number} of a letter that was scanned" for number in range(20)]


def draw(lines: list[str]) -> Image.Image:
    picture = Image.new("L", _SIZE, 255)
    for number, line in enumerate(lines):
        ImageDraw.Draw(picture).text((60, 60 + 44 * number), line, 0, ImageFont.load_default(24))
    return picture


def draw_texture() -> Image.Image:
    """As many specks as large as letters."""
    noise = np.random.default_rng(1).normal(size=_SIZE[::-1])
    texture = cv2.GaussianBlur(noise, (0, 0), 3)
    return Image.fromarray((190 + 25 * texture / texture.std()).clip(0, 255).astype(np.uint8))


def show(picture: Image.Image) -> pypdfium2.PdfDocument:
    """A page of 576 x 720 points that is the picture."""
    file = io.BytesIO()
    picture.save(file, "PDF", resolution=100)
    return pypdfium2.PdfDocument(file.getvalue())


def layer_of(lines: list[str], top: int) -> list[Token]:
    """A token a line, from `top` on, in pixels of the picture."""
    return [
        Token(line, (60, top + 44 * number, 740, top + 30 + 44 * number), 100.0, (0, 0, number))
        for number, line in enumerate(lines)
    ]


@pytest.mark.parametrize(("first", "is_whole"), [(0, True), (2, True), (16, False)])
def test_the_text_of_a_scan_covers_its_letters(first: int, is_whole: bool) -> None:  # noqa: FBT001 - a row
    # Given all lines of the scan, all but two, and four at the foot, as of a stamp
    tokens = layer_of(_LINES[first:], top=60 + 44 * first)
    # When / Then
    with show(draw(_LINES)) as document:
        assert is_sound(document[0], tokens, 100) is is_whole


@pytest.mark.parametrize("picture", [draw([]), draw_texture()])
def test_a_picture_without_letters_needs_no_text(picture: Image.Image) -> None:
    # Given
    tokens = layer_of(_LINES[:4], top=60)
    # When / Then
    with show(picture) as document:
        assert is_sound(document[0], tokens, 100)


@pytest.mark.parametrize(
    ("picture", "first", "is_missed"), [(draw(_LINES), 8, True), (draw(_LINES), 0, False), (draw_texture(), 8, False)]
)
def test_print_in_a_picture_beside_the_text_is_missed(picture: Image.Image, first: int, *, is_missed: bool) -> None:
    # Given a page three times as large as its picture, and the text from a line on
    with show(picture) as document:
        page = document[0]
        page.set_mediabox(0, 0, 3 * 576, 720)
        # When / Then
        assert lacks_print(page, layer_of(_LINES[first:], top=60 + 44 * first), 100) is is_missed
