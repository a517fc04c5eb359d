"""A picture of one line, read again at other sizes where the first reading is unsure, or of a few letters alone."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from worker.deskew import find_paper
from worker.engines.base import Token, mean_confidence
from worker.ink import find_ink, find_pieces
from worker.page import Gray, Page
from worker.scale import scale_line

_READABLE_PIXELS = (12.0, 28.0)
_FIRST_PIXELS, _OTHER_PIXELS = 20.0, (28.0, 24.0)
"""Letter heights for the first reading, where the picture's own is not readable, and for the others."""
_MARGIN_HEIGHTS = 1.0
"""What is left blank at both ends of the line, in heights of its letters."""
_SURE = 95.0
"""Mean confidence from which the first reading stands."""

_FEW_PIXELS = 40.0
_FEW_MARGIN_HEIGHTS = 0.5
_MOST_PIECES = 12
_LEAST_AREA_SHARE, _LEAST_HEIGHT_SHARE = 0.02, 0.25
"""A piece of ink with less of the largest one's area is a speck; letters fill more than this of a picture's height."""
_ROW_SHARE = 0.6
"""The tallest piece of a row is at least so much of its height."""
_BELIEVABLE = 50.0
"""Mean confidence below which what was read is no text."""

Reader = Callable[[Gray], list[Token]]


def read_line(page: Page, height: float, read: Reader, read_again: Reader) -> tuple[Page, list[Token]]:
    """The words of a line whose letters are `height` pixels tall, and the page whose pixels their boxes are in.

    Of several readings with as many words as the surest one, each word is the one with the most confidence behind it
    (J. Fiscus, A post-processing system to yield reduced word error rates: ROVER, 1997).
    """
    page = _trim(page, height)
    is_readable = _READABLE_PIXELS[0] <= height <= _READABLE_PIXELS[1]
    first = scale_line(page, height, height if is_readable else _FIRST_PIXELS)
    readings = [(first, read(first.image))]
    if mean_confidence(readings[0][1]) < _SURE:
        others = [scale_line(page, height, pixels) for pixels in _OTHER_PIXELS]
        readings += [(other, read_again(other.image)) for other in others]
    sized, surest = max(readings, key=lambda reading: mean_confidence(reading[1]))
    alike = [tokens for _, tokens in readings if len(tokens) == len(surest)]
    return sized, [_vote(token, rivals) for token, *rivals in zip(surest, *alike, strict=True)]


def read_few(page: Page, read: Reader) -> tuple[Page, list[Token]]:
    """What a picture says that a row of few letters fills, too few to be measured; no words where it is none."""
    pieces = find_pieces(find_ink(page.image))
    pieces = pieces[pieces[:, cv2.CC_STAT_AREA] >= _LEAST_AREA_SHARE * pieces[:, cv2.CC_STAT_AREA].max(initial=0)]
    if not 0 < len(pieces) <= _MOST_PIECES:
        return page, []
    (left, top), (right, bottom) = pieces[:, :2].min(axis=0), (pieces[:, :2] + pieces[:, 2:4]).max(axis=0)
    tallest = float(pieces[:, cv2.CC_STAT_HEIGHT].max())
    if tallest < max(_ROW_SHARE * (bottom - top), _LEAST_HEIGHT_SHARE * page.image.shape[0]):
        return page, []
    sized = scale_line(_cut(page, (left, top, right, bottom), _FEW_MARGIN_HEIGHTS * tallest), tallest, _FEW_PIXELS)
    tokens = read(sized.image)
    return (sized, tokens) if mean_confidence(tokens) >= _BELIEVABLE else (page, [])


def _cut(page: Page, box: tuple[int, int, int, int], margin: float) -> Page:
    """That part of the page with a margin around it, of paper where the page has none."""
    left, top, right, bottom = box
    room = round(margin)
    image = cv2.copyMakeBorder(
        page.image[top:bottom, left:right], room, room, room, room, cv2.BORDER_CONSTANT, value=find_paper(page.image)
    )
    to_page = np.array([[1.0, 0.0, left - room], [0.0, 1.0, top - room], [0.0, 0.0, 1.0]])
    return page.warped(image.astype(np.uint8, copy=False), "scale", to_page)


def _trim(page: Page, height: float) -> Page:
    """The line without what is blank at its ends: Tesseract takes time by the width of a picture, blank or not."""
    inked = np.flatnonzero(find_ink(page.image).any(axis=0))
    if not inked.size:
        return page
    margin = round(_MARGIN_HEIGHTS * height)
    left, right = max(0, inked[0] - margin), min(page.image.shape[1], inked[-1] + 1 + margin)
    to_page = np.array([[1.0, 0.0, left], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    return page.warped(page.image[:, left:right], "scale", to_page)


def _vote(token: Token, rivals: list[Token]) -> Token:
    """The token with the text that wins among the rivals, itself one of them."""
    confidences: dict[str, list[float]] = defaultdict(list)
    for rival in rivals:
        confidences[rival.text].append(rival.confidence)
    text = max(confidences, key=lambda text: sum(confidences[text]))
    return replace(token, text=text, confidence=max(confidences[text]))
