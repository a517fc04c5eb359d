"""Quarter turns."""

from dataclasses import replace

import numpy as np

from worker.page import Matrix, Page


def turn(page: Page, rotation: int) -> Page:
    """The page turned clockwise by 0, 90, 180 or 270 degrees."""
    if rotation == 0:
        return page
    height, width = page.image.shape
    to_previous: dict[int, Matrix] = {
        90: np.array([[0.0, 1.0, 0.0], [-1.0, 0.0, float(height)], [0.0, 0.0, 1.0]]),
        180: np.array([[-1.0, 0.0, float(width)], [0.0, -1.0, float(height)], [0.0, 0.0, 1.0]]),
        270: np.array([[0.0, -1.0, float(width)], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]),
    }
    image = np.ascontiguousarray(np.rot90(page.image, -rotation // 90))
    turned = page.warped(image, "upright", to_previous[rotation])
    return replace(turned, rotation=(page.rotation + rotation) % 360)
