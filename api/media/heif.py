from api.media.boxes import Box, find_box, walk_boxes
from api.media.source import Header, Source, reject

_FLAGS_BYTES = 4
"""Version and flags, which precede the content of a full box."""


def measure_heif(source: Source) -> Header | None:
    """The largest spatial extent any item declares (ISO/IEC 23008-12, 6.5.3); None where the file keeps it elsewhere.

    A picture made of tiles declares both the tiles' extent and its own.
    """
    top = {box.kind: box for box in walk_boxes(source, 0, source.size_bytes)}
    if b"meta" not in top:
        if b"moov" in top:
            return None
        reject("it holds no picture")
    meta = top[b"meta"]
    properties = find_box(source, Box(meta.kind, meta.start + _FLAGS_BYTES, meta.end), b"iprp")
    container = properties and find_box(source, properties, b"ipco")
    sizes = [
        Header(*source.unpack(">II", box.start + _FLAGS_BYTES))
        for box in (walk_boxes(source, container.start, container.end) if container else ())
        if box.kind == b"ispe"
    ]
    return max(sizes, key=lambda size: size.width * size.height, default=None)
