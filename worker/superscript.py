"""Footnote marks: small raised digits at either end of a word, which Tesseract takes for punctuation."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np

from worker.cutting import enlarge_and_frame
from worker.engines.base import Token, mean_confidence
from worker.ink import Pieces, find_pieces
from worker.page import Gray

_MOST_WORDS = 100
"""Words looked at on a page; a page with more of them has other troubles."""
_DOUBTFUL = 90.0
"""Confidence below which a word may hide a mark."""
_SURE = 60.0
_FEWEST_LETTERS, _MOST_DIGITS = 2, 3
_SPECK_PIXELS = 6
_MARK_PIXELS = 26.0
"""Height to which a mark is enlarged before it is read."""
_ON_BASELINE, _LIFT, _MIDDLE_LIFT, _LEAST_HEIGHT = 0.2, 0.35, 0.6, 0.6
"""In heights of the letters: how far feet of letters are from the baseline; how far the foot and the middle of a mark
are above it, and its least height: quotation marks are lower."""

Reader = Callable[[Gray], list[Token]]


@dataclass(frozen=True, slots=True)
class _Mark:
    """Which of a word's pieces are raised."""

    first: int
    last: int


def read_superscripts(image: Gray, ink: Gray, tokens: list[Token], read: Reader) -> list[Token]:
    """The tokens, those with a mark read again: the mark enlarged, the word without it.

    `ink` is the picture's, see `worker.ink.find_ink`.
    """
    doubtful = [number for number, token in enumerate(tokens) if _is_doubtful(token)]
    reread = {number: _reread(image, ink, tokens[number], read) for number in doubtful[:_MOST_WORDS]}
    return [reread.get(number, token) for number, token in enumerate(tokens)]


def _is_doubtful(token: Token) -> bool:
    letters = sum(character.isalpha() for character in token.text)
    return token.confidence < _DOUBTFUL and letters >= _FEWEST_LETTERS


def _reread(image: Gray, ink: Gray, token: Token, read: Reader) -> Token:
    left, top, right, bottom = (max(0, round(edge)) for edge in token.box)
    if left >= min(right, image.shape[1]) or top >= min(bottom, image.shape[0]):
        return token
    pieces = _find_pieces(ink[top:bottom, left:right])
    mark = _find_mark(pieces)
    if mark is None:
        return token
    word = image[top:bottom, left:right]
    is_leading = mark.first == 0
    rest = pieces[mark.last + 1 :] if is_leading else pieces[: mark.first]
    digits = _read_mark(word, pieces[mark.first : mark.last + 1], read)
    if not digits:
        return token
    base = read(enlarge_and_frame(_cut(word, rest, whole_height=True), 1.0))
    text = "".join(part.text for part in base)
    if mean_confidence(base) < _SURE or text[0 if is_leading else -1].isdigit():
        return token
    is_stopped = not is_leading and mark.last + 1 < len(pieces)
    if is_stopped and token.text[-1].isalnum():
        return token
    whole = f"{digits}{text}" if is_leading else f"{text}{digits}{token.text[-1] if is_stopped else ''}"
    return replace(token, text=whole, confidence=mean_confidence(base))


def _find_pieces(ink: Gray) -> Pieces:
    """The pieces of a word from left to right."""
    pieces = find_pieces(ink)
    pieces = pieces[pieces[:, cv2.CC_STAT_AREA] >= _SPECK_PIXELS]
    return pieces[np.argsort(pieces[:, cv2.CC_STAT_LEFT])]


def _find_mark(pieces: Pieces) -> _Mark | None:
    """The raised pieces, where they begin the word or have at most one piece behind them, a stop."""
    if len(pieces) < _FEWEST_LETTERS + 1:
        return None
    heights = pieces[:, cv2.CC_STAT_HEIGHT]
    feet = pieces[:, cv2.CC_STAT_TOP] + heights
    baseline = np.median(feet)
    standing = heights[np.abs(feet - baseline) <= _ON_BASELINE * np.median(heights)]
    if not standing.size:
        return None
    height = np.median(standing)
    is_raised = (feet <= baseline - _LIFT * height) & (heights >= _LEAST_HEIGHT * height)
    is_raised &= feet - heights / 2 < baseline - _MIDDLE_LIFT * height
    raised = np.flatnonzero(is_raised)
    if not 0 < len(raised) <= _MOST_DIGITS or raised[-1] - raised[0] >= len(raised):
        return None
    mark = _Mark(int(raised[0]), int(raised[-1]))
    return mark if mark.first == 0 or mark.last >= len(pieces) - 2 else None


def _read_mark(word: Gray, pieces: Pieces, read: Reader) -> str:
    cut = _cut(word, pieces, whole_height=False)
    factor = _MARK_PIXELS / pieces[:, cv2.CC_STAT_HEIGHT].max()
    tokens = read(enlarge_and_frame(cut, factor))
    text = "".join(token.text for token in tokens)
    is_number = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    return text if is_number and mean_confidence(tokens) >= _SURE else ""


def _cut(word: Gray, pieces: Pieces, *, whole_height: bool) -> Gray:
    """The part of the word's picture around the pieces."""
    left, top = pieces[:, cv2.CC_STAT_LEFT], pieces[:, cv2.CC_STAT_TOP]
    right, bottom = left + pieces[:, cv2.CC_STAT_WIDTH], top + pieces[:, cv2.CC_STAT_HEIGHT]
    rows = slice(None) if whole_height else slice(max(0, top.min() - 1), bottom.max() + 1)
    return word[rows, max(0, left.min() - 1) : right.max() + 1]
