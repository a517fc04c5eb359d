"""The picture of a line as a network sees it, made as Tesseract makes it."""

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.engines.lstm.network import LINE_PIXELS, POOL_PIXELS
from worker.page import Gray
from worker.quantile import quantile

_MUCH_SMALLER, _LARGER = 0.7, 1.4
"""Factors below which a picture is averaged, and from which it is not sharpened after it was resized."""
_DARK, _LIGHT = 0.25, 0.75


def picture_line(image: Gray) -> NDArray[np.float32]:
    """The line with a height of 36 pixels and values from -1, its ink, to 1, its paper."""
    factor = LINE_PIXELS / image.shape[0]
    width = max(POOL_PIXELS, round(image.shape[1] * factor))
    method = cv2.INTER_AREA if factor < _MUCH_SMALLER else cv2.INTER_LINEAR
    line = cv2.resize(image, (width, LINE_PIXELS), interpolation=method).astype(np.uint8, copy=False)
    if factor < _LARGER:
        line = _sharpen(line, *((3, 0.2) if factor < _MUCH_SMALLER else (5, 0.4)))
    dark, light = _measure_contrast(line[LINE_PIXELS // 2].astype(np.intp))
    contrast = max(1.0, (light - dark) / 2)
    values = (line.astype(np.float32) - np.float32(dark)) / np.float32(contrast) - np.float32(1.0)
    return np.clip(values, -1.0, 1.0, out=values)


def _sharpen(image: Gray, side_pixels: int, share: float) -> Gray:
    smooth = cv2.blur(image, (side_pixels, side_pixels))
    return cv2.addWeighted(image, 1 + share, smooth, -share, 0).astype(np.uint8, copy=False)


def _measure_contrast(row: NDArray[np.intp]) -> tuple[float, float]:
    """The lower quartile of the row's minima and the upper one of its maxima."""
    falls, rises = np.diff(row)[:-1], np.diff(row)[1:]
    inner = row[1:-1]
    minima = inner[((falls < 0) & (rises >= 0)) | ((falls <= 0) & (rises > 0))]
    maxima = inner[((falls > 0) & (rises <= 0)) | ((falls >= 0) & (rises < 0))]
    dark = quantile(minima, _DARK) if minima.size else 0.0
    light = quantile(maxima, _LIGHT) if maxima.size else 255.0
    return dark, light
