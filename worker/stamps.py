"""Colored ink over print: stamps, marks and signatures, which make it unreadable once all is gray."""

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.page import Gray, Page

_SIDE_PIXELS = 1_200
"""Where colored ink is looked for, A4 at 100 dpi; what follows is in pixels of such a picture."""
_COLORED_LEVELS, _FAINT_LEVELS, _PALEST = 45, 30, 185
"""By how much channels of colored ink differ, and of the rim of its strokes, and what the least of them is at most."""
_DARKEST, _LIGHTEST = 110, 165
"""Print has no channel above the one, paper none below the other."""
_FEWEST, _FEWEST_OF_STAMP = 300, 60
"""Colored pixels that are worth looking at."""
_STROKE_PIXELS = 8
"""The thickness of a stroke; thicker are colored areas."""
_RULE_PIXELS = 60
"""The length of a rule of a form, which colored writing stands on."""
_GAP_PIXELS, _LEAST_PIXELS = 26, 24
"""The room between strokes of one stamp, and the least side of one."""
_BLUR_PIXELS = 2
"""How far print and what touches it lie apart where a picture is not sharp."""
_TOUCHED_SHARES = (0.1, 0.4)
"""How much of its strokes touches print: colored print beside black touches none, the rim of dark blue letters more."""
_BESIDE_SHARE = 0.5
"""How much of a piece of print is beside colored ink at most."""
_SAME_HUE = 0.85
"""The length of the mean of unit vectors that point from gray to the colors of a stamp, which is of one ink."""
_LEAST_BRIGHT = 125
"""The lightest channel of a stamp; what is darker is print in dark blue."""
_FILLED_SHARE, _PAPER_SHARE = 0.3, 0.8
"""Colored areas around it to its strokes, and how much of what is bare there is white: a photo or a slide is not so."""

Color = NDArray[np.uint8]
"""A picture of shape (height, width, 3), its channels in any order."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """Colored ink within a box `(x0, y0, x1, y1)` in pixels of the picture, where `mask` has it and what is near."""

    box: tuple[int, int, int, int]
    mask: Gray


def choose_factor(width: int, height: int) -> int:
    """By how many times a picture is reduced for `find_stamps`."""
    return max(1, round(max(width, height) / _SIDE_PIXELS))


def is_colored(sample: Color) -> bool:
    """Whether there may be stamps: so few pixels that they are quickly had, as many as those of a reduced picture."""
    return cv2.countNonZero(_find_ink(sample)) >= _FEWEST


def find_stamps(small: Color, factor: int) -> list[Stamp]:
    """Colored strokes over black print on white paper, in a picture that was reduced so many times."""
    lightest, darkest = _range(small)
    colorful, ink = lightest - darkest, _find_ink(small)
    areas = _open(ink, _STROKE_PIXELS, _STROKE_PIXELS)
    strokes = ink & ~_widen(areas)
    dark = ((lightest < _DARKEST) & (colorful <= _COLORED_LEVELS)).astype(np.uint8)
    near_print = _widen(_find_print(dark & ~_widen(_rules(dark)), ink), _BLUR_PIXELS)
    is_bare = (ink | near_print) == 0
    is_paper = is_bare & (darkest > _LIGHTEST) & (colorful < _COLORED_LEVELS)
    joined = cv2.dilate(strokes, np.ones((_GAP_PIXELS, _GAP_PIXELS), np.uint8))
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    stamps = []
    for number, (left, top, width, height, _) in enumerate(boxes[1:].tolist(), start=1):
        place = np.s_[top : top + height, left : left + width]
        mask = (labels[place] == number).astype(np.uint8)
        own = strokes[place] & mask
        count = cv2.countNonZero(own)
        is_large = min(width, height) >= _LEAST_PIXELS + _GAP_PIXELS and count >= _FEWEST_OF_STAMP
        if (
            is_large
            and _TOUCHED_SHARES[0] <= cv2.countNonZero(own & near_print[place]) / count <= _TOUCHED_SHARES[1]
            and cv2.countNonZero(areas[place]) <= _FILLED_SHARE * count
            and np.count_nonzero(is_paper[place]) >= _PAPER_SHARE * np.count_nonzero(is_bare[place])
            and _is_one_ink(small[place][own > 0])
            and np.median(lightest[place][own > 0]) >= _LEAST_BRIGHT
        ):
            box = (left * factor, top * factor, (left + width) * factor, (top + height) * factor)
            stamps.append(Stamp(box, mask))
    return stamps


def erase_stamps(gray: Gray, found: Iterable[tuple[Stamp, Color]]) -> Gray | None:
    """The gray picture without stamps, each with the colors in its box, or nothing where there are none.

    A pixel is as light as its lightest channel, that of the stamp's ink being white.
    """
    erased = None
    for stamp, colors in found:
        erased = gray.copy() if erased is None else erased
        left, top, _, _ = stamp.box
        height, width = colors.shape[:2]
        lightest, darkest = _range(colors)
        mask = cv2.resize(stamp.mask, (width, height), interpolation=cv2.INTER_NEAREST).astype(np.uint8, copy=False)
        colorful = np.where(mask > 0, lightest - darkest, 0)
        ink = lightest[(_find_ink(colors) & mask) > 0]
        if not ink.size:
            continue
        paper = cv2.convertScaleAbs(lightest, alpha=255 / float(np.median(ink)))
        place = erased[top : top + height, left : left + width]
        place[colorful > _FAINT_LEVELS] = paper[colorful > _FAINT_LEVELS]
    return erased


def unstamp(page: Page) -> Page:
    """The page without stamps over its print; one that has none stays as it is."""
    return page if page.unstamped is None else page.redrawn(page.unstamped, "unstamp")


def _find_ink(color: Color) -> Gray:
    lightest, darkest = _range(color)
    return ((lightest - darkest > _COLORED_LEVELS) & (darkest < _PALEST)).astype(np.uint8)


def _range(color: Color) -> tuple[Gray, Gray]:
    """The greatest and the least channel of each pixel; numpy takes ten times as long."""
    one, two, three = cv2.split(color)
    lightest, darkest = (choose(choose(one, two), three) for choose in (cv2.max, cv2.min))
    return lightest.astype(np.uint8, copy=False), darkest.astype(np.uint8, copy=False)


def _find_print(dark: Gray, ink: Gray) -> Gray:
    """What is dark and mostly away from colored ink, as the cores of colored letters in a JPEG are not."""
    _, labels = cv2.connectedComponents(dark, connectivity=8)
    sizes = np.bincount(labels.ravel())
    beside = np.bincount(labels[_widen(ink) > 0], minlength=len(sizes))
    is_print = beside <= _BESIDE_SHARE * sizes
    is_print[0] = False
    mask: Gray = is_print[labels].astype(np.uint8)
    return mask


def _is_one_ink(colors: NDArray[np.uint8]) -> bool:
    """Whether pixels, of shape (n, 3), are of about one hue."""
    hues = colors - colors.mean(axis=1, keepdims=True)
    hues /= np.linalg.norm(hues, axis=1, keepdims=True)
    return bool(np.linalg.norm(hues.mean(axis=0)) >= _SAME_HUE)


def _rules(ink: Gray) -> Gray:
    return _open(ink, 1, _RULE_PIXELS) | _open(ink, _RULE_PIXELS, 1)


def _open(mask: Gray, rows: int, columns: int) -> Gray:
    return cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((rows, columns), np.uint8)).astype(np.uint8, copy=False)


def _widen(mask: Gray, pixels: int = 1) -> Gray:
    side = 2 * pixels + 1
    return cv2.dilate(mask, np.ones((side, side), np.uint8)).astype(np.uint8, copy=False)
