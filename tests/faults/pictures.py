"""Pictures of known text, small so that reading them is cheap; and one that takes long to read."""

import io
import random
from functools import cache

from PIL import Image, ImageDraw, ImageFont

_MARGIN_PIXELS = 14
_FONT_PIXELS = 32


def draw_line(text: str) -> bytes:
    """A PNG of one line, as cut out of a scan."""
    return _encode(_draw(text), "PNG")


def draw_document(texts: list[str]) -> bytes:
    """A TIFF with a page for each text."""
    first, *rest = map(_draw, texts)
    return _encode(first, "TIFF", save_all=True, append_images=rest)


@cache
def draw_slow_page(lines: int = 240) -> bytes:
    """A page full of small print: about a fifth of a second a line, minutes in all."""
    chance = random.Random(7)  # noqa: S311 - print, not secrets
    font = ImageFont.load_default(size=20)
    page = Image.new("L", (4800, 26 * lines + 40), 255)
    draw = ImageDraw.Draw(page)
    for y in range(20, 26 * lines + 20, 26):
        words = ("".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=chance.randint(2, 9))) for _ in range(90))
        draw.text((20, y), " ".join(words), font=font, fill=0)
    return _encode(page, "PNG")


def _draw(text: str) -> Image.Image:
    font = ImageFont.load_default(size=_FONT_PIXELS)
    width = int(font.getlength(text)) + 2 * _MARGIN_PIXELS
    picture = Image.new("L", (width, _FONT_PIXELS + 2 * _MARGIN_PIXELS), 255)
    ImageDraw.Draw(picture).text((_MARGIN_PIXELS, _MARGIN_PIXELS), text, font=font, fill=0)
    return picture


def _encode(picture: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, dpi=(200, 200), **options)
    return buffer.getvalue()
