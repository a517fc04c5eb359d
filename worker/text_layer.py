"""The text a PDF page carries itself, with the boxes of its words."""

import contextlib
import ctypes
import math
import re
import unicodedata
from dataclasses import dataclass

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from worker.engines.base import Token

_LINE_END_HYPHEN = "\x02"
"""What pdfium answers for a hyphen that parts a word at the end of a line."""
_NO_CHARACTER = "\ufffe"
"""What pdfium's text has in the place of one, and of a glyph that stands for no character."""
_SOUND_SHARE = 0.95
"""Share of the characters that must be readable."""
_FEW_CHARACTERS = 100
_MOSTLY_PICTURE = 0.5
"""Share of the page that pictures cover, from which few characters are a caption, a stamp or a page number."""
_FINENESS = 256
"""Pdfium answers whole pixels, so it is asked for a rendering so many times larger."""
_FAR_POINTS = 1_000.0
_UNREADABLE = frozenset({"Cc", "Co", "Cn", "Cs"})
_WORD_OR_LINE_END = re.compile(r"\n|[^\s\0]+")


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
    unreadable = sum(text.count(character) for character in set(text) if _is_unreadable(character))
    if not text or unreadable > (1 - _SOUND_SHARE) * len(text):
        return False
    return len(text) >= _FEW_CHARACTERS or _picture_share(page) < _MOSTLY_PICTURE


def _is_unreadable(character: str) -> bool:
    return unicodedata.category(character) in _UNREADABLE or character == "\ufffd"


def _words(page: pypdfium2.PdfPage, text_page: pypdfium2.PdfTextPage, size: tuple[int, int]) -> list[Token]:
    letters = _letters(text_page)
    line, words = 0, []
    for found in _WORD_OR_LINE_END.finditer(letters):
        if found[0] == "\n":
            line += 1
        else:
            words.append((found.span(), line))
    if not words:
        return []
    areas = _areas(text_page, [span for span, _ in words])
    corners = np.rint(_to_pixels(page, size, areas.reshape(-1, 2))).reshape(-1, 2, 2)
    boxes = np.hstack([corners.min(axis=1), corners.max(axis=1)])
    texts = _compose("\n".join(letters[start:end] for (start, end), _ in words)).split("\n")
    return [
        Token(text, (left, top, right, bottom), 100.0, (0, 0, line))
        for text, (_, line), (left, top, right, bottom) in zip(texts, words, boxes.tolist(), strict=True)
        if math.isfinite(left)
    ]


def _letters(text_page: pypdfium2.PdfTextPage) -> str:
    """One for each of pdfium's characters, of which two make one beyond the first 65,536, as in UTF-16."""
    count = text_page.count_chars()
    halves = (ctypes.c_ushort * (2 * count + 2))()  # were it to write two for each, there is room
    if pdfium.FPDFText_GetText(text_page, 0, count, halves) == count + 1:
        letters = np.array(halves[:count], "<u4").tobytes().decode("utf-32-le", "surrogatepass")
    else:  # some of the characters are not in the text
        letters = _NO_CHARACTER * count
    letters = re.sub(_NO_CHARACTER, lambda found: chr(pdfium.FPDFText_GetUnicode(text_page, found.start())), letters)
    return letters.replace(_LINE_END_HYPHEN, "-")


def _compose(letters: str) -> str:
    """Whole characters of halves, and of letters and their accents."""
    text = letters.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return unicodedata.normalize("NFC", text)


def _areas(text_page: pypdfium2.PdfTextPage, spans: list[tuple[int, int]]) -> NDArray[np.float64]:
    """Left, top, right and bottom of each run of characters in points, shape (n, 4), NaN where it has no place."""
    raw = text_page.raw
    edges = left, top, right, bottom = [ctypes.c_double() for _ in range(4)]
    areas = np.full((len(spans), 4), np.nan)
    for number, (start, end) in enumerate(spans):
        parts = [
            [edge.value for edge in edges]
            for index in range(pdfium.FPDFText_CountRects(raw, start, end - start))
            if pdfium.FPDFText_GetRect(raw, index, left, top, right, bottom) and any(edge.value for edge in edges)
        ]
        parts = parts or [  # letters without width or height have no such parts
            [edge.value for edge in edges]
            for index in range(start, end)
            if pdfium.FPDFText_GetCharBox(raw, index, left, right, bottom, top)
        ]
        if parts:
            lefts, tops, rights, bottoms = zip(*parts, strict=True)
            areas[number] = min(lefts), max(tops), max(rights), min(bottoms)
    return areas


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
