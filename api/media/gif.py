from collections.abc import Iterator
from itertools import islice

from api.media.source import Header, Source, reject

_IMAGE, _EXTENSION = 0x2C, 0x21


def measure_gif(source: Source) -> Header:
    """The logical screen, or the first image where that reaches further, as decoders grow the canvas."""
    width, height = source.unpack("<HH", 6)
    first = next(_walk_images(source), None)
    if first is None:
        reject("it holds no picture")
    return Header(max(width, first.width), max(height, first.height))


def count_gif_frames(source: Source, most: int) -> int:
    """The number of images, counted up to `most`."""
    return sum(1 for _ in islice(_walk_images(source), most))


def _walk_images(source: Source) -> Iterator[Header]:
    """The right and lower edge of every image (GIF89a, sections 17 to 27)."""
    offset = 13 + _color_table_bytes(source.read(10, 1)[0])
    while kind := source.peek(offset, 1):
        if kind[0] == _IMAGE:
            left, top, width, height = source.unpack("<HHHH", offset + 1)
            yield Header(left + width, top + height)
            offset += 11 + _color_table_bytes(source.read(offset + 9, 1)[0])
        elif kind[0] == _EXTENSION:
            offset += 2
        else:
            return
        offset = _skip_sub_blocks(source, offset)


def _color_table_bytes(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _skip_sub_blocks(source: Source, offset: int) -> int:
    while (size := source.peek(offset, 1)) and size[0]:
        offset += 1 + size[0]
    return offset + 1
