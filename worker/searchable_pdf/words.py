"""Recognized words as the operators of an invisible text, in a frame of the page's own pixels."""

from collections.abc import Iterator
from math import cos, radians, sin

from shared.render.geometry import Span, level_line, quarter_turns, words_of
from shared.schemas import Line, PageResult
from worker.searchable_pdf.font import ADVANCE, DESCENT, GlyphlessFont


def draw_words(page: PageResult, angle: float, font: GlyphlessFont, font_name: str) -> str:
    """A text object for the lines of `page`, whose words follow each other at `angle` degrees clockwise.

    Its frame has its origin in the lower left corner of the page, its unit is a pixel. Each word is stretched over
    its box and ends in a space, so that searches find several words in a row. The words of a skewed line follow its
    slope as stairs do: each by itself runs along the page's nearest edge, since poppler breaks words whose letters
    climb.
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
    for index, (box, text) in enumerate(words, 1):
        yield _move(box, span.bottom - DESCENT * size, angle, page_height)
        stretch = (box.end - box.start) / (len(text) * ADVANCE * size)
        # In a string of its own the space would start a new line, for pdfium, where text runs downward.
        spaced = f"{text} " if index < len(words) else text
        yield f"{100 * stretch:.3f} Tz {font.encode(spaced)} Tj"


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


def _clean(text: str) -> str:
    return "".join(character for character in text if character.isprintable())
