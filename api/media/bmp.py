from api.media.source import Header, Source

HEADER_SIZES = frozenset({12, 16, 40, 52, 56, 64, 108, 124})
"""The lengths of every version's information header; any other length is no bitmap."""

_CORE_HEADER_SIZE = 12


def measure_bmp(source: Source) -> Header:
    """Size from the information header; a negative height means rows from top to bottom."""
    if source.unpack("<I", 14) == (_CORE_HEADER_SIZE,):
        return Header(*source.unpack("<HH", 18))
    width, height = source.unpack("<ii", 18)
    return Header(width, abs(height))
