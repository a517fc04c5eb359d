"""Text that was scanned askew or sideways, seen in a frame whose first axis runs along its lines."""

from math import atan2, cos, degrees, radians, sin
from typing import NamedTuple

from shared.schemas import Line, PageResult, Word

_STRAIGHT_DEGREES = 0.4
"""Below it a page counts as straight: the boxes are whole pixels and tell no better."""
_LEAST_SHARE = 0.1
"""A box gives at least this share of its sides to its text, however askew that is said to be."""


class Span(NamedTuple):
    """A rectangle of text: from `start` to `end` along the line, from `top` to `bottom` across it, in pixels."""

    start: float
    end: float
    top: float
    bottom: float

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


def reading_angle(page: PageResult) -> float:
    """Degrees clockwise from the picture's first axis in which the words of the page follow each other.

    Taken from the words themselves, summed over the lines so that the long ones decide; `rotation` is asked only
    where no line has two words. A page that lies on its left side has -90.
    """
    across = down = 0.0
    for block in page["blocks"]:
        for line in block["lines"]:
            if len(line["words"]) > 1:
                first, last = line["words"][0]["bbox"], line["words"][-1]["bbox"]
                across += (last[0] + last[2] - first[0] - first[2]) / 2
                down += (last[1] + last[3] - first[1] - first[3]) / 2
    if across == down == 0:
        return 180.0 - (page["rotation"] + 180) % 360
    angle = degrees(atan2(down, across))
    straight = quarter_turns(angle) * 90.0
    return straight if abs(angle - straight) < _STRAIGHT_DEGREES else angle


def quarter_turns(angle: float) -> int:
    """The whole quarter turns next to `angle` degrees."""
    return round(angle / 90)


def level(box: list[int], angle: float) -> Span:
    """The rectangle of text at `angle` degrees whose upright bounding box is `box`.

    A rectangle of L x H pixels turned by `a` fills a box of L cos a + H sin a by L sin a + H cos a pixels; this
    solves for L and H. The centers agree.
    """
    x0, y0, x1, y1 = box
    turn = radians(angle)
    along = (x0 + x1) / 2 * cos(turn) + (y0 + y1) / 2 * sin(turn)
    across = (y0 + y1) / 2 * cos(turn) - (x0 + x1) / 2 * sin(turn)
    sides = (y1 - y0, x1 - x0) if quarter_turns(angle) % 2 else (x1 - x0, y1 - y0)
    length, height = _unturn(*sides, radians(angle - 90 * quarter_turns(angle)))
    return Span(along - length / 2, along + length / 2, across - height / 2, across + height / 2)


def _unturn(width: float, height: float, turn: float) -> tuple[float, float]:
    cosine, sine = cos(turn), abs(sin(turn))
    determinant = max(cosine**2 - sine**2, _LEAST_SHARE)
    length = (width * cosine - height * sine) / determinant
    thickness = (height * cosine - width * sine) / determinant
    return max(length, width * _LEAST_SHARE), max(thickness, height * _LEAST_SHARE)


def words_of(line: Line) -> list[Word]:
    """The words of a line; one whose words are unknown is a word of its own."""
    return line["words"] or [{"text": line["text"], "bbox": line["bbox"], "confidence": line["confidence"]}]


def level_line(line: Line, angle: float) -> tuple[Span, list[Span]]:
    """A line and its words, levelled; the line spans its words, whose boxes are too short to hide its slope."""
    words = [level(word["bbox"], angle) for word in words_of(line)]
    starts, ends, tops, bottoms = zip(*words, strict=True)
    return Span(min(starts), max(ends), min(tops), max(bottoms)), words
