import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from api.media.source import Header, Source, reject

_WIDTH_TAG, _HEIGHT_TAG = 256, 257
_INTEGERS = {1: "B", 3: "H", 4: "I", 16: "Q"}
"""TIFF field types that a width or height may have, as `struct` formats."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """How a classic TIFF and a BigTIFF number their directories, as `struct` formats with the byte order."""

    order: str
    first: int
    count: str
    entry: str
    pointer: str


def measure_tiff(source: Source) -> Header:
    """Size from the first image file directory (TIFF 6.0, section 2; BigTIFF)."""
    layout = _read_layout(source)
    start = next(_walk_directories(source), None)
    if start is None:
        reject("its first directory lies outside the file")
    (count,) = source.unpack(layout.count, start)
    size = struct.calcsize(layout.entry)
    entries = source.peek(start + struct.calcsize(layout.count), min(count, 0xFFFF) * size)
    sizes = {
        tag: _read_integer(layout.order, kind, value)
        for tag, kind, value in struct.iter_unpack(layout.entry, entries[: len(entries) // size * size])
        if tag in {_WIDTH_TAG, _HEIGHT_TAG}
    }
    return Header(sizes.get(_WIDTH_TAG, 0), sizes.get(_HEIGHT_TAG, 0))


def count_tiff_pages(source: Source, most: int) -> int:
    """The number of directories, counted up to `most`."""
    return sum(1 for _ in islice(_walk_directories(source), most))


def _read_layout(source: Source) -> _Layout:
    order = "<" if source.read(0, 2) == b"II" else ">"
    if source.unpack(order + "H", 2) == (43,):
        return _Layout(order, 8, order + "Q", order + "HH8x8s", order + "Q")
    return _Layout(order, 4, order + "H", order + "HH4x4s", order + "I")


def _walk_directories(source: Source) -> Iterator[int]:
    """Offsets of the directories; a chain that leads out of the file or back into itself ends there."""
    layout = _read_layout(source)
    (offset,) = source.unpack(layout.pointer, layout.first)
    seen: set[int] = set()
    while 0 < offset < source.size_bytes and offset not in seen:
        seen.add(offset)
        yield offset
        head = source.peek(offset, struct.calcsize(layout.count))
        if len(head) < struct.calcsize(layout.count):
            return  # the file was cut off here; the pages before are sound
        (count,) = struct.unpack(layout.count, head)
        link = offset + struct.calcsize(layout.count) + count * struct.calcsize(layout.entry)
        data = source.peek(link, struct.calcsize(layout.pointer))
        offset = struct.unpack(layout.pointer, data)[0] if len(data) == struct.calcsize(layout.pointer) else 0


def _read_integer(order: str, kind: int, value: bytes) -> int:
    layout = order + _INTEGERS.get(kind, "H")
    if struct.calcsize(layout) > len(value):
        reject("a size in its first directory is impossible")
    number: int = struct.unpack_from(layout, value)[0]
    return number
