"""What Pillow leaves open of TIFF: pixels it does not know, and files that break off."""

import warnings
from typing import BinaryIO

from PIL import ImageFile
from PIL.TiffImagePlugin import (
    BITSPERSAMPLE,
    IMAGELENGTH,
    IMAGEWIDTH,
    OPEN_INFO,
    PHOTOMETRIC_INTERPRETATION,
    SAMPLEFORMAT,
    STRIPOFFSETS,
    TILEOFFSETS,
    ImageFileDirectory_v2,
)

_FLOAT = 3
"""TIFF's number for a sample format of floating point."""
_SAMPLE_FORMATS = {1: "unsigned", 2: "signed", _FLOAT: "floating-point", 5: "complex", 6: "complex"}
_SAMPLE_BITS = frozenset({16, 24, 32, 64, 128})
"""Without 8: what Pillow refuses of such samples is damaged more often than unknown."""
_NEEDED = (IMAGEWIDTH, IMAGELENGTH, BITSPERSAMPLE, PHOTOMETRIC_INTERPRETATION)
_PHOTOMETRICS = frozenset({0, 1, 2, 3, 5, 6, 8})
"""Gray, RGB, palette, CMYK, YCbCr, Lab."""
_HEAD_BYTES, _BIG_HEAD_BYTES = 8, 16
_MARKS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def register_double_precision() -> None:
    """Lets Pillow open gray pixels of 64 bits, which it can unpack but has no entry for."""
    for photometric in (0, 1):
        OPEN_INFO[b"II", photometric, (_FLOAT,), 1, (64,), ()] = ("F", "F;64F")
        OPEN_INFO[b"MM", photometric, (_FLOAT,), 1, (64,), ()] = ("F", "F;64BF")


def name_pixels(file: BinaryIO) -> str:
    """What the pixels of a sound TIFF are made of; empty for other files, and where the first directory is damaged."""
    file.seek(0)
    head = file.read(_BIG_HEAD_BYTES)
    if not head.startswith(_MARKS):
        return ""
    try:
        directory = ImageFileDirectory_v2(head if head.startswith(_MARKS[2:]) else head[:_HEAD_BYTES])
        file.seek(directory.next)
        with warnings.catch_warnings(action="ignore"):
            directory.load(file)
        bits, formats = directory.get(BITSPERSAMPLE, (1,)), directory.get(SAMPLEFORMAT, (1,))
        is_sound = set(bits) <= _SAMPLE_BITS and set(formats) <= _SAMPLE_FORMATS.keys()
        is_whole = all(tag in directory for tag in _NEEDED) and (STRIPOFFSETS in directory or TILEOFFSETS in directory)
        if not (is_sound and is_whole and directory[PHOTOMETRIC_INTERPRETATION] in _PHOTOMETRICS):
            return ""
    except Exception:  # noqa: BLE001 - whatever a damaged directory makes Pillow stumble on
        return ""
    kinds = sorted({_SAMPLE_FORMATS[number] for number in formats})
    return f"{len(bits)} {' and '.join(kinds)} samples of {'/'.join(str(size) for size in sorted(set(bits)))} bits"


def count_frames(image: ImageFile.ImageFile, most: int) -> int:
    """How many frames the chain of directories has, and no more than `most`, for it may be endless work to follow.

    One that cannot be read, but should be there, is counted.
    """
    number = 0
    while number < most:
        try:
            image.seek(number)
        except EOFError:
            break
        except Exception:  # noqa: BLE001 - loading the frame will say what is wrong with it
            if image.tell() < number:  # the chain leads no further
                number += 1
                break
        number += 1
    image.seek(0)
    return number
