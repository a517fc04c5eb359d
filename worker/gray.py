"""Any picture Pillow can decode, as 8-bit gray on the background that shows its ink."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from worker.page import Gray

_OPAQUE = 128
_DIRECT = frozenset({"1", "P", "RGB", "RGBX", "CMYK", "HSV"})


def to_gray(image: Image.Image) -> Gray:
    """The picture as an array of shape (height, width).

    Transparent pixels become white, or black where the visible ones are light; pixels of more than 8 bits are
    stretched over the range they use.
    """
    if image.has_transparency_data:
        return _flatten(image)
    if image.mode == "L":
        return np.array(image)
    if image.mode.startswith(("I", "F")):
        return _stretch(np.asarray(image, dtype=np.float64))
    if image.mode in {"YCbCr", "LAB"}:
        return np.array(image.getchannel(0))
    direct = image if image.mode in _DIRECT else image.convert("RGB")
    return np.array(direct.convert("RGB").convert("L") if direct.mode in {"CMYK", "HSV"} else direct.convert("L"))


def _flatten(image: Image.Image) -> Gray:
    layers = image.convert("LA") if image.mode in {"LA", "La"} else image.convert("RGBA")
    alpha = np.asarray(layers.getchannel("A"), dtype=np.uint16)
    gray = np.asarray(layers.convert("L"), dtype=np.uint16)
    visible = gray[alpha > _OPAQUE]
    mostly_hidden = visible.size * 2 < gray.size
    background = 0 if mostly_hidden and visible.size and np.median(visible) > _OPAQUE else 255
    return ((gray * alpha + background * (255 - alpha)) // 255).astype(np.uint8)


def _stretch(values: NDArray[np.float64]) -> Gray:
    finite = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(finite.min()), float(finite.max())
    if high <= low:
        return np.full(finite.shape, 255, dtype=np.uint8)
    return ((finite - low) * (255.0 / (high - low))).astype(np.uint8)
