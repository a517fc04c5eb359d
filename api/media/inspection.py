"""The checks an upload passes before it is queued; they read headers only and decode nothing."""

from collections.abc import Callable
from typing import BinaryIO

from api.media.bmp import measure_bmp
from api.media.gif import count_gif_frames, measure_gif
from api.media.heif import measure_heif
from api.media.jpeg import measure_jpeg
from api.media.jpeg2000 import measure_j2c, measure_jp2
from api.media.pdf import check_pdf
from api.media.png import measure_png
from api.media.pnm import measure_pnm
from api.media.signatures import ACCEPTED, HEAD_BYTES, sniff
from api.media.source import Header, Source, TooManyReadsError, reject
from api.media.tiff import count_tiff_pages, measure_tiff
from api.media.webp import measure_webp
from shared.errors import Code, OcrError
from shared.settings import Limits

_MEASURES: dict[str, Callable[[Source], Header | None]] = {
    "image/png": measure_png,
    "image/jpeg": measure_jpeg,
    "image/tiff": measure_tiff,
    "image/webp": measure_webp,
    "image/bmp": measure_bmp,
    "image/gif": measure_gif,
    "image/heic": measure_heif,
    "image/heif": measure_heif,
    "image/avif": measure_heif,
    "image/jp2": measure_jp2,
    "image/j2c": measure_j2c,
    "image/x-portable-anymap": measure_pnm,
}

_COUNTERS: dict[str, Callable[[Source, int], int]] = {
    "image/tiff": count_tiff_pages,
    "image/gif": count_gif_frames,
}


def inspect_upload(file: BinaryIO, size_bytes: int, limits: Limits) -> str:
    """The media type of a file, by its content.

    Raises:
        OcrError: `unsupported_media_type`, `corrupt_file`, `image_too_large`, `too_many_pages` or `encrypted_pdf`.
    """
    source = Source(file, size_bytes)
    media_type = sniff(source.peek(0, HEAD_BYTES))
    if media_type not in ACCEPTED:
        detail = f"The file looks like {media_type}, which is not accepted."
        raise OcrError(Code.UNSUPPORTED_MEDIA_TYPE, detail, seen=media_type, accepted=list(ACCEPTED))
    try:
        _check_content(source, media_type, limits)
    except TooManyReadsError:
        return media_type
    return media_type


def _check_content(source: Source, media_type: str, limits: Limits) -> None:
    if media_type == "application/pdf":
        check_pdf(source)
        return
    if header := _MEASURES[media_type](source):
        _check_size(header, limits)
    if media_type in _COUNTERS and _COUNTERS[media_type](source, limits.max_pages + 1) > limits.max_pages:
        detail = f"The file has more than {limits.max_pages} pages."
        raise OcrError(Code.TOO_MANY_PAGES, detail, limit_pages=limits.max_pages)


def _check_size(header: Header, limits: Limits) -> None:
    if header.width <= 0 or header.height <= 0:
        reject(f"its header declares {header.width} x {header.height} pixels")
    too_many = header.width * header.height > limits.max_pixels
    if too_many or max(header.width, header.height) > limits.max_side_pixels:
        detail = (
            f"The picture is {header.width} x {header.height} pixels; "
            f"at most {limits.max_pixels} pixels and {limits.max_side_pixels} on a side are accepted."
        )
        raise OcrError(
            Code.IMAGE_TOO_LARGE,
            detail,
            width=header.width,
            height=header.height,
            limit_pixels=limits.max_pixels,
            limit_side_pixels=limits.max_side_pixels,
        )
