"""The text a PDF page carries itself, with the boxes of its words."""

import contextlib
import ctypes
import math
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from worker.engines.base import Token

_LINE_END_HYPHEN = "\x02"
"""What pdfium answers for a hyphen that parts a word at the end of a line."""
_SOUND_SHARE = 0.95
"""Share of the characters that must be readable."""
_FEW_CHARACTERS = 100
_MOSTLY_PICTURE = 0.5
"""Share of the page that pictures cover, from which few characters are a caption, a stamp or a page number."""
_FINENESS = 256
"""Pdfium answers whole pixels, so it is asked for a rendering so many times larger."""
_FAR_POINTS = 1_000.0
_UNREADABLE = frozenset({"Cc", "Co", "Cn", "Cs"})


@dataclass(frozen=True, slots=True)
class TextLayer:
    """Words of a page in the order of its content, in pixels of its rendering at `dpi`."""

    width: int
    height: int
    dpi: int
    tokens: list[Token]
    is_sound: bool
    """Whether it can stand for what the page shows."""


def read_text_layer(page: pypdfium2.PdfPage, dpi: int) -> TextLayer:
    """The page's own text, which may be none."""
    width, height = (math.ceil(points * dpi / 72) for points in page.get_size())
    with contextlib.closing(page.get_textpage()) as text_page:
        tokens = _words(page, text_page, (width, height))
    return TextLayer(width, height, dpi, tokens, _is_sound(page, tokens))


def _is_sound(page: pypdfium2.PdfPage, tokens: list[Token]) -> bool:
    text = "".join(token.text for token in tokens)
    readable = sum(unicodedata.category(character) not in _UNREADABLE and character != "\ufffd" for character in text)
    if not text or readable < _SOUND_SHARE * len(text):
        return False
    return len(text) >= _FEW_CHARACTERS or _picture_share(page) < _MOSTLY_PICTURE


def _words(page: pypdfium2.PdfPage, text_page: pypdfium2.PdfTextPage, size: tuple[int, int]) -> list[Token]:
    letters, boxes = _letters(text_page)
    gaps = [number for number, letter in enumerate(letters) if _is_gap(letter)]
    words = [(before + 1, gap) for before, gap in pairwise([-1, *gaps, len(letters)]) if gap > before + 1]
    if not words:
        return []
    corners = np.rint(_to_pixels(page, size, boxes.reshape(-1, 2))).reshape(-1, 2, 2)
    starts = [start for start, _ in words]
    lows = np.fmin.reduceat(corners.min(axis=1), starts)  # a gap has no place, and NaN is passed over
    highs = np.fmax.reduceat(corners.max(axis=1), starts)
    lines = np.cumsum([letter == "\n" for letter in letters])[starts]
    return [
        Token(_join(letters[start:end]), (*low, *high), 100.0, (0, 0, line))
        for (start, end), low, high, line in zip(words, lows.tolist(), highs.tolist(), lines.tolist(), strict=True)
        if all(math.isfinite(edge) for edge in (*low, *high))
    ]


def _is_gap(letter: str) -> bool:
    return letter.isspace() or letter == "\0"


def _join(letters: list[str]) -> str:
    """The word; pdfium gives what is beyond the first 65,536 characters as the two halves that UTF-16 makes of it."""
    text = "".join(letters).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return unicodedata.normalize("NFC", text)


def _letters(text_page: pypdfium2.PdfTextPage) -> tuple[list[str], NDArray[np.float64]]:
    """The characters, and left, top, right and bottom of each in points, shape (n, 4), NaN where it has no place."""
    count = text_page.count_chars()
    letters = [chr(pdfium.FPDFText_GetUnicode(text_page, index)) for index in range(count)]
    boxes = np.full((count, 4), np.nan)
    left, top, right, bottom = (ctypes.c_double() for _ in range(4))
    for index, letter in enumerate(letters):
        if not _is_gap(letter) and pdfium.FPDFText_GetCharBox(text_page, index, left, right, bottom, top):
            boxes[index] = left.value, top.value, right.value, bottom.value
    return ["-" if letter == _LINE_END_HYPHEN else letter for letter in letters], boxes


def _to_pixels(page: pypdfium2.PdfPage, size: tuple[int, int], points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points (n, 2) of the page in pixels of its rendering, whatever its turn and its crop box are."""
    width, height = (side * _FINENESS for side in size)
    column, row = ctypes.c_int(), ctypes.c_int()
    corners = []
    for x, y in ((0.0, 0.0), (_FAR_POINTS, 0.0), (0.0, _FAR_POINTS)):
        pdfium.FPDF_PageToDevice(page, 0, 0, width, height, 0, x, y, column, row)
        corners.append((column.value, row.value))
    origin, *ends = np.array(corners) / _FINENESS
    pixels: NDArray[np.float64] = origin + points @ ((np.array(ends) - origin) / _FAR_POINTS)
    return pixels


def _picture_share(page: pypdfium2.PdfPage) -> float:
    area = page.get_width() * page.get_height()
    covered = 0.0
    for picture in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE]):
        left, bottom, right, top = picture.get_bounds()
        covered += max(0.0, right - left) * max(0.0, top - bottom)
    return covered / area if area else 0.0
