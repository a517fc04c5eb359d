"""Literal and hexadecimal strings of PDF (ISO 32000-2, 7.3.4)."""

import re

_HEX = re.compile(rb"<([0-9A-Fa-f\s]*)>")
_PIECE = re.compile(rb"\\([0-7]{1,3})|\\(\r\n|[\s\S])|(\r\n?)|([^\\\r()]+)|([()])")
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r": b"", b"\r\n": b""}


def parse_string(data: bytes) -> bytes | None:
    """The string that `data` begins with, or None where there is none or it does not end."""
    if match := _HEX.match(data):
        digits = b"".join(match[1].split())
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))
    return _parse_literal(data) if data[:1] == b"(" else None


def _parse_literal(data: bytes) -> bytes | None:
    pieces: list[bytes] = []
    depth = 0
    for match in _PIECE.finditer(data):
        octal, escaped, newline, plain, bracket = match.groups()
        if bracket:
            depth += 1 if bracket == b"(" else -1
        if depth == 0:
            return b"".join(pieces)[1:]
        if octal:
            pieces.append(bytes([int(octal, 8) & 0xFF]))
        elif escaped is not None:
            pieces.append(_ESCAPES.get(escaped, escaped))
        else:
            pieces.append(b"\n" if newline else plain or bracket)
    return None
