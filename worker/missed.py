"""Ink without words: lines that the engine passed over, each read by itself."""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.engines.base import Token
from worker.page import Box, Gray

_SURE = 85.0
_MOST_LINES = 12
_FEWEST_LETTERS, _FEWEST_CHARACTERS = 4, 3
_LETTER_HEIGHTS = (0.5, 6.0)
"""Heights of what may be a letter, in heights of the page's letters."""
_SPACE_HEIGHTS = 1.5
"""Room between two words of a line, in heights of the page's letters."""
_SLACK_PIXELS = 3
_MARGIN_PIXELS = 10
_READABLE_PIXELS = 20.0
_PAPER_PERCENTILE = 90

Reader = Callable[[Gray], list[Token]]


def read_missed(image: Gray, ink: Gray, letters: float, tokens: list[Token], read: Reader) -> list[Token]:
    """The tokens and those of lines without any, where they belong.

    `ink` is the picture's, see `worker.ink.find_ink`; `letters` is the height of the page's letters in pixels.
    """
    for number, line in enumerate(_find_lines(ink.copy(), letters, tokens)):
        words = _read_line(image, line, letters, read)
        if any(word.confidence >= _SURE and len(word.text) >= _FEWEST_CHARACTERS for word in words):
            place = _find_place(line, tokens)
            tokens = [*tokens[:place], *(replace(word, line=(-1, 0, number)) for word in words), *tokens[place:]]
    return tokens


def _find_lines(ink: Gray, letters: float, tokens: list[Token]) -> list[Box]:
    """The boxes of rows of letters that no token covers, the longest first; wipes out what tokens cover."""
    for token in tokens:
        left, top, right, bottom = (round(edge) for edge in token.box)
        top, left = max(0, top - _SLACK_PIXELS), max(0, left - _SLACK_PIXELS)
        ink[top : bottom + _SLACK_PIXELS, left : right + _SLACK_PIXELS] = 0
    pieces = cv2.connectedComponentsWithStats(ink, connectivity=8)[2][1:].astype(np.intp)
    shortest, tallest = (letters * heights for heights in _LETTER_HEIGHTS)
    heights, widths = pieces[:, cv2.CC_STAT_HEIGHT], pieces[:, cv2.CC_STAT_WIDTH]
    pieces = pieces[(heights >= shortest) & (heights <= tallest) & (widths <= 2 * tallest)]
    if len(pieces) < _FEWEST_LETTERS:
        return []
    lines = _join(pieces, round(_SPACE_HEIGHTS * letters), ink.shape)
    alone = [line for line in lines if not any(_touches(line, token.box) for token in tokens)]
    return sorted(alone, key=lambda line: line[0] - line[2])[:_MOST_LINES]


def _touches(line: Box, other: Box) -> bool:
    return line[0] < other[2] and other[0] < line[2] and line[1] < other[3] and other[1] < line[3]


def _join(pieces: NDArray[np.intp], space: int, shape: tuple[int, ...]) -> list[Box]:
    mask = np.zeros(shape, np.uint8)
    for left, top, width, height, _ in pieces:
        mask[top : top + height, left : left + width + space] = 255
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    counts = np.bincount(labels[pieces[:, 1], pieces[:, 0]], minlength=len(stats))
    return [
        (float(left), float(top), float(left + width - space), float(top + height))
        for (left, top, width, height, _), count in zip(stats, counts, strict=True)
        if count >= _FEWEST_LETTERS and width - space > 2 * height
    ]


def _read_line(image: Gray, line: Box, letters: float, read: Reader) -> list[Token]:
    left, top, right, bottom = (round(edge) for edge in line)
    top, left = max(0, top - _SLACK_PIXELS), max(0, left - _SLACK_PIXELS)
    cut = image[top : bottom + _SLACK_PIXELS, left : right + _SLACK_PIXELS]
    factor = max(1.0, _READABLE_PIXELS / letters)
    large = cv2.resize(cut, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC).astype(np.uint8, copy=False)
    margins, paper = (_MARGIN_PIXELS,) * 4, float(np.percentile(cut, _PAPER_PERCENTILE))
    framed = cv2.copyMakeBorder(large, *margins, cv2.BORDER_CONSTANT, value=paper).astype(np.uint8, copy=False)
    shift = np.array([left, top, left, top], dtype=float)
    return [replace(word, box=_as_box((np.array(word.box) - _MARGIN_PIXELS) / factor + shift)) for word in read(framed)]


def _as_box(edges: NDArray[np.float64]) -> Box:
    left, top, right, bottom = map(float, edges)
    return left, top, right, bottom


def _find_place(line: Box, tokens: list[Token]) -> int:
    """The index behind the line right above, in the same column; without one, that of the first token below."""
    middle = (line[1] + line[3]) / 2
    above = [token for token in tokens if token.box[3] <= middle and token.box[0] < line[2] and line[0] < token.box[2]]
    if above:
        last = max(above, key=lambda token: token.box[3]).line
        return max(number for number, token in enumerate(tokens) if token.line == last) + 1
    return next((number for number, token in enumerate(tokens) if token.box[1] >= middle), len(tokens))
