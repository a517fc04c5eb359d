"""Any picture Pillow can decode, as 8-bit gray on the background that shows its ink."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from worker.page import Gray

_OPAQUE = 128
_LEAST_STRAYS, _STRAY_SHARE = 4, 1e-4
"""So many pixels do not count where they lie far from all others; a letter of print has more."""
_FAR_RANGES = 7
_SAMPLE = 250_000
"""Pixels enough to tell the range of a picture by."""
_DIRECT = frozenset({"1", "P", "RGB", "RGBX", "CMYK", "HSV"})


def to_gray(image: Image.Image) -> Gray:
    """The picture as an array of shape (height, width).

    Transparent pixels become white, or black where the visible ones are light; pixels of more than 8 bits are
    stretched over the range they use, strays aside; what is no number becomes white.
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


def choose_background(layers: Image.Image) -> int:
    """The gray on which a picture with an alpha channel shows its ink: 0 for a little that is light, else 255."""
    alpha, gray = (np.asarray(channel) for channel in (layers.getchannel("A"), layers.convert("L")))
    visible = gray[alpha > _OPAQUE]
    mostly_hidden = visible.size * 2 < gray.size
    return 0 if mostly_hidden and visible.size and np.median(visible) > _OPAQUE else 255


def _flatten(image: Image.Image) -> Gray:
    layers = image.convert("LA") if image.mode in {"LA", "La"} else image.convert("RGBA")
    alpha = np.asarray(layers.getchannel("A"), dtype=np.uint16)
    gray = np.asarray(layers.convert("L"), dtype=np.uint16)
    return ((gray * alpha + choose_background(layers) * (255 - alpha)) // 255).astype(np.uint8)


def _stretch(values: NDArray[np.float64]) -> Gray:
    low, high = _find_range(values.ravel()[:: values.size // _SAMPLE | 1])
    if high <= low:
        return np.full(values.shape, 255, dtype=np.uint8)
    grays = np.subtract(values, low)
    grays *= 255.0 / (high - low)
    np.clip(grays, 0, 255, out=grays)
    grays[~np.isfinite(values)] = 255
    return grays.astype(np.uint8)


def _find_range(sample: NDArray[np.float64]) -> tuple[float, float]:
    """The least and the greatest number, but for a few far from all others: hot pixels, marks for no data."""
    ordered = np.sort(sample[np.isfinite(sample)])
    if not ordered.size:
        return 0.0, 0.0
    few = max(_LEAST_STRAYS, int(ordered.size * _STRAY_SHARE))
    low, high = ordered[min(few, ordered.size - 1)], ordered[max(0, ordered.size - 1 - few)]
    least, greatest = ordered[0], ordered[-1]
    far = _FAR_RANGES * (high - low) if high > low else np.inf
    return float(least if low - least < far else low), float(greatest if greatest - high < far else high)
