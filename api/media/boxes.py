"""The boxes that HEIF, AVIF and JPEG 2000 files are made of (ISO/IEC 14496-12, 4.2)."""

from collections.abc import Iterator
from typing import NamedTuple

from api.media.source import Source


class Box(NamedTuple):
    kind: bytes
    start: int
    """Offset of the content, behind the box's own header."""
    end: int


def walk_boxes(source: Source, start: int, end: int) -> Iterator[Box]:
    """The boxes between two offsets, up to the first that is impossible or reaches beyond `end`."""
    while start + 8 <= end:
        size, kind = int.from_bytes(source.read(start, 4)), source.read(start + 4, 4)
        content = start + 8
        if size == 1:
            size, content = int.from_bytes(source.peek(start + 8, 8)), start + 16
        stop = start + size if size else end
        if stop < content or stop > end:
            return
        yield Box(kind, content, stop)
        start = stop


def find_box(source: Source, parent: Box, kind: bytes) -> Box | None:
    return next((box for box in walk_boxes(source, parent.start, parent.end) if box.kind == kind), None)
