"""Ink without words: lines that the engine passed over, each read by itself."""

from collections import defaultdict
from dataclasses import replace
from itertools import islice

import cv2
import numpy as np

from worker.cutting import Reader, read_cut
from worker.engines.base import Token
from worker.ink import Pieces, find_pieces
from worker.page import Box, Gray, around

_SURE = 85.0
_MOST_LINES = 12
_FEWEST_LETTERS, _FEWEST_CHARACTERS = 4, 3
_LETTER_HEIGHTS = (0.5, 6.0)
"""Heights of what may be a letter, in heights of the page's letters."""
_SPACE_HEIGHTS = 1.5
"""Room between two words of a line, in heights of the page's letters."""
_LEAST_ELONGATION = 2.0
_MOST_TRIED = 100
_OF_ITS_OWN = (-1, 0)
"""Block and paragraph of a line that stands alone."""
_SLACK_PIXELS = 3


def read_missed(image: Gray, ink: Gray, letters: float, tokens: list[Token], read: Reader) -> list[Token]:
    """The tokens and those of lines without any, where they belong.

    `ink` is the picture's, see `worker.ink.find_ink`; `letters` is the height of the page's letters in pixels.
    """
    for number, line in enumerate(_find_lines(ink.copy(), letters, tokens)):
        words = read_cut(image, line, letters, read)
        if any(word.confidence >= _SURE and len(word.text) >= _FEWEST_CHARACTERS for word in words):
            place, paragraph = _find_place(line, tokens)
            found = [replace(word, line=(*paragraph, -1 - number)) for word in words]
            tokens = [*tokens[:place], *found, *tokens[place:]]
    return tokens


def _find_lines(ink: Gray, letters: float, tokens: list[Token]) -> list[Box]:
    """The boxes of rows of letters that no token covers, the longest first; wipes out what tokens cover."""
    for token in tokens:
        left, top, right, bottom = (round(edge) for edge in token.box)
        top, left = max(0, top - _SLACK_PIXELS), max(0, left - _SLACK_PIXELS)
        ink[top : bottom + _SLACK_PIXELS, left : right + _SLACK_PIXELS] = 0
    pieces = find_pieces(ink)
    shortest, tallest = (letters * heights for heights in _LETTER_HEIGHTS)
    heights, widths = pieces[:, cv2.CC_STAT_HEIGHT], pieces[:, cv2.CC_STAT_WIDTH]
    pieces = pieces[(heights >= shortest) & (heights <= tallest) & (widths <= 2 * tallest)]
    if len(pieces) < _FEWEST_LETTERS:
        return []
    lines = sorted(_join(pieces, round(_SPACE_HEIGHTS * letters), ink.shape), key=lambda line: line[0] - line[2])
    alone = (line for line in lines[:_MOST_TRIED] if not any(_touches(line, token.box) for token in tokens))
    return list(islice(alone, _MOST_LINES))


def _touches(line: Box, other: Box) -> bool:
    return line[0] < other[2] and other[0] < line[2] and line[1] < other[3] and other[1] < line[3]


def _join(pieces: Pieces, space: int, shape: tuple[int, ...]) -> list[Box]:
    """The boxes of pieces that follow each other with no more than `space` between them."""
    mask = np.zeros(shape, np.uint8)
    for left, top, width, height, _ in pieces:
        mask[top + height // 4 : top + height - height // 4, left : left + width + space] = 255
    labels = cv2.connectedComponents(mask, connectivity=8)[1]
    lines: dict[int, list[Box]] = defaultdict(list)
    for left, top, width, height, _ in pieces.tolist():
        lines[int(labels[top + height // 2, left])].append((left, top, left + width, top + height))
    boxes = [around(line) for line in lines.values() if len(line) >= _FEWEST_LETTERS]
    return [box for box in boxes if box[2] - box[0] > _LEAST_ELONGATION * (box[3] - box[1])]


def _find_place(line: Box, tokens: list[Token]) -> tuple[int, tuple[int, int]]:
    """The index behind the line right above in the same column, or of the first token below; and the paragraph."""
    middle, height = (line[1] + line[3]) / 2, line[3] - line[1]
    above = [token for token in tokens if token.box[3] <= middle and token.box[0] < line[2] and line[0] < token.box[2]]
    if not above:
        below = (number for number, token in enumerate(tokens) if token.box[1] >= middle)
        return next(below, len(tokens)), _OF_ITS_OWN
    nearest = max(above, key=lambda token: token.box[3])
    place = max(number for number, token in enumerate(tokens) if token.line == nearest.line) + 1
    return place, nearest.line[:2] if line[1] - nearest.box[3] < height else _OF_ITS_OWN
