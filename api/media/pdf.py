"""Whether a PDF opens without a password, told without a PDF library. Whatever is in doubt is left to the worker."""

import re
from collections.abc import Iterator
from itertools import islice

from api.media.pdf_password import Encryption, opens_without_password
from api.media.pdf_strings import parse_string
from api.media.source import Source, reject
from shared.errors import Code, OcrError

_WINDOW_BYTES = 64 << 10
_DICTIONARY_BYTES = 4 << 10
_CHUNK_BYTES = 1 << 20
_OVERLAP_BYTES = 64
_MOST_CANDIDATES = 8
_MOST_REFERENCES = 2
"""Each costs a search of the whole file; a sound file has one."""

_START = re.compile(rb"startxref\s{1,32}(\d{1,12})")
_ENCRYPT = re.compile(rb"/Encrypt\s{0,32}(?:(\d{1,10})\s{1,32}(\d{1,5})\s{1,32}R\b|(?=<<))")
_ID = re.compile(rb"/ID\s{0,32}\[\s{0,32}(?=[(<])")
_STANDARD = re.compile(rb"/Filter\s{0,32}/Standard\b")
_PLAIN_METADATA = re.compile(rb"/EncryptMetadata\s{1,32}false\b")


def check_pdf(source: Source) -> None:
    """Look for objects, and for an encryption whose empty user password opens nothing.

    Raises:
        OcrError: `corrupt_file` or `encrypted_pdf`.
    """
    windows = _read_windows(source)
    if source.size_bytes <= 2 * _WINDOW_BYTES and not any(
        b" obj" in window or b"\nobj" in window for window in windows
    ):
        reject("it holds no PDF objects")
    dictionaries = islice(_find_dictionaries(source, windows), _MOST_CANDIDATES)
    document_ids = {value for window in windows for value in _find_ids(window)} | {b""}
    found = [encryption for text in dictionaries if (encryption := _parse_encryption(text))]
    if found and not any(opens_without_password(encryption, key) for encryption in found for key in document_ids):
        raise OcrError(Code.ENCRYPTED_PDF, "The PDF cannot be opened without a password.")


def _read_windows(source: Source) -> list[bytes]:
    """Where trailers stand: the end, the start of a linearized file, and the cross-reference stream pointed at."""
    tail = source.peek(max(0, source.size_bytes - _WINDOW_BYTES), _WINDOW_BYTES)
    windows = [tail, source.peek(0, _WINDOW_BYTES)]
    if starts := _START.findall(tail):
        windows.append(source.peek(int(starts[-1]), _DICTIONARY_BYTES))
    return windows


def _find_dictionaries(source: Source, windows: list[bytes]) -> Iterator[bytes]:
    """The text of the encryption dictionaries that the trailers hold or refer to."""
    references: dict[tuple[int, int], None] = {}
    for window in windows:
        for match in list(_ENCRYPT.finditer(window))[-_MOST_CANDIDATES:]:
            if match[1] is None:
                yield window[match.end() : match.end() + _DICTIONARY_BYTES]
            else:
                references[int(match[1]), int(match[2])] = None
    for number, generation in list(references)[:_MOST_REFERENCES]:
        for offset in _find_object(source, number, generation):
            yield source.peek(offset, _DICTIONARY_BYTES)


def _find_object(source: Source, number: int, generation: int) -> list[int]:
    """Offsets behind the first few `N G obj` of that object in the file."""
    # A look-behind in the pattern would cost its quick search for the first digits.
    pattern = re.compile(rb"%d\s{1,16}%d\s{1,16}obj\b" % (number, generation))
    offsets: list[int] = []
    for start in range(0, source.size_bytes, _CHUNK_BYTES):
        chunk = source.peek(start, _CHUNK_BYTES + _OVERLAP_BYTES)
        matches = islice(pattern.finditer(chunk), _MOST_CANDIDATES)
        offsets += [
            start + match.end() for match in matches if not chunk[max(0, match.start() - 1) : match.start()].isdigit()
        ]
        if len(offsets) >= _MOST_CANDIDATES:
            break
    return offsets


def _find_ids(window: bytes) -> set[bytes]:
    """The first of the two strings of every `/ID`; it is what the password is mixed with."""
    starts = [match.end() for match in _ID.finditer(window)][-_MOST_CANDIDATES:]
    return {value for start in starts if (value := parse_string(window[start : start + _DICTIONARY_BYTES]))}


def _parse_encryption(text: bytes) -> Encryption | None:
    """The standard security handler's entries, or None where one is missing or of an unknown kind."""
    version, revision = _find_number(text, b"V"), _find_number(text, b"R")
    owner, user, permissions = _find_string(text, b"O"), _find_string(text, b"U"), _find_number(text, b"P")
    if not _STANDARD.search(text) or not owner or not user or permissions is None or revision is None:
        return None
    if revision not in range(2, 7):
        return None
    bits = _find_number(text, b"Length") or 40
    return Encryption(
        revision=revision,
        key_bytes={1: 5, 2: min(max(bits, 40), 128) // 8}.get(version or 0, 16),
        owner=owner,
        user=user,
        permissions=permissions,
        encrypts_metadata=not _PLAIN_METADATA.search(text),
    )


def _find_number(text: bytes, name: bytes) -> int | None:
    match = re.search(rb"/%s\s{0,32}([+-]?\d{1,12})\b" % name, text)
    return int(match[1]) if match else None


def _find_string(text: bytes, name: bytes) -> bytes | None:
    match = re.search(rb"/%s\s{0,32}(?=[(<])" % name, text)
    return parse_string(text[match.end() :]) if match else None
