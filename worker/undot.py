"""Rows of dots taken out, of which a recognizer makes words."""

import numpy as np

from worker.ink import Letters
from worker.page import Page

_MARGIN_PIXELS = 2


def undot(page: Page, letters: Letters) -> Page:
    """The page with paper in place of the dots in rows; one that has none stays as it is."""
    if not len(letters.dots):
        return page
    image = page.image.copy()
    corners, sizes = letters.dots[:, :2], letters.dots[:, 2:]
    starts = (np.floor(corners) - _MARGIN_PIXELS).clip(0).astype(int)
    ends = (np.ceil(corners + sizes) + _MARGIN_PIXELS).astype(int)
    for (left, top), (right, bottom) in zip(starts.tolist(), ends.tolist(), strict=True):
        place = image[top:bottom, left:right]
        place[...] = place.max(initial=0)
    return page.redrawn(image, "unrule")
