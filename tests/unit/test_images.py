"""How far a picture file is looked at before its pages are read."""

import io
from contextlib import closing

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFont

from shared.errors import Code, OcrError
from shared.settings import Limits
from worker.images import ImageDocument


class _Read(io.BytesIO):
    """A file that knows how often it was read from."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads += 1
        return super().read(size)


def encode(frames: int) -> bytes:
    file = io.BytesIO()
    first, *others = [Image.new("L", (7, 5), shade) for shade in range(frames)]
    first.save(file, "TIFF", save_all=True, append_images=others)
    return file.getvalue()


def count_reads(frames: int) -> int:
    """How often a TIFF is read from until it is refused for its frames."""
    file = _Read(encode(frames))
    with closing(ImageDocument(file, Limits(max_pages=5))) as document:
        with pytest.raises(OcrError) as caught:
            _ = document.page_count
        assert caught.value.code is Code.TOO_MANY_PAGES
    return file.reads


def test_a_file_is_followed_no_further_than_pages_are_allowed() -> None:
    # Given
    barely, far = 6, 200
    # When / Then
    assert count_reads(far) == count_reads(barely)


@pytest.mark.parametrize("frames", [1, 5])
def test_as_many_frames_as_allowed_are_counted(frames: int) -> None:
    # Given
    file = io.BytesIO(encode(frames))
    # When / Then
    with closing(ImageDocument(file, Limits(max_pages=5))) as document:
        assert document.page_count == frames


def test_a_stamp_at_the_edge_goes_where_the_picture_is_no_multiple_of_the_reduced_one() -> None:
    # Given A4 at 200 dpi
    size = (1653, 2339)
    printed, stamp, file = Image.new("RGB", size, "white"), Image.new("RGB", size, "white"), io.BytesIO()
    for top in range(120, 2200, 52):
        line = "ordinary words of plain print that fill a row of the page and go on to its very edge and over it"
        ImageDraw.Draw(printed).text((80, top), line, (10, 10, 10), ImageFont.load_default(36))
    for radius in (150, 100):
        ImageDraw.Draw(stamp).circle((1493, 1000), radius, outline=(60, 80, 190), width=8)
    ImageChops.multiply(printed, stamp).save(file, "PNG")
    # When
    with closing(ImageDocument(file, Limits())) as document:
        page = document.load(1, None)
    # Then
    assert page.unstamped is not None
    assert page.unstamped.shape == page.image.shape
