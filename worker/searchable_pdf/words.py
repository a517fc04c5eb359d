"""Recognized words as the operators of an invisible text, in a frame of the page's own pixels."""

from collections.abc import Iterator
from math import cos, radians, sin

from shared.render.geometry import Span, level_line
from shared.schemas import Line, PageResult
from worker.searchable_pdf.font import ADVANCE, DESCENT, GlyphlessFont

_LEAST_GAP = 0.05
"""Width of the space between words that touch or overlap, in ems."""


def draw_words(page: PageResult, angle: float, font: GlyphlessFont, font_name: str) -> str:
    """A text object for the lines of `page`, whose words follow each other at `angle` degrees clockwise.

    Its frame has its origin in the lower left corner of the page, its unit is a pixel. Each word is stretched over
    its box and followed by a space that reaches to the next one, so that searches find several words in a row.
    """
    lines = [line for block in page["blocks"] for line in block["lines"]]
    operators = (operator for line in lines for operator in _draw_line(line, angle, page["height"], font, font_name))
    return "\n".join(["BT 3 Tr", *operators, "ET"])


def _draw_line(line: Line, angle: float, page_height: int, font: GlyphlessFont, font_name: str) -> Iterator[str]:
    span, spans = level_line(line, angle)
    size = max(span.height, 1.0)
    words = [(box, text) for box, word in zip(spans, line["words"], strict=True) if (text := _clean(word["text"]))]
    if words:
        yield f"{font_name} {size:.2f} Tf"
    for index, (box, text) in enumerate(words):
        yield _move(box, span, size, angle, page_height)
        yield _show(text, box.end - box.start, size, font)
        if index + 1 < len(words):
            gap = words[index + 1][0].start - box.end
            yield _show(" ", max(gap, _LEAST_GAP * size), size, font)


def _move(word: Span, line: Span, size: float, angle: float, page_height: int) -> str:
    """Sets the text matrix to the start of `word` on the line's baseline."""
    cosine, sine = cos(radians(angle)), sin(radians(angle))
    along, across = word.start, line.bottom - DESCENT * size
    x = along * cosine - across * sine
    y = along * sine + across * cosine
    return f"{cosine:.6f} {-sine:.6f} {sine:.6f} {cosine:.6f} {x:.2f} {page_height - y:.2f} Tm"


def _show(text: str, width: float, size: float, font: GlyphlessFont) -> str:
    percent = 100 * width / (len(text) * ADVANCE * size)
    return f"{percent:.3f} Tz {font.encode(text)} Tj"


def _clean(text: str) -> str:
    return "".join(character for character in text if character.isprintable())
