"""Lines of forms and ruled paper that run through letters, taken out; strokes that cross them stay."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from worker.ink import find_ink, shrink
from worker.page import Gray, Page

_SIDE_PIXELS = 1_754
"""A4 at 150 dpi, where rules are looked for; what follows is in pixels of such a picture."""
_RUN_PIXELS, _THICKEST_PIXELS = 100, 6.0
_WIDTH_SHARE = 0.3
"""Length of a rule as a share of the picture's width; strokes of a picture or a large letter are shorter."""
_STROKE_PIXELS = 3
"""The least height of a letter's stroke above or below a rule; what is lower is the rule's own rough edge."""
_LEAST_TOUCHED, _MOST_TOUCHED = 0.1, 0.6
"""How much of each edge strokes touch where a rule runs through letters, and of both; those of a halftone more."""
_BRIDGE_PIXELS = 4
"""How much more than a rule is thick may lie between two ends of a stroke that goes on behind it."""
_INK = 255


@dataclass(frozen=True, slots=True)
class Rule:
    """A line's mask, the place of its upper left corner in the picture, and its mean thickness in pixels.

    `above` and `below` are the shares of its length along which strokes touch it.
    """

    mask: Gray
    top: int
    left: int
    thickness: float
    above: float
    below: float


def unrule(page: Page) -> Page:
    """The page without rules that run through letters; one that has none stays as it is."""
    small, factor = shrink(page.image, _SIDE_PIXELS)
    if not _find_rules(small, 1.0):
        return page
    image = page.image.copy()
    rules = _find_rules(image, factor)
    for rule in rules:
        _erase(image, rule)
    return page.redrawn(image, "unrule") if rules else page


def _find_rules(image: Gray, factor: float) -> list[Rule]:
    """The rules, where at least one of them runs through letters; underlines and borders of tables have a bare edge.

    The picture is `1 / factor` times as large as the one that lengths are meant for.
    """
    ink = find_ink(image)
    length = round(_RUN_PIXELS / factor)
    if not (cv2.boxFilter(ink, cv2.CV_8U, (length, 1)) == _INK).any():  # takes a quarter of the time of the next line
        return []
    runs = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, length), dtype=np.uint8)).astype(np.uint8, copy=False)
    strokes = cv2.morphologyEx(cv2.bitwise_and(ink, cv2.bitwise_not(runs)), cv2.MORPH_OPEN, _column(_STROKE_PIXELS))
    framed = np.pad(strokes, ((1, 1), (0, 0))).astype(np.uint8, copy=False)
    outlines, _ = cv2.findContours(runs, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    boxes = [cv2.boundingRect(outline) for outline in outlines]
    lines = [_measure_rule(runs, framed, box) for box in boxes if box[2] >= _WIDTH_SHARE * image.shape[1]]
    rules = [
        line
        for line in lines
        if line.thickness <= _THICKEST_PIXELS / factor and line.above + line.below <= _MOST_TOUCHED
    ]
    return rules if any(min(rule.above, rule.below) >= _LEAST_TOUCHED for rule in rules) else []


def _measure_rule(runs: Gray, strokes: Gray, box: Sequence[int]) -> Rule:
    """The line in a box of `runs`; the mask of strokes begins a row above it."""
    left, top, width, height = box
    mask = runs[top : top + height, left : left + width]
    above, below = (
        cv2.countNonZero(cv2.bitwise_and(mask, strokes[row : row + height, left : left + width])) / width
        for row in (top, top + 2)
    )
    return Rule(mask, top, left, cv2.countNonZero(mask) / width, above, below)


def _erase(image: Gray, rule: Rule) -> None:
    """Put paper in place of the rule, and draw strokes through where they end at both sides of it."""
    height, width = rule.mask.shape
    gap = math.ceil(rule.thickness) + _BRIDGE_PIXELS
    above = min(rule.top, 2 * gap)
    place = image[rule.top - above : rule.top + height + 2 * gap, rule.left : rule.left + width]
    is_rule = np.zeros(place.shape, dtype=np.bool_)
    is_rule[above : above + height] = rule.mask > 0
    paper = cv2.dilate(place, np.ones((2 * gap + 1, 2 * gap + 1), dtype=np.uint8))
    whole = cv2.morphologyEx(np.where(is_rule, paper, place), cv2.MORPH_OPEN, _column(gap))
    place[is_rule] = whole[is_rule]


def _column(pixels: int) -> Gray:
    return np.ones((pixels, 1), dtype=np.uint8)
