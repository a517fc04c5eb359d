"""What Tesseract's layout analysis finds: pieces of lines, each of which its recognizer reads in one go."""

from dataclasses import dataclass, field

import tesserocr

_BLOCK, _PARAGRAPH, _LINE = tesserocr.RIL.BLOCK, tesserocr.RIL.PARA, tesserocr.RIL.TEXTLINE
_SEGMENT, _LETTER = tesserocr.RIL.WORD, tesserocr.RIL.SYMBOL
_NO_TEXT = frozenset(range(tesserocr.PT.FLOWING_IMAGE, tesserocr.PT.COUNT))
"""Types of blocks that are pictures, rules or noise."""
_MARGIN_PIXELS = 4

Edges = tuple[int, int, int, int]
"""Left, top, right and bottom in whole pixels, the last two outside."""


@dataclass(slots=True)
class Segment:
    """A piece of a line without wide gaps.

    `box` is as high as its line and has room around it, `letters` are the boxes of its connected ink, `line` numbers
    its block, paragraph and line.
    """

    box: Edges
    line: tuple[int, int, int]
    is_vertical: bool
    letters: list[Edges] = field(default_factory=list)

    @property
    def width(self) -> int:
        return self.box[2] - self.box[0]

    @property
    def height(self) -> int:
        return self.box[3] - self.box[1]


def find_segments(handle: "tesserocr.PyTessBaseAPI", width: int, height: int) -> list[Segment]:
    """The segments of the picture that the handle holds, which is `width` x `height` pixels, in reading order."""
    layout = handle.AnalyseLayout(True)  # noqa: FBT003 - merged as for its recognizer; the name differs by release
    if layout is None:
        return []
    segments: list[Segment] = []
    block = paragraph = line = 0
    while True:
        block += layout.IsAtBeginningOf(_BLOCK)
        paragraph += layout.IsAtBeginningOf(_PARAGRAPH)
        line += layout.IsAtBeginningOf(_LINE)
        if layout.IsAtBeginningOf(_SEGMENT) and layout.BlockType() not in _NO_TEXT:
            box = _widen(layout.BoundingBox(_SEGMENT), layout.BoundingBox(_LINE), width, height)
            is_vertical = layout.BlockType() == tesserocr.PT.VERTICAL_TEXT
            segments.append(Segment(box, (block, paragraph, line), is_vertical))
        if layout.BlockType() not in _NO_TEXT and (letter := layout.BoundingBox(_LETTER)):
            segments[-1].letters.append(letter)
        if not layout.Next(_LETTER):
            return segments


def _widen(box: Edges, line: Edges, width: int, height: int) -> Edges:
    return (
        max(0, box[0] - _MARGIN_PIXELS),
        max(0, min(box[1], line[1]) - _MARGIN_PIXELS),
        min(width, box[2] + _MARGIN_PIXELS),
        min(height, max(box[3], line[3]) + _MARGIN_PIXELS),
    )
