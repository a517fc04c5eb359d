"""The value that travels through the pipeline: a gray picture and the way back to the upload."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]
"""A picture of shape (height, width), 0 black to 255 white."""
Matrix = NDArray[np.float64]
"""A 3x3 homography between pixel coordinates, where a pixel's center is at +0.5."""
Box = tuple[float, float, float, float]
"""`(x0, y0, x1, y1)`, the upper left corner inside and the lower right one outside."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page on its way to recognition; each step answers a new one.

    `to_upload` maps a pixel of `image` to a pixel of the page as uploaded, whose size is `width` x `height`.
    """

    image: Gray
    width: int
    height: int
    dpi: int
    to_upload: Matrix = field(default_factory=lambda: np.eye(3))
    rotation: int = 0
    skew_degrees: float = 0.0
    steps: tuple[str, ...] = ()

    def warped(self, image: Gray, step: str, to_previous: Matrix) -> "Page":
        """The page with a new picture, where `to_previous` maps a pixel of it to a pixel of the present one."""
        steps = self.steps if step in self.steps else (*self.steps, step)
        return replace(self, image=image, to_upload=self.to_upload @ to_previous, steps=steps)

    def redrawn(self, image: Gray, step: str) -> "Page":
        """The page with another picture of the same size."""
        return self.warped(image, step, np.eye(3))


def map_boxes(matrix: Matrix, boxes: Sequence[Box], width: int, height: int) -> list[list[int]]:
    """The smallest boxes of whole pixels inside a `width` x `height` picture around `boxes` seen through `matrix`."""
    x0, y0, x1, y1 = np.array(boxes, dtype=np.float64).reshape(-1, 4).T
    corners = np.array([[x0, x1, x1, x0], [y0, y0, y1, y1], np.ones((4, len(boxes)))])
    xs, ys, weights = np.tensordot(matrix, corners, axes=1)
    xs, ys = xs / weights, ys / weights
    lefts, tops = np.floor(xs.min(axis=0) + _SLACK), np.floor(ys.min(axis=0) + _SLACK)
    rights, bottoms = np.ceil(xs.max(axis=0) - _SLACK), np.ceil(ys.max(axis=0) - _SLACK)
    edges = np.clip(np.array([lefts, tops, rights, bottoms]).T, 0, [width, height, width, height])
    return [[int(edge) for edge in box] for box in edges]


_SLACK = 1e-6
"""Rounding noise of a matrix product must not grow a box by a pixel."""
