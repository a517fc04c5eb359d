from api.media.source import Header, Source, reject


def measure_webp(source: Source) -> Header:
    """Size from the first chunk (RFC 9649, 2.5 to 2.7; RFC 6386, 9.1)."""
    chunk = source.read(12, 4)
    if chunk == b"VP8X":
        canvas = source.read(24, 6)
        return Header(1 + int.from_bytes(canvas[:3], "little"), 1 + int.from_bytes(canvas[3:], "little"))
    if chunk == b"VP8L" and source.read(20, 1) == b"\x2f":
        (bits,) = source.unpack("<I", 21)
        return Header(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    if chunk == b"VP8 " and source.read(23, 3) == b"\x9d\x01\x2a":
        width, height = source.unpack("<HH", 26)
        return Header(width & 0x3FFF, height & 0x3FFF)
    return reject("it does not begin with a picture")
