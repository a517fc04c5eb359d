import re

from api.media.source import Header, Source, reject

_HEADER_BYTES = 4_096
_COMMENT = re.compile(rb"#[^\r\n]*")
_SIZE = re.compile(rb"P[1-6]\s+(\d{1,10})\s+(\d{1,10})\s")


def measure_pnm(source: Source) -> Header:
    """Size from the header of a PBM, PGM or PPM (netpbm), comments left out."""
    size = _SIZE.match(_COMMENT.sub(b"", source.peek(0, _HEADER_BYTES)))
    if size is None:
        reject("its header gives no size")
    return Header(int(size[1]), int(size[2]))
