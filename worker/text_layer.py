"""The text a PDF page carries itself, with the boxes of its words."""

import contextlib
import ctypes
import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import compress
from typing import NamedTuple

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from shared.render.geometry import quarter_turns
from worker.engines.base import Token
from worker.soundness import is_sound, lacks_print

_LINE_END_HYPHEN = "\x02"
"""What pdfium answers for a hyphen that parts a word at the end of a line."""
_NO_CHARACTER = "\ufffe"
"""What pdfium's text has in the place of one, and of a glyph that stands for no character."""
_FINENESS = 256
"""Pdfium answers whole pixels, so it is asked for a rendering so many times larger."""
_FAR_POINTS = 1_000.0
_LINE_GAP = 0.5
"""Words further apart across their line, in heights, are in two."""
_WORD_OR_LINE_END = re.compile(r"\n|[^\s\0]+")


@dataclass(frozen=True, slots=True)
class TextLayer:
    """Words of a page in the order of its content, in pixels of its rendering at `dpi`."""

    width: int
    height: int
    dpi: int
    rotation: int
    """The clockwise turn in degrees that puts the text upright: 0, 90, 180 or 270."""
    tokens: list[Token]
    is_sound: bool
    """Whether it can stand for what the page shows."""
    lacks_print: bool = False
    """Whether pictures beside it show print of their own."""


class _Words(NamedTuple):
    """Texts, the lines they are in, and boxes in pixels, shape (n, 4)."""

    texts: list[str]
    lines: NDArray[np.intp]
    boxes: NDArray[np.float64]


def read_text_layer(page: pypdfium2.PdfPage, dpi: int) -> TextLayer:
    """The page's own text, which may be none."""
    width, height = size = tuple(math.ceil(points * dpi / 72) for points in page.get_size())
    to_pixels = _find_pixels(page, size)
    words = _read_words(page, to_pixels, size)
    rotation = _find_rotation(words)
    if rotation:  # pdfium tells lines that run downward or upward in any order
        with _turned(page, rotation):
            words = _read_words(page, to_pixels, size)
    lines = _part_lines(words, rotation).tolist()
    tokens = [
        Token(text, (left, top, right, bottom), 100.0, (0, 0, line))
        for text, line, (left, top, right, bottom) in zip(words.texts, lines, words.boxes.tolist(), strict=True)
    ]
    is_whole = is_sound(page, tokens, dpi)
    return TextLayer(width, height, dpi, rotation, tokens, is_whole, is_whole and lacks_print(page, tokens, dpi))


@contextlib.contextmanager
def _turned(page: pypdfium2.PdfPage, rotation: int) -> Iterator[None]:
    own = page.get_rotation()
    page.set_rotation((own + rotation) % 360)
    try:
        yield
    finally:
        page.set_rotation(own)


def _read_words(page: pypdfium2.PdfPage, to_pixels: NDArray[np.float64], size: tuple[int, ...]) -> _Words:
    """Those that are seen: a page may be cropped."""
    spans, lines = [], []
    with contextlib.closing(page.get_textpage()) as text_page:
        letters = _letters(text_page)
        line = 0
        for found in _WORD_OR_LINE_END.finditer(letters):
            if found[0] == "\n":
                line += 1
            else:
                spans.append(found.span())
                lines.append(line)
        areas = _areas(text_page, spans)
    corners = np.rint(to_pixels[0] + areas.reshape(-1, 2) @ to_pixels[1:]).reshape(-1, 2, 2)
    starts, ends = corners.min(axis=1), corners.max(axis=1)
    is_seen = ((starts + ends >= 0) & (starts + ends <= 2 * np.array(size))).all(axis=1)
    texts = _compose("\n".join(letters[start:end] for start, end in spans)).split("\n")
    boxes = np.hstack([starts.clip(0, size), ends.clip(0, size)])
    return _Words(list(compress(texts, is_seen)), np.array(lines, np.intp)[is_seen], boxes[is_seen])


def _find_rotation(words: _Words) -> int:
    """The clockwise turn that puts the text upright, told by how the words of a line follow each other."""
    steps = np.diff(words.boxes[:, :2] + words.boxes[:, 2:], axis=0)[np.diff(words.lines) == 0]
    across, down = steps.sum(axis=0)
    return -90 * quarter_turns(math.degrees(math.atan2(down, across))) % 360


def _part_lines(words: _Words, rotation: int) -> NDArray[np.intp]:
    """The words' lines, parted where pdfium goes on with what is above or below, as in the fields of a form."""
    starts, ends = words.boxes[:, [0, 2] if rotation % 180 else [1, 3]].T
    gaps = np.maximum(starts[1:] - ends[:-1], starts[:-1] - ends[1:])
    heights = np.minimum((ends - starts)[1:], (ends - starts)[:-1])
    is_new = (np.diff(words.lines) != 0) | (gaps > _LINE_GAP * heights)
    return np.cumsum(np.append(0, is_new))[: len(words.lines)]


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


def _find_pixels(page: pypdfium2.PdfPage, size: tuple[int, ...]) -> NDArray[np.float64]:
    """Where the page's points are in its rendering, whatever its turn and its crop box are, shape (3, 2).

    The first row is the pixel of the origin, the others are what a point right and a point up add to it.
    """
    width, height = (side * _FINENESS for side in size)
    column, row = ctypes.c_int(), ctypes.c_int()
    corners = []
    for x, y in ((0.0, 0.0), (_FAR_POINTS, 0.0), (0.0, _FAR_POINTS)):
        pdfium.FPDF_PageToDevice(page, 0, 0, width, height, 0, x, y, column, row)
        corners.append((column.value, row.value))
    origin, *ends = np.array(corners) / _FINENESS
    return np.vstack([origin, (np.array(ends) - origin) / _FAR_POINTS])
