"""A picture of one line, read again at other sizes where the first reading is unsure."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from worker.engines.base import Token, mean_confidence
from worker.ink import find_ink
from worker.page import Gray, Page
from worker.scale import scale_line

_READABLE_PIXELS = (12.0, 28.0)
_FIRST_PIXELS, _OTHER_PIXELS = 20.0, (28.0, 24.0)
"""Letter heights for the first reading, where the picture's own is not readable, and for the others."""
_MARGIN_HEIGHTS = 1.0
"""What is left blank at both ends of the line, in heights of its letters."""
_SURE = 95.0
"""Mean confidence from which the first reading stands."""

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
