import re

from api.media.source import Header, Source, reject

_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE = frozenset(range(0xD0, 0xD9)) | {0x01}
_SCAN, _END = 0xDA, 0xD9
_MARKER = re.compile(rb"\xff([\x01-\xfe])")
_WINDOW_BYTES = 4_096


def measure_jpeg(source: Source) -> Header:
    """Size from the first frame header (ITU-T T.81, B.2.2)."""
    offset = 2
    while True:
        offset, marker = _next_marker(source, offset)
        if marker in _FRAMES:
            height, width = source.unpack(">HH", offset + 3)
            return Header(width, height)
        if marker in {_SCAN, _END}:
            reject("it holds no frame header")
        if marker not in _BARE:
            offset += max(2, *source.unpack(">H", offset))


def _next_marker(source: Source, offset: int) -> tuple[int, int]:
    """The next marker and the offset behind it; decoders skip what stands between segments, and so does this."""
    while window := source.peek(offset, _WINDOW_BYTES):
        if match := _MARKER.search(window):
            return offset + match.end(), match[1][0]
        split = len(window) > 1 and window.endswith(b"\xff")
        offset += len(window) - split
    return reject("the file ends before its frame header")
