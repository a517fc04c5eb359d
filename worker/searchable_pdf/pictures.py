"""Pictures as PDF images, without loss: the bytes of a JPEG or a plain PNG as they are, other pixels deflated."""

import io
import struct
import warnings
import zlib
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream, String
from PIL import Image, ImageCms

from shared.errors import Code, OcrError
from worker.gray import choose_background, to_gray
from worker.images import open_image, select
from worker.orientation import decode, read_orientation
from worker.resolution import pixel_ratio

_JPEG_CHANNELS = {"L": 1, "RGB": 3, "CMYK": 4}
_PNG_CHANNELS = {0: 1, 2: 3, 3: 1}
"""Channels by color type of PNG; the types with alpha are missing."""
_PNG_PALETTE = 3
_PNG_HEAD = struct.Struct(">16x2I5B")
_PNG_SIGNATURE_BYTES = 8
_PNG_EXIF_MARKS = (b"eXIf", b"Raw profile type exif", b"XML:com.adobe.xmp")
"""What a PNG holds where Pillow finds an orientation in it."""
_PNG_PREDICTOR = 15
_LAYOUTS = {
    "1": (1, 1, "1"),
    "L": (1, 8, "L"),
    "P": (1, 8, "P"),
    "RGB": (3, 8, "RGB"),
    "CMYK": (4, 8, "CMYK"),
    "I;16": (1, 16, "I;16B"),
}
"""Channels, bits and Pillow's name for the bytes of the modes that PDF knows."""
_BAND_ROWS = 256
"""What is copied at a time: a large picture is in memory once already."""
_ICC_CHANNELS = {"GRAY": 1, "RGB": 3, "CMYK": 4}


@dataclass(frozen=True, slots=True)
class Picture:
    """One frame, encoded for PDF.

    `width` and `height` are its pixels as stored, each `pixel_ratio` times as tall as wide; `orientation` is EXIF's.
    """

    data: bytes
    width: int
    height: int
    channels: int
    bits: int = 8
    is_jpeg: bool = False
    predictor: int = 1
    palette: bytes = b""
    icc_profile: bytes = field(default=b"", repr=False)
    orientation: int = 1
    pixel_ratio: float = 1.0

    @property
    def is_archival(self) -> bool:
        """Whether its colors mean something without the press they were made for, as PDF/A demands."""
        return self.channels in {1, 3} or bool(self.icc_profile)


class PictureFile:
    """An open picture file.

    Raises:
        OcrError: `unsupported_media_type` or `corrupt_file`.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._image = open_image(file)

    def load(self, number: int) -> Picture:
        """Frame `number`, counted from 1.

        Raises:
            OcrError: `corrupt_file`.
        """
        try:
            with warnings.catch_warnings(action="ignore"):
                picture, orientation = self._encode(number)
                profile = _find_profile(self._image, 3 if picture.palette else picture.channels)
                ratio = pixel_ratio(self._image)
        except Exception as error:  # Pillow's decoders raise whatever a damaged file makes them stumble on
            raise OcrError(Code.CORRUPT_FILE, "The picture cannot be decoded.") from error
        return replace(picture, orientation=orientation, icc_profile=profile, pixel_ratio=ratio)

    def close(self) -> None:
        self._image.close()

    def _encode(self, number: int) -> tuple[Picture, int]:
        """The picture and its orientation."""
        image = self._image
        if image.format in {"JPEG", "MPO"} and image.mode in _JPEG_CHANNELS:
            picture = Picture(self._read(), *image.size, _JPEG_CHANNELS[image.mode], is_jpeg=True)
            return picture, read_orientation(image)
        if image.format == "PNG" and (plain := parse_png(data := self._read())):
            may_be_turned = any(mark in data for mark in _PNG_EXIF_MARKS)  # Pillow decodes the whole picture to tell
            return plain, read_orientation(image) if may_be_turned else 1
        select(image, number)
        stored, orientation = decode(image)
        return _encode_pixels(stored), orientation

    def _read(self) -> bytes:
        self._file.seek(0)
        return self._file.read()


def embed(pdf: Pdf, picture: Picture) -> Stream:
    """The picture as an image XObject of `pdf`."""
    stream = Stream(pdf, picture.data)
    stream.Type, stream.Subtype = Name.XObject, Name.Image
    stream.Width, stream.Height, stream.BitsPerComponent = picture.width, picture.height, picture.bits
    stream.ColorSpace = _color_space(pdf, picture)
    if picture.is_jpeg:
        stream.Filter = Name.DCTDecode
        if _JPEG_CHANNELS["CMYK"] == picture.channels:
            stream.Decode = Array([1, 0] * picture.channels)  # Photoshop's way, which all others follow
    else:
        stream.Filter = Name.FlateDecode
        stream.DecodeParms = Dictionary(
            Predictor=picture.predictor, Colors=picture.channels, BitsPerComponent=picture.bits, Columns=picture.width
        )
    return stream


def _color_space(pdf: Pdf, picture: Picture) -> Object:
    channels = 3 if picture.palette else picture.channels
    space: Object = {1: Name.DeviceGray, 3: Name.DeviceRGB, 4: Name.DeviceCMYK}[channels]
    if picture.icc_profile:
        space = Array([Name.ICCBased, Stream(pdf, picture.icc_profile, N=channels, Alternate=space)])
    if picture.palette:
        return Array([Name.Indexed, space, len(picture.palette) // 3 - 1, String(picture.palette)])
    return space


def parse_png(data: bytes) -> Picture | None:
    """The picture with its compressed pixels untouched; None where PDF has no equal: interlaced, or transparent."""
    width, height, bits, color, _, _, interlaced = _PNG_HEAD.unpack_from(data)
    pixels, palette, offset = [], b"", _PNG_SIGNATURE_BYTES
    while offset + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, offset)
        chunk = memoryview(data)[offset + 8 : offset + 8 + length]
        if kind == b"tRNS":
            return None
        if kind == b"PLTE":
            palette = bytes(chunk)
        if kind == b"IDAT":
            pixels.append(chunk)
        offset += length + 12
    if interlaced or color not in _PNG_CHANNELS or not pixels:
        return None
    used = palette if color == _PNG_PALETTE else b""
    return Picture(b"".join(pixels), width, height, _PNG_CHANNELS[color], bits, predictor=_PNG_PREDICTOR, palette=used)


def _encode_pixels(image: Image.Image) -> Picture:
    """Without PNG's predictors, which take most of the time and help with photos alone."""
    flat = _flatten(image)
    channels, bits, raw_mode = _LAYOUTS[flat.mode]
    palette = bytes(flat.getpalette() or b"") if flat.mode == "P" else b""
    return Picture(_deflate(flat, raw_mode), *flat.size, channels, bits, palette=palette)


def _deflate(image: Image.Image, raw_mode: str) -> bytes:
    packer = zlib.compressobj(1)
    bands = (
        image.crop((0, top, image.width, min(top + _BAND_ROWS, image.height)))
        for top in range(0, image.height, _BAND_ROWS)
    )
    return b"".join([*(packer.compress(band.tobytes("raw", raw_mode)) for band in bands), packer.flush()])


def _flatten(image: Image.Image) -> Image.Image:
    """The picture in a mode that PDF knows, on the background on which it was read."""
    if image.has_transparency_data:
        layers = image.convert("RGBA")
        paper = Image.new("RGBA", image.size, (choose_background(layers),) * 3)
        return Image.alpha_composite(paper, layers).convert("RGB")
    if image.mode in _LAYOUTS:
        return image
    if image.mode.startswith(("I", "F")):
        return Image.fromarray(to_gray(image))
    return image.convert("RGB")


def _find_profile(image: Image.Image, channels: int) -> bytes:
    """The picture's ICC profile, where it is sound and fits the picture."""
    data = image.info.get("icc_profile")
    if not data:
        return b""
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(data)).profile
    except (OSError, ImageCms.PyCMSError):
        return b""
    return data if _ICC_CHANNELS.get(profile.xcolor_space.strip()) == channels else b""
