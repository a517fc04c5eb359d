"""Small files that ask for much: memory, time, pixels, pages. All are below the 4 MiB that the abused service takes."""

import io
import struct
import zlib

import pikepdf
from PIL import Image

_MEBIBYTE = 1 << 20
_SIDE = 14_000
"""Of a picture of nearly as many pixels as are allowed."""
_FRAME = b"\x2c\0\0\0\0\1\0\1\0\0\2\2\x44\1\0"


def make_flate_bomb() -> bytes:
    """A page whose content is 4 GiB of nothing, deflated three times into a kilobyte."""
    once = _deflate(bytes(16 * _MEBIBYTE), 256)
    return _pdf(_stream(zlib.compress(zlib.compress(once, 9), 9), b"/FlateDecode" * 3))


def make_shallow_flate_bomb() -> bytes:
    """The same deflated once, into 4 MB."""
    return _pdf(_stream(_deflate(bytes(16 * _MEBIBYTE), 240)))


def make_picture_bomb() -> bytes:
    """A page with a picture of 30,000 x 30,000 white pixels."""
    picture = _stream(
        _deflate(bytes(30_000 * 3 * 100), 300),
        extra=b"/Type/XObject/Subtype/Image/Width 30000/Height 30000/ColorSpace/DeviceRGB/BitsPerComponent 8",
    )
    return _pdf(b"<</Length 27>>stream\n500 0 0 500 0 0 cm /I0 Do \nendstream", picture)


def make_path_bomb() -> bytes:
    """A page of eight million lines, in a kilobyte."""
    return _pdf(_stream(zlib.compress(_deflate(b"0 0 m 9 9 l S " * 100_000, 80), 9), b"/FlateDecode" * 2))


def make_long_path() -> bytes:
    """A page of one line with 150 million corners."""
    return _pdf(_stream(zlib.compress(_deflate(b"0 0 m " + b"1 1 l " * 1_000_000, 150), 9), b"/FlateDecode" * 2))


def make_curve_flood() -> bytes:
    """A page of a million curves, which takes its time and little memory."""
    return _pdf(_stream(zlib.compress(b"0 0 m 9 9 8 1 7 7 c S " * 1_000_000, 9)))


def make_letter_flood() -> bytes:
    """A page that carries a million words, one upon the other."""
    words = b"BT /F 12 Tf 1 0 0 1 9 9 Tm (aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa) Tj ET " * 10_000
    return _pdf(_stream(zlib.compress(_deflate(words, 100), 9), b"/FlateDecode" * 2))


def make_much_text() -> bytes:
    """Seventeen pages that share one stream of 47,000 words; their result is nearly as large as one may be."""
    places = ((5 + number % 60 * 10, 789 - number // 60 % 785) for number in range(47_000))
    words = b" ".join(b"1 0 0 1 %d %d Tm (word) Tj" % place for place in places)
    pdf = pikepdf.new()
    content = pdf.make_stream(b"BT /F 1 Tf %b ET" % words)
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    for _ in range(17):
        page = pdf.add_blank_page(page_size=(612, 792))
        page.Contents = content
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font))
    file = io.BytesIO()
    pdf.save(file)
    return file.getvalue()


def make_huge_page() -> bytes:
    return _pdf(b"<</Length 0>>stream\n\nendstream", box=b"0 0 2000000 2000000")


def make_nested_forms() -> bytes:
    """A form that draws itself."""
    form = b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</I0 5 0 R>>>>/Length 14>>stream\n"
    return _pdf(b"<</Length 7>>stream\n/I0 Do \nendstream", form + b"/I0 Do /I0 Do \nendstream")


def make_nested_arrays() -> bytes:
    """A page whose content opens three million arrays and closes none."""
    return _pdf(b"<</Length 3000000>>stream\n%b\nendstream" % (b"[" * 3_000_000))


def make_pixel_flood() -> bytes:
    """A valid PNG of 30,000 x 30,000."""
    return _png(30_000, 30_000, _deflate(bytes(30_001 * 100), 300))


def make_deep_picture() -> bytes:
    """A PNG of as many pixels as are allowed, each of four colors of 16 bits: 1.5 GB."""
    return _png(_SIDE, _SIDE, _deflate(bytes((1 + _SIDE * 8) * 100), _SIDE // 100), color=6, depth=16)


def make_lying_png() -> bytes:
    """It says 32,000 x 6,000, and holds one row."""
    return _png(32_000, 6_000, zlib.compress(bytes(32_001)))


def make_lying_tiff() -> bytes:
    data = bytearray(_encode("TIFF", compression="tiff_deflate"))
    (offset,) = struct.unpack_from("<I", data, 4)
    (entries,) = struct.unpack_from("<H", data, offset)
    for entry in range(offset + 2, offset + 2 + 12 * entries, 12):
        (tag,) = struct.unpack_from("<H", data, entry)
        if tag in {256, 257, 278}:  # width, height, rows in a strip
            struct.pack_into("<HHII", data, entry, tag, 4, 1, _SIDE)
    return bytes(data)


def make_lying_jpeg() -> bytes:
    data = bytearray(_encode("JPEG"))
    struct.pack_into(">HH", data, data.index(b"\xff\xc0") + 5, _SIDE, _SIDE)
    return bytes(data)


def make_lying_jpeg2000() -> bytes:
    """Its header and its codestream, which say 14,000 x 14,000 in one tile."""
    data = bytearray(_encode("JPEG2000"))
    for offset in (data.index(b"ihdr") + 4, (size := data.index(b"\xff\x4f\xff\x51")) + 8, size + 24):
        struct.pack_into(">II", data, offset, _SIDE, _SIDE)
    return bytes(data)


def make_lying_webp() -> bytes:
    """A canvas of 14,000 x 14,000 around a picture of 64 x 64."""
    picture = _encode("WEBP", lossless=True)[12:]
    canvas = b"VP8X" + struct.pack("<II", 10, 0) + (_SIDE - 1).to_bytes(3, "little") * 2
    return b"RIFF" + struct.pack("<I", 4 + len(canvas + picture)) + b"WEBP" + canvas + picture


def make_text_chunk() -> bytes:
    """A PNG with a remark of half a gigabyte."""
    return _png(64, 64, zlib.compress(bytes(65 * 64)), (b"zTXt", b"Comment\0\0" + _deflate(bytes(_MEBIBYTE), 512)))


def make_color_profile() -> bytes:
    """A PNG with a color profile of half a gigabyte."""
    return _png(64, 64, zlib.compress(bytes(65 * 64)), (b"iCCP", b"profile\0\0" + _deflate(bytes(_MEBIBYTE), 512)))


def make_frame_flood() -> bytes:
    return b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff" + _FRAME * 50_000 + b";"


def make_canvas_flood() -> bytes:
    """A GIF of 3 frames of one pixel on a canvas of nearly as many pixels as are allowed."""
    return b"GIF89a" + struct.pack("<HH", _SIDE, _SIDE) + b"\x80\0\0\0\0\0\xff\xff\xff" + _FRAME * 3 + b";"


def make_page_flood(pages: int = 2_001) -> bytes:
    buffer = io.BytesIO()
    page = Image.new("1", (8, 8), 1)
    page.save(buffer, "TIFF", save_all=True, append_images=[page] * (pages - 1))
    return buffer.getvalue()


def make_longest_document() -> bytes:
    """A TIFF of as many pages as are allowed."""
    return make_page_flood(2_000)


def make_directory_loop() -> bytes:
    """A TIFF whose list of pages leads back to its beginning."""
    data = bytearray(make_page_flood(1))
    (offset,) = struct.unpack_from("<I", data, 4)
    (entries,) = struct.unpack_from("<H", data, offset)
    struct.pack_into("<I", data, offset + 2 + 12 * entries, offset)
    return bytes(data)


def _deflate(unit: bytes, times: int) -> bytes:
    """The zlib format of `unit` so many times over, at the cost of one: a block that ends on a byte can be repeated."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = packer.compress(unit) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = 1
    for _ in range(times):
        checksum = zlib.adler32(unit, checksum)
    return b"\x78\xda" + block * times + packer.flush() + struct.pack(">I", checksum)


def _encode(kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64)).save(buffer, kind, **options)
    return buffer.getvalue()


def _png(width: int, height: int, data: bytes, *chunks: tuple[bytes, bytes], color: int = 0, depth: int = 8) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    written = b"\x89PNG\r\n\x1a\n"
    for kind, content in ((b"IHDR", header), *chunks, (b"IDAT", data), (b"IEND", b"")):
        written += struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    return written


def _stream(data: bytes, filters: bytes = b"/FlateDecode", extra: bytes = b"") -> bytes:
    return b"<<%b/Filter[%b]/Length %d>>stream\n%b\nendstream" % (extra, filters, len(data), data)


def _pdf(content: bytes, xobject: bytes = b"null", box: bytes = b"0 0 612 792") -> bytes:
    """One page with one content stream and one object to draw."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[%b]/Contents 4 0 R/Resources<</XObject<</I0 5 0 R>>>>>>" % box,
        content,
        xobject,
    ]
    body, offsets = bytearray(b"%PDF-1.7\n"), []
    for number, item in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, item)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    tail = b"xref\n0 6\n0000000000 65535 f \n%btrailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF"
    return bytes(body) + tail % (table, len(body))
