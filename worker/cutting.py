"""Small pictures cut out of a page, made ready to be read by themselves."""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from worker.engines.base import Token
from worker.page import Box, Gray

MARGIN_PIXELS = 12
_PAPER_PERCENTILE = 90
_SLACK_PIXELS = 3
_READABLE_PIXELS = 20.0

Reader = Callable[[Gray], list[Token]]


def enlarge_and_frame(cut: Gray, factor: float) -> Gray:
    """The picture `factor` times larger, in a margin of `MARGIN_PIXELS` in the shade of its paper."""
    large = cv2.resize(cut, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC) if factor > 1 else cut
    paper = float(np.percentile(cut, _PAPER_PERCENTILE))
    framed = cv2.copyMakeBorder(large, *(MARGIN_PIXELS,) * 4, cv2.BORDER_CONSTANT, value=paper)
    return framed.astype(np.uint8, copy=False)


def read_cut(image: Gray, box: Box, letters: float, read: Reader) -> list[Token]:
    """The words that `read` finds in a part of the picture, whose letters are `letters` pixels tall."""
    left, top, right, bottom = (round(edge) for edge in box)
    top, left = max(0, top - _SLACK_PIXELS), max(0, left - _SLACK_PIXELS)
    cut = image[top : bottom + _SLACK_PIXELS, left : right + _SLACK_PIXELS]
    factor = max(1.0, _READABLE_PIXELS / letters)
    height, width = cut.shape
    words = []
    for word in read(enlarge_and_frame(cut, factor)):
        x0, y0, x1, y1 = ((edge - MARGIN_PIXELS) / factor for edge in word.box)
        x0, y0, x1, y1 = max(x0, 0.0), max(y0, 0.0), min(x1, float(width)), min(y1, float(height))
        if x0 < x1 and y0 < y1:
            words.append(replace(word, box=(left + x0, top + y0, left + x1, top + y1)))
    return words
