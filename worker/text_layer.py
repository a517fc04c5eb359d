"""The text a PDF page carries itself, with the boxes of its words."""

import contextlib
import ctypes
import math
import unicodedata
from dataclasses import dataclass, field

import pypdfium2
import pypdfium2.raw as pdfium

from worker.engines.base import Token

_LINE_END_HYPHEN = "\x02"
"""What pdfium answers for a hyphen that parts a word at the end of a line."""
_SOUND_SHARE = 0.95
"""Share of the characters that must be readable."""
_FEW_CHARACTERS = 100
_MOSTLY_PICTURE = 0.5
"""Share of the page that pictures cover, from which few characters are a caption, a stamp or a page number."""
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


@dataclass(slots=True)
class _Word:
    text: str = ""
    xs: list[float] = field(default_factory=list)
    ys: list[float] = field(default_factory=list)


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
    tokens: list[Token] = []
    word, line = _Word(), 0
    for index in range(text_page.count_chars()):
        character = chr(pdfium.FPDFText_GetUnicode(text_page, index))
        if character.isspace() or character == "\0":
            _finish(tokens, word, line)
            word = _Word()
            line += character == "\n"
            continue
        word.text += "-" if character == _LINE_END_HYPHEN else character
        for x, y in _corners(page, text_page, index, size):
            word.xs.append(x)
            word.ys.append(y)
    _finish(tokens, word, line)
    return tokens


def _finish(tokens: list[Token], word: _Word, line: int) -> None:
    if word.text and word.xs:
        box = (min(word.xs), min(word.ys), max(word.xs), max(word.ys))
        tokens.append(Token(unicodedata.normalize("NFC", word.text), box, 100.0, (0, 0, line)))


def _corners(
    page: pypdfium2.PdfPage, text_page: pypdfium2.PdfTextPage, index: int, size: tuple[int, int]
) -> list[tuple[int, int]]:
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    if not pdfium.FPDFText_GetCharBox(text_page, index, left, right, bottom, top):
        return []
    corners = []
    for x, y in ((left, top), (right, bottom)):
        column, row = ctypes.c_int(), ctypes.c_int()
        pdfium.FPDF_PageToDevice(page, 0, 0, *size, 0, x, y, column, row)
        corners.append((column.value, row.value))
    return corners


def _picture_share(page: pypdfium2.PdfPage) -> float:
    area = page.get_width() * page.get_height()
    covered = 0.0
    for picture in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE]):
        left, bottom, right, top = picture.get_bounds()
        covered += max(0.0, right - left) * max(0.0, top - bottom)
    return covered / area if area else 0.0
