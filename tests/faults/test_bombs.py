"""Small files that ask for much: memory, time, pixels, pages."""

import io
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psutil
import pytest
from PIL import Image

from tests.faults import leftovers
from tests.faults.campaign import Campaign

_MOST_MEMORY_BYTES = 3 << 30
"""The cap of one reader, 2 GiB of address space, and the processes around it."""


def make_flate_bomb() -> bytes:
    """A page whose content is 2 GB of nothing, compressed twice."""
    once = zlib.compress(bytes(1 << 28), 9)
    content = zlib.compress(once * 8, 9)
    return _pdf(b"<</Filter[/FlateDecode/FlateDecode]/Length %d>>stream\n%b\nendstream" % (len(content), content))


def make_picture_bomb() -> bytes:
    """A page with a picture of 30,000 x 30,000 white pixels in a few kilobytes."""
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(bytes(30_000 * 3 * 100)) for _ in range(300)) + packer.flush()
    picture = (
        b"<</Type/XObject/Subtype/Image/Width 30000/Height 30000/ColorSpace/DeviceRGB/BitsPerComponent 8"
        b"/Filter/FlateDecode/Length %d>>stream\n%b\nendstream" % (len(data), data)
    )
    return _pdf(b"<</Length 27>>stream\n500 0 0 500 0 0 cm /I0 Do \nendstream", picture)


def make_path_bomb() -> bytes:
    """A page of a million curves."""
    content = zlib.compress(b"0 0 m 9 9 8 1 7 7 c S " * 1_000_000, 9)
    return _pdf(b"<</Filter/FlateDecode/Length %d>>stream\n%b\nendstream" % (len(content), content))


def make_huge_page() -> bytes:
    return _pdf(b"<</Length 0>>stream\n\nendstream", box=b"0 0 2000000 2000000")


def make_nested_forms() -> bytes:
    """A form that draws itself."""
    form = b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</I0 5 0 R>>>>/Length 14>>stream\n"
    return _pdf(b"<</Length 7>>stream\n/I0 Do \nendstream", form + b"/I0 Do /I0 Do \nendstream")


def make_pixel_flood() -> bytes:
    """A valid PNG of 30,000 x 30,000."""
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(bytes(30_001 * 100)) for _ in range(300)) + packer.flush()
    return _png(30_000, 30_000, data)


def make_lying_header() -> bytes:
    """A PNG that says 32,000 x 6,000, and holds one row."""
    return _png(32_000, 6_000, zlib.compress(bytes(32_001)))


def make_frame_flood() -> bytes:
    frame = b"\x2c\0\0\0\0\1\0\1\0\0\2\2\x44\1\0"
    return b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff" + frame * 50_000 + b";"


def make_page_flood(pages: int = 2_001) -> bytes:
    buffer = io.BytesIO()
    page = Image.new("1", (8, 8), 1)
    page.save(buffer, "TIFF", save_all=True, append_images=[page] * (pages - 1))
    return buffer.getvalue()


def make_directory_loop() -> bytes:
    """A TIFF whose list of pages leads back to its beginning."""
    data = bytearray(make_page_flood(1))
    (offset,) = struct.unpack_from("<I", data, 4)
    (entries,) = struct.unpack_from("<H", data, offset)
    struct.pack_into("<I", data, offset + 2 + 12 * entries, offset)
    return bytes(data)


_BOMBS: dict[Callable[[], bytes], tuple[set[str], bool]] = {
    make_flate_bomb: ({"corrupt_file", "engine_error", "page_timeout", "image_too_large"}, True),
    make_picture_bomb: ({"corrupt_file", "engine_error", "page_timeout", "image_too_large"}, True),
    make_path_bomb: ({"engine_error", "page_timeout"}, True),
    make_huge_page: ({"image_too_large", "corrupt_file"}, True),
    make_nested_forms: ({"corrupt_file", "engine_error"}, True),
    make_pixel_flood: ({"image_too_large"}, False),
    make_lying_header: ({"corrupt_file", "engine_error", "image_too_large"}, True),
    make_frame_flood: ({"too_many_pages"}, False),
    make_page_flood: ({"too_many_pages"}, False),
    make_directory_loop: ({"corrupt_file", "too_many_pages", "engine_error"}, True),
}
"""The codes that each may end with, and whether it may as well be read: there is nothing on it."""

_COSTLY = {make_picture_bomb, make_lying_header}


@pytest.mark.parametrize(
    "make_bomb",
    [pytest.param(make, marks=pytest.mark.long) if make in _COSTLY else make for make in _BOMBS],
    ids=lambda make: make.__name__.removeprefix("make_"),
)
def test_bombs(campaign: Campaign, make_bomb: Callable[[], bytes]) -> None:
    # Given
    codes, may_succeed = _BOMBS[make_bomb]
    # When
    with _watched_memory(campaign) as most_bytes:
        answer = campaign.submit(make_bomb())
        campaign.fault("bomb")
        assert answer is not None
        if answer.status_code == 202:
            task = campaign.wait_for_end(answer.json()["task_id"], 60)
            # Then
            assert (task["status"] == "succeeded" and may_succeed) or task["error"]["code"] in codes, task["error"]
        else:
            assert answer.status_code == 422
            assert answer.json()["code"] in codes
        campaign.wait_for(campaign.submitted(), "succeeded")
    assert max(most_bytes) < _MOST_MEMORY_BYTES
    campaign.settle()


@contextmanager
def _watched_memory(campaign: Campaign) -> Iterator[list[int]]:
    """The bytes that the API and the worker held together, from time to time."""
    seen: list[int] = [0]
    done = threading.Event()
    pids = [campaign.service.parts[name].process.pid for name in ("api", "worker0")]

    def look() -> None:
        while not done.wait(0.1):
            seen.append(sum(_memory_bytes(pid) for parent in pids for pid in leftovers.family(parent)))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()


def _memory_bytes(pid: int) -> int:
    with suppress(psutil.Error):
        return int(psutil.Process(pid).memory_info().rss)
    return 0


def _png(width: int, height: int, data: bytes) -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


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
