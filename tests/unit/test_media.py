"""Types told by content, and what a picture's header allows."""

import io
import struct
import zlib
from typing import Any

import pillow_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from api.media import ACCEPTED, EXTENSIONS, inspect_upload
from shared.errors import Code, OcrError
from shared.settings import Limits

LIMITS = Limits(max_pixels=10_000, max_side_pixels=1_000, max_pages=5)
SIZE = (70, 50)

FORMATS = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "TIFF": "image/tiff",
    "WEBP": "image/webp",
    "BMP": "image/bmp",
    "GIF": "image/gif",
    "PPM": "image/x-portable-anymap",
    "AVIF": "image/avif",
    "HEIF": "image/heic",
    "JPEG2000": "image/jp2",
    "PDF": "application/pdf",
}


def _encode(kind: str, size: tuple[int, int] = SIZE, **options: Any) -> bytes:
    file = io.BytesIO()
    picture = Image.new("RGB", size, "white")
    if kind == "HEIF":
        pillow_heif.from_pillow(picture).save(file)
    else:
        picture.save(file, kind, **options)
    return file.getvalue()


def _encode_frames(kind: str, count: int) -> bytes:
    file = io.BytesIO()
    first, *others = [Image.new("L", SIZE, shade) for shade in range(count)]
    first.save(file, kind, save_all=True, append_images=others)
    return file.getvalue()


def _inspect(data: bytes, limits: Limits = LIMITS) -> str:
    return inspect_upload(io.BytesIO(data), len(data), limits)


def _refusal(data: bytes, limits: Limits = LIMITS) -> OcrError:
    with pytest.raises(OcrError) as caught:
        _inspect(data, limits)
    return caught.value


def _verdict(data: bytes) -> str:
    try:
        return _inspect(data)
    except OcrError as error:
        return error.code


def _png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _gif(*blocks: bytes) -> bytes:
    return b"GIF89a" + struct.pack("<HHBBB", *SIZE, 0, 0, 0) + b"".join(blocks)


VERDICTS = {
    *ACCEPTED,
    Code.UNSUPPORTED_MEDIA_TYPE,
    Code.CORRUPT_FILE,
    Code.IMAGE_TOO_LARGE,
    Code.TOO_MANY_PAGES,
    Code.ENCRYPTED_PDF,
}

GIF_IMAGE = b"\x2c" + struct.pack("<HHHHB", 0, 0, *SIZE, 0) + b"\x08\x01\x00\x00"


@pytest.mark.parametrize(("kind", "media_type"), FORMATS.items())
def test_every_format_is_told_by_its_content(kind: str, media_type: str) -> None:
    # Given
    data = _encode(kind)
    # When
    found = _inspect(data)
    # Then
    assert found == media_type


def test_every_accepted_type_has_a_suffix() -> None:
    assert set(ACCEPTED) == set(EXTENSIONS)
    assert all(suffix.startswith(".") for suffix in EXTENSIONS.values())


def test_a_codestream_without_its_container_is_told() -> None:
    # Given
    data = _encode("JPEG2000", no_jp2=True)
    # When
    found = _inspect(data)
    # Then
    assert found == "image/j2c"


def test_a_large_tiff_layout_is_read() -> None:
    # Given
    data = _encode("TIFF", big_tiff=True)
    # When / Then
    assert data[2] == 43
    assert _inspect(data) == "image/tiff"


def test_a_picture_of_several_pictures_is_a_jpeg() -> None:
    # Given
    data = _encode_frames("MPO", 2)
    # When / Then
    assert _inspect(data) == "image/jpeg"


@pytest.mark.parametrize("options", [{"lossless": True}, {"lossless": False}, {"exif": b"Exif\0\0II*\0\x08\0\0\0\0\0"}])
def test_each_layout_of_webp_is_measured(options: dict[str, Any]) -> None:
    # Given
    data = _encode("WEBP", **options)
    # When
    refusal = _refusal(data, Limits(max_pixels=SIZE[0] * SIZE[1] - 1))
    # Then
    assert (refusal.extra["width"], refusal.extra["height"]) == SIZE


def test_a_pdf_may_begin_with_other_bytes() -> None:
    # Given
    data = b"\n" * 900 + _encode("PDF")
    # When / Then
    assert _inspect(data) == "application/pdf"


def test_what_stands_first_decides_a_polyglot() -> None:
    # Given
    picture, document = _encode("GIF"), _encode("PDF")
    # When / Then
    assert _inspect(picture + document) == "image/gif"
    assert _inspect(document + picture) == "application/pdf"


@pytest.mark.parametrize(
    ("data", "seen"),
    [
        (b"/etc/passwd\n/data/other/upload.png\n", "text/plain"),
        ("привет".encode(), "text/plain"),
        (b"BMW and MZ are not what they seem"[:30], "text/plain"),
        (b"P1 is a plan", "text/plain"),
        (b"PK\x03\x04\x14\0\0\0[Content_Types].xml", "application/zip"),
        (b"\x1f\x8b\x08\0", "application/gzip"),
        (b"<!DOCTYPE html><p>%PDF-1.4", "text/html"),
        (b"\xef\xbb\xbf  <HTML>", "text/html"),
        (b'<?xml version="1.0"?>\n<svg/>', "image/svg+xml"),
        (b"<?xml version='1.0'?><a/>", "application/xml"),
        (b"%!PS-Adobe-3.0", "application/postscript"),
        (b"\0\0\0\x18ftypisom\0\0\2\0isomiso2", "video/mp4"),
        (b"\x00\x01\x02\x03", "application/octet-stream"),
    ],
)
def test_anything_else_is_refused_by_its_name(data: bytes, seen: str) -> None:
    # When
    refusal = _refusal(data)
    # Then
    assert refusal.code is Code.UNSUPPORTED_MEDIA_TYPE
    assert refusal.extra == {"seen": seen, "accepted": list(ACCEPTED)}


MEASURED = sorted(FORMATS.keys() - {"PDF"})


@pytest.mark.parametrize("kind", MEASURED)
def test_too_many_pixels_are_refused_with_the_numbers(kind: str) -> None:
    # Given
    data = _encode(kind, (100, 102))
    # When
    refusal = _refusal(data)
    # Then
    assert refusal.code is Code.IMAGE_TOO_LARGE
    assert (refusal.extra["width"], refusal.extra["height"]) == (100, 102)
    assert refusal.extra["limit_pixels"] == 10_000


@pytest.mark.parametrize("kind", MEASURED)
def test_a_side_that_is_too_long_is_refused(kind: str) -> None:
    # Given
    data = _encode(kind, (1_001, 9))
    # When / Then
    assert _refusal(data).code is Code.IMAGE_TOO_LARGE


@pytest.mark.parametrize("kind", MEASURED)
def test_a_file_that_ends_inside_its_header_is_damaged(kind: str) -> None:
    # Given
    data = _encode(kind)[: 8 if kind == "PPM" else 20]
    # When
    refusal = _refusal(data)
    # Then
    assert refusal.code is Code.CORRUPT_FILE


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(
            b"\x89PNG\r\n\x1a\n" + _png_chunk(b"IHDR", struct.pack(">IIBBBBB", *SIZE, 8, 0, 0, 0, 0)), id="PNG no IDAT"
        ),
        pytest.param(
            b"\x89PNG\r\n\x1a\n"
            + _png_chunk(b"IHDR", struct.pack(">IIBBBBB", 0, 0, 8, 0, 0, 0, 0))
            + _png_chunk(b"IDAT", b""),
            id="PNG 0 x 0",
        ),
        pytest.param(b"II*\0" + struct.pack("<I", 1_000_000), id="TIFF directory beyond the end"),
        pytest.param(b"II*\0" + struct.pack("<IHI", 8, 0, 0), id="TIFF without sizes"),
        pytest.param(b"\xff\xd8\xff\xe0\0\x04ab\xff\xd9", id="JPEG no frame header"),
        pytest.param(_gif(b"\x3b"), id="GIF no picture"),
        pytest.param(b"P6 0 0 255\n", id="PPM 0 x 0"),
        pytest.param(b"%PDF-1.4\nnothing else", id="PDF no objects"),
    ],
)
def test_an_impossible_header_is_damaged(data: bytes) -> None:
    # When / Then
    assert _refusal(data).code is Code.CORRUPT_FILE


def test_a_marker_is_found_behind_garbage() -> None:
    # Given: the first segment is 18 bytes long
    data = _encode("JPEG")
    littered = data[:20] + b"\0" * 5_000 + b"\xff" * 5_000 + data[20:]
    # When
    refusal = _refusal(littered, Limits(max_side_pixels=10))
    # Then
    assert (refusal.extra["width"], refusal.extra["height"]) == SIZE


@pytest.mark.parametrize("kind", ["GIF", "TIFF"])
def test_as_many_pages_as_allowed_pass(kind: str) -> None:
    # Given
    data = _encode_frames(kind, 5)
    # When / Then
    assert _inspect(data) == FORMATS[kind]


@pytest.mark.parametrize("kind", ["GIF", "TIFF"])
def test_more_pages_are_refused(kind: str) -> None:
    # Given
    data = _encode_frames(kind, 6)
    # When
    refusal = _refusal(data)
    # Then
    assert refusal.code is Code.TOO_MANY_PAGES
    assert refusal.extra == {"limit_pages": 5}


def test_a_chain_of_directories_that_bites_its_tail_ends() -> None:
    # Given: one directory whose successor is itself
    entries = struct.pack("<HHIHHHHIHH", 256, 3, 1, 70, 0, 257, 3, 1, 50, 0)
    data = b"II*\0" + struct.pack("<IH", 8, 2) + entries + struct.pack("<I", 8)
    # When / Then
    assert _inspect(data) == "image/tiff"


def test_a_file_cut_off_inside_a_later_directory_is_left_to_the_worker() -> None:
    # Given: of the second directory, one byte
    entries = struct.pack("<HHIHHHHIHH", 256, 3, 1, 70, 0, 257, 3, 1, 50, 0)
    data = b"II*\0" + struct.pack("<IH", 8, 2) + entries + struct.pack("<I", 38) + b"\2"
    # When / Then
    assert _inspect(data) == "image/tiff"


def test_a_file_of_very_many_pieces_is_left_to_the_worker() -> None:
    # Given: a picture whose data is cut into 200,000 blocks, behind which there are too many others
    data = _gif(b"\x2c" + struct.pack("<HHHHB", 0, 0, *SIZE, 0) + b"\x08", b"\x01\0" * 200_000, b"\0", GIF_IMAGE * 9)
    # When / Then
    assert _inspect(data) == "image/gif"


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_cause_another_error(data: bytes) -> None:
    # When / Then
    assert _verdict(data) in VERDICTS


VALID = [_encode(kind) for kind in FORMATS] + [_encode("JPEG2000", no_jp2=True), _encode("TIFF", big_tiff=True)]


@settings(max_examples=1_000, deadline=None)
@given(st.data())
def test_no_mutation_of_a_good_file_causes_another_error(data: st.DataObject) -> None:
    # Given
    mutant = bytearray(data.draw(st.sampled_from(VALID)))
    for _ in range(data.draw(st.integers(1, 8))):
        mutant[data.draw(st.integers(0, min(len(mutant), 600) - 1))] = data.draw(st.integers(0, 255))
    del mutant[data.draw(st.integers(1, len(mutant))) :]
    # When / Then
    assert _verdict(bytes(mutant)) in VERDICTS
