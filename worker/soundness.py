"""Whether the text that a PDF page carries can stand for what the page shows, and what it lacks."""

import contextlib
import ctypes
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium

from worker.engines.base import Token
from worker.ink import Letters, find_letters, share_across
from worker.legibility import is_legible
from worker.page import Gray

_FEW_CHARACTERS = 100
_MOSTLY_PICTURE = 0.5
"""Share of the page that pictures cover, from which its text may be that of a caption, a stamp or a page number."""
_RENDERING_DPI, _MOST_SIDE_PIXELS = 108, 1_200
_COVERED_SHARE = 0.6
"""Share of what looks like letters on a scan that its text must cover: what was recognized covers seven in ten and
more, for pictures look like letters, too, and a stamp a fifth."""
_LINED_SHARE = 0.62
"""Share of the other letters that follow each other along one axis where they are text: in texture half of them do."""
_PICTURE = 0.04
"""Share of the page that pictures cover, from which they may show print; a logo covers less."""
_PICTURE_FINENESS = 1.5
"""How many times as fine the page is rendered then: print in pictures is small."""
_FEWEST_LETTERS, _PRINT_SHARE = 30, 0.7
"""How many letters make print in pictures, and the share of them that follow each other in lines."""


def is_sound(page: pypdfium2.PdfPage, tokens: Sequence[Token], dpi: int) -> bool:
    """Whether `tokens`, whose boxes are pixels at `dpi`, are readable and all that the page says."""
    words = [token.text for token in tokens]
    if not is_legible(words):
        return False
    if _picture_share(page) < _MOSTLY_PICTURE:
        return True
    return sum(map(len, words)) >= _FEW_CHARACTERS and _covers_letters(page, tokens, dpi)


def lacks_print(page: pypdfium2.PdfPage, tokens: Sequence[Token], dpi: int) -> bool:
    """Whether pictures that share the page with sound `tokens` show lines of print that is not among them."""
    if not _PICTURE <= _picture_share(page) < _MOSTLY_PICTURE:
        return False
    _, bare = _find_bare(page, tokens, dpi, _PICTURE_FINENESS)
    return bare is not None and len(bare.boxes) >= _FEWEST_LETTERS and share_across(bare) >= _PRINT_SHARE


def _picture_share(page: pypdfium2.PdfPage) -> float:
    edges = left, bottom, right, top = [ctypes.c_float() for _ in range(4)]
    covered = 0.0
    for picture in _find_pictures(page, pdfium.FPDFPage_CountObjects, pdfium.FPDFPage_GetObject):
        if pdfium.FPDFPageObj_GetBounds(picture, *edges):
            covered += max(0.0, right.value - left.value) * max(0.0, top.value - bottom.value)
    area = page.get_width() * page.get_height()
    return covered / area if area else 0.0


def _find_pictures(parent: Any, count: Callable[[Any], int], get: Callable[[Any, int], Any]) -> Iterator[Any]:
    """As `PdfPage.get_objects` does in three times the time."""
    for index in range(count(parent)):
        item = get(parent, index)
        kind = pdfium.FPDFPageObj_GetType(item)
        if kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            yield item
        elif kind == pdfium.FPDF_PAGEOBJ_FORM:
            yield from _find_pictures(item, pdfium.FPDFFormObj_CountObjects, pdfium.FPDFFormObj_GetObject)


def _covers_letters(page: pypdfium2.PdfPage, tokens: Sequence[Token], dpi: int) -> bool:
    share, bare = _find_bare(page, tokens, dpi)
    return bare is None or share <= 1 - _COVERED_SHARE or 1 - _LINED_SHARE < share_across(bare) < _LINED_SHARE


def _find_bare(
    page: pypdfium2.PdfPage, tokens: Sequence[Token], dpi: int, fineness: float = 1.0
) -> tuple[float, Letters | None]:
    """The share of what looks like letters that is in no box of `tokens`, and these."""
    scale = fineness * min(_RENDERING_DPI / 72, _MOST_SIDE_PIXELS / max(page.get_size()))
    with contextlib.closing(page.render(scale=scale)) as bitmap:
        image: Gray = cv2.cvtColor(bitmap.to_numpy(), cv2.COLOR_BGR2GRAY).astype(np.uint8, copy=False)
    letters = find_letters(image)
    if letters is None:
        return 0.0, None
    slack = letters.height / 2
    boxes = np.array([token.box for token in tokens]) * (72 * scale / dpi) + [-slack, -slack, slack, slack]
    covered = np.zeros(image.shape, bool)
    for left, top, right, bottom in np.rint(boxes).clip(0).astype(int).tolist():
        covered[top:bottom, left:right] = True
    columns, rows = (letters.boxes[:, :2] + letters.boxes[:, 2:] / 2).astype(int).T
    is_bare = ~covered[rows, columns]
    return float(is_bare.mean()), replace(letters, boxes=letters.boxes[is_bare]) if is_bare.any() else None
