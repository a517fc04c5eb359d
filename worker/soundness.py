"""Whether the text that a PDF page carries can stand for what the page shows.

Fonts without a true encoding give other letters than they show; those of natural text are vowels for a third and more.
"""

import contextlib
import ctypes
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium

from worker.engines.base import Token
from worker.ink import find_letters, share_across
from worker.page import Gray

_SOUND_SHARE = 0.95
"""Share of the characters that must be readable."""
_UNREADABLE = frozenset({"Cc", "Co", "Cn", "Cs"})
_LONG_WORD = re.compile(r"\b[a-zæœøßıłđðþəа-ѿґғҗқңөүұһ]{5,}\b")
_CONSONANTS = re.compile(r"[^aeiouyæœøıəаеиоуыэюяіѣъөүұ]")
_FEWEST_LETTERS, _LEAST_VOWELS = 60, 0.24
"""Of 71,000 passages in 196 languages one has fewer vowels; English whose letters are all moved by three has 0.19."""
_ACCENTS = re.compile(r"[\u0300-\u036f]+")
_MISREAD = re.compile(r"[À-ÖØ-öø-ɏ]{5,}|(?:[ÐÑ][^A-Za-z\s]){3,}")
"""Cyrillic in Windows' encoding or in UTF-8, read as Latin: no language has words of accented letters alone."""
_MOST_MISREAD, _MOST_MISREAD_SHARE = 3, 0.1
_FEW_CHARACTERS = 100
_MOSTLY_PICTURE = 0.5
"""Share of the page that pictures cover, from which its text may be that of a caption, a stamp or a page number."""
_RENDERING_DPI, _MOST_SIDE_PIXELS = 108, 1_200
_COVERED_SHARE = 0.6
"""Share of what looks like letters on a scan that its text must cover: what was recognized covers seven in ten and
more, for pictures look like letters, too, and a stamp a fifth."""
_LINED_SHARE = 0.62
"""Share of the other letters that follow each other along one axis where they are text: in texture half of them do."""


def is_sound(page: pypdfium2.PdfPage, tokens: Sequence[Token], dpi: int) -> bool:
    """Whether `tokens`, whose boxes are pixels at `dpi`, are readable and all that the page says."""
    words = [token.text for token in tokens]
    if not is_legible(words):
        return False
    if _picture_share(page) < _MOSTLY_PICTURE:
        return True
    return sum(map(len, words)) >= _FEW_CHARACTERS and _covers_letters(page, tokens, dpi)


def is_legible(words: Sequence[str]) -> bool:
    """Whether the characters are some, and those that were meant, as far as words of the two alphabets tell."""
    text = "".join(words)
    unreadable = sum(text.count(character) for character in set(text) if _is_unreadable(character))
    if not text or unreadable > (1 - _SOUND_SHARE) * len(text):
        return False
    text = " ".join(words)
    long_words = set(_LONG_WORD.findall(_ACCENTS.sub("", unicodedata.normalize("NFD", text.lower()))))
    misread = set(_MISREAD.findall(text))
    if len(misread) > max(_MOST_MISREAD, _MOST_MISREAD_SHARE * len(long_words)):
        return False
    letters = "".join(long_words)
    vowels = len(_CONSONANTS.sub("", letters))
    return len(letters) < _FEWEST_LETTERS or vowels >= _LEAST_VOWELS * len(letters)


def _is_unreadable(character: str) -> bool:
    return unicodedata.category(character) in _UNREADABLE or character == "\ufffd"


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
    scale = min(_RENDERING_DPI / 72, _MOST_SIDE_PIXELS / max(page.get_size()))
    with contextlib.closing(page.render(scale=scale)) as bitmap:
        image: Gray = cv2.cvtColor(bitmap.to_numpy(), cv2.COLOR_BGR2GRAY).astype(np.uint8, copy=False)
    letters = find_letters(image)
    if letters is None:
        return True
    slack = letters.height / 2
    boxes = np.array([token.box for token in tokens]) * (72 * scale / dpi) + [-slack, -slack, slack, slack]
    covered = np.zeros(image.shape, bool)
    for left, top, right, bottom in np.rint(boxes).clip(0).astype(int).tolist():
        covered[top:bottom, left:right] = True
    columns, rows = (letters.boxes[:, :2] + letters.boxes[:, 2:] / 2).astype(int).T
    is_bare = ~covered[rows, columns]
    if is_bare.mean() <= 1 - _COVERED_SHARE:
        return True
    across = share_across(replace(letters, boxes=letters.boxes[is_bare]))
    return 1 - _LINED_SHARE < across < _LINED_SHARE
