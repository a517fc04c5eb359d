"""Picture files, decoded by Pillow from an allow-list of formats; the only module that opens one."""

import functools
import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageFile, UnidentifiedImageError

from shared.errors import Code, OcrError
from shared.settings import Limits
from worker.gray import to_gray
from worker.orientation import apply_exif, decode
from worker.page import Gray, Page
from worker.resolution import choose_dpi, pixel_ratio, square
from worker.stamps import Color, Stamp, choose_factor, erase_stamps, find_stamps, is_colored
from worker.tiff import count_frames, name_pixels, register_double_precision

FORMATS = (
    *("PNG", "JPEG", "TIFF", "WEBP", "BMP", "DIB", "GIF", "JPEG2000", "AVIF", "HEIF", "PPM", "PCX"),
    "TGA",  # last, since it has no signature
)
_SINGLE_FRAME = frozenset({"MPO", "PNG", "JPEG"})
"""Formats whose further frames are previews or animations of the same picture."""

_OPAQUE = 255
_COLORED = frozenset({"RGB", "RGBX", "CMYK", "YCbCr", "P", "RGBA"})


class ImageDocument:
    """A picture file; a page is a frame.

    Raises:
        OcrError: `unsupported_media_type`, `corrupt_file` or `image_too_large`.
    """

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        self._limits = limits
        self._image = open_image(file)
        try:
            self._check_size()
        except BaseException:
            self._image.close()
            raise

    @functools.cached_property
    def page_count(self) -> int:
        """Counted when it is asked for: a TIFF is walked through for it, as far as pages are allowed.

        Raises:
            OcrError: `corrupt_file` or `too_many_pages`.
        """
        return self._count_frames()

    def count_pixels(self, number: int, dpi: int | None) -> int:
        """How many pixels page `number` has, counted from 1."""
        del dpi
        with _decoding():
            select(self._image, number)
        width, height = self._image.size
        return width * height

    def load(self, number: int, dpi: int | None) -> Page:
        """Page `number`, counted from 1, its pixels made square, turned as its EXIF data say."""
        with _decoding():
            select(self._image, number)
            self._check_size()
            stored, orientation = decode(self._image)
            gray = to_gray(stored)
            unstamped = _erase_stamps(stored, gray)

        def prepare(image: Gray) -> Page:
            height, width = image.shape
            page = Page(image, width, height, choose_dpi(self._image, dpi))
            return apply_exif(square(page, pixel_ratio(self._image), self._limits), orientation)

        page = prepare(gray)
        return page if unstamped is None else replace(page, unstamped=prepare(unstamped).image)

    def read_text_layer(self, number: int, dpi: int | None) -> None:
        """Nothing: a picture carries no text."""

    def check(self, number: int) -> None:
        """Nothing: a frame that can be loaded is whole."""

    def close(self) -> None:
        self._image.close()

    def _check_size(self) -> None:
        width, height = self._image.size
        side, pixels = self._limits.max_side_pixels, self._limits.max_pixels
        if max(width, height) > side or width * height > pixels:
            detail = f"The picture has {width} x {height} pixels; {side} a side and {pixels} in all are allowed."
            raise OcrError(Code.IMAGE_TOO_LARGE, detail, max_pixels=pixels, max_side_pixels=side)

    def _count_frames(self) -> int:
        if self._image.format in _SINGLE_FRAME:
            return 1
        most = self._limits.max_pages
        try:
            with warnings.catch_warnings(action="ignore"):
                is_tiff = self._image.format == "TIFF"
                frames = count_frames(self._image, most + 1) if is_tiff else int(getattr(self._image, "n_frames", 1))
        except Exception as error:
            raise OcrError(Code.CORRUPT_FILE, "The frames of the picture cannot be counted.") from error
        if frames > most:
            raise OcrError(Code.TOO_MANY_PAGES, f"The file has more than the {most} frames allowed.", max_pages=most)
        return frames


def _erase_stamps(image: Image.Image, gray: Gray) -> Gray | None:
    """The gray picture without its stamps, or nothing where it has none."""
    if image.mode not in _COLORED or _is_transparent(image):
        return None
    image = image.convert("RGB") if image.mode in {"P", "RGBA"} else image
    factor = choose_factor(*image.size)
    size = (math.ceil(image.width / factor), math.ceil(image.height / factor))
    if not is_colored(np.asarray(image.resize(size, Image.Resampling.NEAREST).convert("RGB"))):
        return None
    stamps = find_stamps(np.asarray(image.reduce(factor).convert("RGB")), factor)

    def crop(stamp: Stamp) -> Color:
        left, top, right, bottom = stamp.box  # the reduced picture may reach beyond the edge
        return np.asarray(image.crop((left, top, min(right, image.width), min(bottom, image.height))).convert("RGB"))

    return erase_stamps(gray, ((stamp, crop(stamp)) for stamp in stamps))


def _is_transparent(image: Image.Image) -> bool:
    if image.mode == "RGBA":
        return bool(np.asarray(image.getchannel("A")).min() < _OPAQUE)
    return image.has_transparency_data


@contextmanager
def _decoding() -> Iterator[None]:
    """Makes one error of whatever Pillow's decoders raise when a damaged file makes them stumble."""
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    except (OcrError, MemoryError):
        raise
    except Exception as error:
        raise OcrError(Code.CORRUPT_FILE, "The picture cannot be decoded.") from error


def open_image(file: BinaryIO) -> ImageFile.ImageFile:
    """The picture in `file`, its header read.

    Raises:
        OcrError: `unsupported_media_type` or `corrupt_file`.
    """
    Image.init()
    _register_heif()
    register_double_precision()
    Image.MAX_IMAGE_PIXELS = None  # our own limits are checked on every frame instead
    try:
        with warnings.catch_warnings(action="ignore"):
            return Image.open(file, formats=[name for name in FORMATS if name in Image.OPEN])
    except UnidentifiedImageError as error:
        if pixels := name_pixels(file):
            raise OcrError(Code.UNSUPPORTED_MEDIA_TYPE, f"A TIFF of {pixels} is not supported.") from error
        if _has_signature(file):
            raise OcrError(Code.CORRUPT_FILE, "The picture's header is damaged.") from error
        raise OcrError(Code.UNSUPPORTED_MEDIA_TYPE, "The file is none of the supported kinds.") from error
    except Exception as error:
        raise OcrError(Code.CORRUPT_FILE, "The picture cannot be opened.") from error


def select(image: ImageFile.ImageFile, number: int) -> None:
    """Makes frame `number`, counted from 1, the present one."""
    try:
        image.seek(number - 1)
    except Exception:
        image.seek(0)  # Pillow would take a failed frame of a TIFF for the present one, with another's pixels
        raise


@functools.cache
def _register_heif() -> None:
    try:
        import pillow_heif  # noqa: PLC0415 - optional, and slow to import
    except ImportError:
        return
    pillow_heif.register_heif_opener(thumbnails=False)


_SIGNATURES = (
    *(
        b"\x89PNG",
        b"\xff\xd8\xff",
        b"II*\0",
        b"MM\0*",
        b"II+\0",
        b"MM\0+",
        b"BM",
        b"GIF8",
        b"\0\0\0\x0cjP",
        b"\xff\x4f\xff\x51",
    ),
    *(b"P1", b"P2", b"P3", b"P4", b"P5", b"P6"),
)


def _has_signature(file: BinaryIO) -> bool:
    file.seek(0)
    head = file.read(16)
    is_webp = head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    return head.startswith(_SIGNATURES) or is_webp or head[4:8] == b"ftyp"
