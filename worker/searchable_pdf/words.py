"""Recognized words as the operators of an invisible text, in a frame of the page's own pixels."""

from collections.abc import Iterator
from itertools import zip_longest
from math import cos, radians, sin

from shared.render.geometry import Span, level_line, quarter_turns, words_of
from shared.schemas import Line, PageResult
from worker.searchable_pdf.font import ADVANCE, DESCENT, GlyphlessFont

_LEAST_GAP = 0.05
"""Width of the space between words that touch or overlap, in ems."""


def draw_words(page: PageResult, angle: float, font: GlyphlessFont, font_name: str) -> str:
    """A text object for the lines of `page`, whose words follow each other at `angle` degrees clockwise.

    Its frame has its origin in the lower left corner of the page, its unit is a pixel. Each word is stretched over
    its box and followed by a space that reaches to the next one, so that searches find several words in a row. The
    words of a skewed line follow its slope as stairs do: each by itself runs along the page's nearest edge, since
    poppler breaks words whose letters climb.
    """
    lines = [line for block in page["blocks"] for line in block["lines"]]
    operators = (operator for line in lines for operator in _draw_line(line, angle, page["height"], font, font_name))
    return "\n".join(["BT 3 Tr", *operators, "ET"])


def _draw_line(line: Line, angle: float, page_height: int, font: GlyphlessFont, font_name: str) -> Iterator[str]:
    span, spans = level_line(line, angle)
    size = max(span.height, 1.0)
    words = [(box, text) for box, word in zip(spans, words_of(line), strict=True) if (text := _clean(word["text"]))]
    if words:
        yield f"{font_name} {size:.2f} Tf"
    for (box, text), following in zip_longest(words, words[1:]):
        yield _move(box, span.bottom - DESCENT * size, angle, page_height)
        yield _show(text, box.end - box.start, size, font)
        if following:
            gap = following[0].start - box.end
            yield _show(" ", max(gap, _LEAST_GAP * size), size, font)


def _move(word: Span, baseline: float, angle: float, page_height: int) -> str:
    """Sets the text matrix so that the middle of the word lies on the line's baseline."""
    x, y = _turn((word.start + word.end) / 2, baseline, angle)
    straight = quarter_turns(angle) * 90.0
    cosine, sine = round(cos(radians(straight))), round(sin(radians(straight)))
    half = (word.end - word.start) / 2
    left, bottom = x - half * cosine, page_height - (y - half * sine)
    return f"{cosine} {-sine} {sine} {cosine} {left:.2f} {bottom:.2f} Tm"


def _turn(along: float, across: float, angle: float) -> tuple[float, float]:
    """A point of the levelled frame in the picture."""
    cosine, sine = cos(radians(angle)), sin(radians(angle))
    return along * cosine - across * sine, along * sine + across * cosine


def _show(text: str, width: float, size: float, font: GlyphlessFont) -> str:
    percent = 100 * width / (len(text) * ADVANCE * size)
    return f"{percent:.3f} Tz {font.encode(text)} Tj"


def _clean(text: str) -> str:
    return "".join(character for character in text if character.isprintable())
