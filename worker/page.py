"""The value that travels through the pipeline: a gray picture and the way back to the upload."""

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


def map_box(matrix: Matrix, box: Box, width: int, height: int) -> list[int]:
    """The smallest box of whole pixels inside a `width` x `height` picture around `box` seen through `matrix`."""
    x0, y0, x1, y1 = box
    corners = np.array([[x0, x1, x1, x0], [y0, y0, y1, y1], [1.0, 1.0, 1.0, 1.0]])
    mapped = matrix @ corners
    xs, ys = mapped[0] / mapped[2], mapped[1] / mapped[2]
    left, right = np.clip([np.floor(xs.min() + _SLACK), np.ceil(xs.max() - _SLACK)], 0, width)
    top, bottom = np.clip([np.floor(ys.min() + _SLACK), np.ceil(ys.max() - _SLACK)], 0, height)
    return [int(left), int(top), int(right), int(bottom)]


_SLACK = 1e-6
"""Rounding noise of a matrix product must not grow a box by a pixel."""
