"""Leveling a page whose lines run a few degrees off."""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from worker.ink import Letters
from worker.page import Gray, Matrix, Page

_MIN_DEGREES = 0.4
"""Below this the recognizer does not care, and pixels that are not resampled are sharper."""
_BORDER_STEP_PIXELS = 8


def deskew(page: Page, degrees: float) -> Page:
    """The page turned about its center by `-degrees`, on a sheet large enough to hold all of it."""
    if abs(degrees) < _MIN_DEGREES:
        return page
    height, width = page.image.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    cosine, sine = abs(turn[0, 0]), abs(turn[0, 1])
    size = (int(np.ceil(width * cosine + height * sine)), int(np.ceil(width * sine + height * cosine)))
    turn[:, 2] += (size[0] - width) / 2, (size[1] - height) / 2
    forward: Matrix = np.vstack([turn, [0.0, 0.0, 1.0]])
    image = cv2.warpAffine(
        page.image, _between_centers(forward)[:2], size, flags=cv2.INTER_LINEAR, borderValue=find_paper(page.image)
    )
    backward: Matrix = np.linalg.inv(forward).astype(np.float64)
    leveled = page.warped(image.astype(np.uint8, copy=False), "deskew", backward)
    return replace(leveled, skew_degrees=round(page.skew_degrees + degrees, 2))


def deskew_letters(letters: Letters, degrees: float, page: Page, leveled: Page) -> Letters:
    """The letters of the page where they are on the leveled one; their boxes stay upright and as large as they were."""
    middle, leveled_middle = (np.array(each.image.shape[::-1]) / 2 for each in (page, leveled))
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    turn = np.array([[cosine, -sine], [sine, cosine]])

    def level(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
        sizes = boxes[:, 2:]
        centers = (boxes[:, :2] + sizes / 2 - middle) @ turn + leveled_middle
        return np.hstack([centers - sizes / 2, sizes]).astype(np.float32)

    return replace(letters, boxes=level(letters.boxes), dots=level(letters.dots))


def _between_centers(matrix: Matrix) -> Matrix:
    """OpenCV puts a pixel's center at whole numbers, `Page` half a pixel further."""
    half = np.array([[1.0, 0.0, 0.5], [0.0, 1.0, 0.5], [0.0, 0.0, 1.0]])
    shifted: Matrix = np.linalg.inv(half) @ matrix @ half
    return shifted


def find_paper(image: Gray) -> float:
    """The shade of the sheet at its rim."""
    rim = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    return float(np.median(rim[::_BORDER_STEP_PIXELS]))
