"""How far the lines of a picture are from level, by the sharpness of its projection profile.

The ink is projected along a trial slope; the profile is sharpest where the slope is that of the text (W. Postl,
Detection of linear oblique structures and skew scan in digitized documents, 1986).
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.ink import shrink
from worker.page import Gray

_REACHES_DEGREES = (15.0, 44.0)
"""How far is searched, and how far where that shows no lines; along a diagonal, pixels line up by themselves."""
_LINED_SHARPNESS = 2.0
"""From which there are lines."""
_WORK_PIXELS = 900
"""Longer side of the small picture that the search runs on."""
_MAX_INK_PIXELS = 60_000
_STEPS_DEGREES = (1.0, 0.25, 0.05)
_STRIDES = (4, 1, 1)
"""Of how many dark pixels one is projected; a coarse step needs few."""
_NEIGHBORHOOD_PIXELS = 31
_CONTRAST = 12

Coordinates = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Skew:
    """`degrees` is the slope of the lines, positive where they fall to the right.

    `sharpness` is how much sharper the profile is than that of the same ink scattered at random: about 1 says that
    there are no lines. Nor are there where the profile `is_sharper_beyond` what was searched.
    """

    degrees: float
    sharpness: float
    is_sharper_beyond: bool = False

    @property
    def is_lined(self) -> bool:
        """Whether there are lines at all."""
        return self.sharpness > _LINED_SHARPNESS and not self.is_sharper_beyond


def measure_skews(image: Gray) -> tuple[Skew, Skew]:
    """The skew if lines run from left to right, and that if they run from top to bottom or from bottom to top."""
    xs, ys = _find_ink(image)
    for reach in _REACHES_DEGREES:
        found = _search(xs, ys, reach), _search(-ys, xs, reach)
        if any(skew.is_lined for skew in found):
            break
    return found


def _find_ink(image: Gray) -> tuple[Coordinates, Coordinates]:
    """Coordinates (x, y) of the dark pixels of a small copy of the picture."""
    small, _ = shrink(image, _WORK_PIXELS)
    dark = cv2.adaptiveThreshold(
        small, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, _NEIGHBORHOOD_PIXELS, _CONTRAST
    )
    ys, xs = np.nonzero(dark)
    step = 1 + len(xs) // _MAX_INK_PIXELS
    return xs[::step].astype(np.float32), ys[::step].astype(np.float32)


def _search(xs: Coordinates, ys: Coordinates, furthest_degrees: float) -> Skew:
    if len(xs) < 2:  # noqa: PLR2004 - one pixel has no slope
        return Skew(0.0, 1.0)
    best, energy, reach = 0.0, 0.0, furthest_degrees
    for step, stride in zip(_STEPS_DEGREES, _STRIDES, strict=True):
        trials = np.arange(best - reach, best + reach + step / 2, step).clip(-furthest_degrees, furthest_degrees)
        energies = [_measure_energy(xs[::stride], ys[::stride], degrees) for degrees in trials]
        best, energy, reach = float(trials[int(np.argmax(energies))]), max(energies), step
    scattered = 2.0 * len(ys)  # neighboring rows of a Poisson process differ so much
    return Skew(best, energy / scattered, abs(best) >= furthest_degrees)


def _measure_energy(xs: Coordinates, ys: Coordinates, degrees: float) -> float:
    """Sum of the squared differences of neighboring rows of the profile."""
    rows = ys - xs * np.float32(np.tan(np.radians(degrees)))
    rows -= rows.min()
    profile = np.bincount(rows.astype(np.int32)).astype(np.float64)
    return float(np.square(np.diff(profile)).sum())
