"""How far a picture file is looked at before its pages are read."""

import io
from contextlib import closing

import pytest
from PIL import Image

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
