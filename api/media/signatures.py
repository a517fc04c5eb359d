"""Telling a file's type by its first bytes. A file that is two things at once is what stands at its first byte."""

import codecs
import re

from api.media.bmp import HEADER_SIZES as BMP_HEADER_SIZES

HEAD_BYTES = 1_024
"""How far into a file its type may show; PDF readers look for the header this far."""

EXTENSIONS = {
    "application/pdf": ".pdf",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/tiff": ".tif",
    "image/webp": ".webp",
    "image/bmp": ".bmp",
    "image/gif": ".gif",
    "image/heic": ".heic",
    "image/heif": ".heif",
    "image/avif": ".avif",
    "image/jp2": ".jp2",
    "image/j2c": ".j2k",
    "image/x-portable-anymap": ".pnm",
}
"""Media types that may be queued, and the suffix of their files."""

ACCEPTED = tuple(EXTENSIONS)

_PICTURES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"II*\0": "image/tiff",
    b"MM\0*": "image/tiff",
    b"II+\0": "image/tiff",
    b"MM\0+": "image/tiff",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
    b"\0\0\0\x0cjP  \r\n\x87\n": "image/jp2",
    b"\xff\x4f\xff\x51": "image/j2c",
}

_FOREIGN = {
    b"PK\x03\x04": "application/zip",
    b"PK\x05\x06": "application/zip",
    b"\x1f\x8b": "application/gzip",
    b"BZh": "application/x-bzip2",
    b"\xfd7zXZ\0": "application/x-xz",
    b"\x28\xb5\x2f\xfd": "application/zstd",
    b"7z\xbc\xaf\x27\x1c": "application/x-7z-compressed",
    b"Rar!\x1a\x07": "application/vnd.rar",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "application/x-ole-storage",
    b"{\\rtf": "application/rtf",
    b"%!PS": "application/postscript",
    b"\xc5\xd0\xd3\xc6": "application/postscript",
    b"\x7fELF": "application/x-executable",
    b"MZ": "application/vnd.microsoft.portable-executable",
    b"\0\0\1\0": "image/vnd.microsoft.icon",
    b"8BPS": "image/vnd.adobe.photoshop",
    b"AT&TFORM": "image/vnd.djvu",
    b"\xff\x0a": "image/jxl",
    b"\0\0\0\x0cJXL ": "image/jxl",
    b"\x76\x2f\x31\x01": "image/x-exr",
    b"DDS ": "image/vnd.ms-dds",
    b"OggS": "application/ogg",
    b"ID3": "audio/mpeg",
    b"RIFF": "application/x-riff",
    b"SQLite format 3\0": "application/vnd.sqlite3",
}

_HEIF_BRANDS = {
    b"avif": "image/avif",
    b"avis": "image/avif",
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"), "image/heic"),
    b"mif1": "image/heif",
    b"mif2": "image/heif",
    b"msf1": "image/heif",
}

_PNM = re.compile(rb"P[1-6]\s+[#\d]")
_PDF = re.compile(rb"%PDF-\d")
_MARKUP = {
    rb"<!doctype html|<html|<head|<body|<script": "text/html",
    rb"<svg|<\?xml[^>]{0,200}>\s{0,100}<svg": "image/svg+xml",
    rb"<\?xml": "application/xml",
}
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")


def sniff(head: bytes) -> str:
    """The media type that the first `HEAD_BYTES` bytes of a file show, whether it is accepted or not."""
    return (
        _sniff_picture(head)
        or _match_prefix(_FOREIGN, head)
        or _sniff_markup(head)
        or ("application/pdf" if _PDF.search(head, 0, HEAD_BYTES) else None)
        or ("text/plain" if _is_text(head) else "application/octet-stream")
    )


def _sniff_picture(head: bytes) -> str | None:
    if media_type := _match_prefix(_PICTURES, head):
        return media_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in BMP_HEADER_SIZES:
        return "image/bmp"
    if _PNM.match(head):
        return "image/x-portable-anymap"
    return _sniff_brands(head) if head[4:8] == b"ftyp" else None


def _sniff_brands(head: bytes) -> str:
    """A HEIF file's major brand may be a general one; then the codec shows among the compatible brands."""
    size = min(int.from_bytes(head[:4]), HEAD_BYTES)
    brands = [head[8:12], *(head[start : start + 4] for start in range(16, size - 3, 4))]
    found = [_HEIF_BRANDS[brand] for brand in brands if brand in _HEIF_BRANDS]
    return next((kind for kind in found if kind != "image/heif"), found[0]) if found else "video/mp4"


def _match_prefix(signatures: dict[bytes, str], head: bytes) -> str | None:
    return next((kind for prefix, kind in signatures.items() if head.startswith(prefix)), None)


def _sniff_markup(head: bytes) -> str | None:
    text = head.removeprefix(codecs.BOM_UTF8).lstrip()
    return next((kind for pattern, kind in _MARKUP.items() if re.match(pattern, text, re.IGNORECASE)), None)


def _is_text(head: bytes) -> bool:
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return bool(head) and not _CONTROLS.search(text)
