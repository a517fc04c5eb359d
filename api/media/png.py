from api.media.source import Header, Source, reject


def measure_png(source: Source) -> Header:
    """Size from IHDR, once an IDAT chunk is known to follow (W3C PNG, 5.3 and 11.2)."""
    if source.read(12, 4) != b"IHDR":
        reject("it does not begin with an IHDR chunk")
    width, height = source.unpack(">II", 16)
    offset = 8
    while (chunk := source.peek(offset, 8))[4:] != b"IDAT":
        if len(chunk) < 8 or chunk[4:] == b"IEND":  # noqa: PLR2004 - a chunk's length and name
            reject("it holds no picture data")
        offset += 12 + int.from_bytes(chunk[:4])
    return Header(width, height)
