"""A sheet photographed on a darker table, cut out and made rectangular."""

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.ink import Letters, find_letters, share_across, shrink
from worker.page import Gray, Matrix, Page

_SIDE_PIXELS = 600
_AREA_SHARE = (0.2, 0.97)
_BRIGHTER_LEVELS = 30
"""Gray levels by which the sheet is brighter than what surrounds it."""
_FILL_SHARE = 0.9
"""How much of its four-cornered outline the sheet fills; a page of columns on dark paper does not."""
_RING_PIXELS = 4
"""Pixels at the edge of the small picture that show the table."""
_ABOVE_TABLE_LEVELS = 12
_CLOSED_PIXELS = 7
"""Dark that is no wider in the small picture belongs to the sheet, such as print at its edge. With twice as much the
light letters of a heading, or the light grain of a table, would as well."""
_ASKEW_SHARE = 0.01
"""What the ends of an upright edge differ by at most, in longer sides of the sheet: beside one that is askew, text is a
camera's date or a label on the table."""
_TEXT_SIDE_PIXELS = 1_200
_EDGE_SHARE = 0.01
"""How far the edge of a sheet, which looks like strokes, may be beside its outline, in longer sides of the picture."""
_FEWEST_LETTERS = 10
"""Letters that are text; a page number is not worth the table around the sheet."""
_LINED_SHARE = 0.9
"""Share of letters beside the sheet that follow each other in lines where it is text; in texture half of them do, in
the grain of wood four fifths at most."""
_CUT_SHARE = 0.03
"""A newspaper below the sheet goes on out of the picture, which cuts more of its letters; what belongs to the page ends
within it."""

Corners = NDArray[np.float32]
"""Four points of shape (4, 2): upper left, upper right, lower right, lower left."""


def perspective(page: Page) -> Page:
    """The sheet alone, seen from straight above; a page without the outline of a sheet stays as it is.

    So does one with text around an upright outline: that is a panel on a slide, a screen or a poster.
    """
    corners = find_sheet(page.image)
    if corners is None or (_is_upright(corners) and has_text_around(page.image, corners)):
        return page
    width = round(max(np.linalg.norm(corners[1] - corners[0]), np.linalg.norm(corners[2] - corners[3])))
    height = round(max(np.linalg.norm(corners[3] - corners[0]), np.linalg.norm(corners[2] - corners[1])))
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    forward = cv2.getPerspectiveTransform(corners, target)
    image = cv2.warpPerspective(
        page.image, forward, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    ).astype(np.uint8, copy=False)
    backward: Matrix = np.linalg.inv(forward).astype(np.float64)
    return page.warped(image, "perspective", backward)


def find_sheet(image: Gray) -> Corners | None:
    """Corners of the bright four-cornered sheet that fills most of the picture, if there is one."""
    small, factor = shrink(image, _SIDE_PIXELS)
    outline = _outline(small)
    if outline is None:
        return None
    area = cv2.contourArea(outline)
    corners = cv2.approxPolyDP(outline, 0.03 * cv2.arcLength(outline, closed=True), closed=True)
    if len(corners) != 4 or cv2.contourArea(corners) < _FILL_SHARE * area:  # noqa: PLR2004 - a sheet has four corners
        return None
    inside = np.zeros_like(small)
    cv2.fillConvexPoly(inside, corners, 1)
    if np.median(small[inside == 1]) - np.median(small[inside == 0]) < _BRIGHTER_LEVELS:
        return None
    return (_ordered(corners.reshape(4, 2).astype(np.float32)) / np.float32(factor)).astype(np.float32)


def _is_upright(corners: Corners) -> bool:
    """Whether no edge is askew, as those of a photographed sheet are."""
    askew = np.abs(corners - np.roll(corners, 1, axis=0)).min(axis=1)
    return bool(askew.max() <= _ASKEW_SHARE * np.ptp(corners, axis=0).max())


def has_text_around(image: Gray, corners: Corners) -> bool:
    """Whether there is text, dark or light, beside the sheet with these corners, and ends within the picture."""
    small, factor = shrink(image, _TEXT_SIDE_PIXELS)
    outline = np.rint(corners * factor).astype(np.int32)
    inside = np.zeros_like(small)
    cv2.fillConvexPoly(inside, outline, 1)
    table_level = np.uint8(np.median(small[inside == 0]))
    edge_pixels = round(_EDGE_SHARE * max(small.shape))
    cv2.polylines(inside, [outline], isClosed=True, color=1, thickness=2 * edge_pixels)
    table = np.where(inside == 1, table_level, small)
    return any(_are_text(find_letters(shade), shade.shape) for shade in (table, np.bitwise_not(table)))


def _are_text(letters: Letters | None, shape: tuple[int, ...]) -> bool:
    if letters is None or len(letters.boxes) < _FEWEST_LETTERS or share_across(letters) < _LINED_SHARE:
        return False
    left, top, width, height = letters.boxes.T
    is_cut = (left <= 1) | (top <= 1) | (left + width >= shape[1] - 1) | (top + height >= shape[0] - 1)
    return bool(is_cut.mean() <= _CUT_SHARE)


def _outline(small: Gray) -> NDArray[np.int32] | None:
    """The convex hull of the largest part that is brighter than the table, which the picture's rim shows."""
    smooth = cv2.GaussianBlur(small, (7, 7), 0)
    rim = [smooth[:_RING_PIXELS], smooth[-_RING_PIXELS:], smooth[:, :_RING_PIXELS], smooth[:, -_RING_PIXELS:]]
    table = np.percentile(np.concatenate([side.ravel() for side in rim]), 90)
    bright = (smooth > table + _ABOVE_TABLE_LEVELS).astype(np.uint8) * np.uint8(255)
    bright = cv2.morphologyEx(bright, cv2.MORPH_CLOSE, np.ones((_CLOSED_PIXELS, _CLOSED_PIXELS), dtype=np.uint8))
    contours, _ = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not contours:
        return None
    largest = max(contours, key=cv2.contourArea)
    outline = cv2.convexHull(largest)
    area = cv2.contourArea(outline)
    if not _AREA_SHARE[0] < area / small.size < _AREA_SHARE[1] or cv2.contourArea(largest) < _FILL_SHARE * area:
        return None
    return np.asarray(outline, dtype=np.int32)


def _ordered(points: Corners) -> Corners:
    sums, differences = points.sum(axis=1), np.diff(points, axis=1).ravel()
    order = [np.argmin(sums), np.argmin(differences), np.argmax(sums), np.argmax(differences)]
    return points[order]
