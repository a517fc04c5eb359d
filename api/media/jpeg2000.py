from api.media.boxes import Box, find_box, walk_boxes
from api.media.source import Header, Source, reject


def measure_jp2(source: Source) -> Header:
    """Size from the image header box or, where that is larger, the codestream, which a decoder believes."""
    sizes: list[Header] = []
    for box in walk_boxes(source, 0, source.size_bytes):
        if box.kind == b"jp2h" and (header := find_box(source, box, b"ihdr")):
            height, width = source.unpack(">II", header.start)
            sizes.append(Header(width, height))
        if box.kind == b"jp2c":
            sizes.append(_measure_codestream(source, box))
    if not sizes:
        reject("it holds no picture")
    return max(sizes, key=lambda size: size.width * size.height)


def measure_j2c(source: Source) -> Header:
    """Size of a codestream that stands without a container."""
    return _measure_codestream(source, Box(b"jp2c", 0, source.size_bytes))


def _measure_codestream(source: Source, box: Box) -> Header:
    """Size from the SIZ marker segment (ITU-T T.800, A.5.1): the reference grid less the offset of the picture."""
    if source.read(box.start, 4) != b"\xff\x4f\xff\x51":
        reject("its codestream has no size")
    right, lower, left, upper = source.unpack(">IIII", box.start + 8)
    return Header(right - left, lower - upper)
