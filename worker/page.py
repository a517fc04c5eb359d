"""The value that travels through the pipeline: a gray picture and the way back to the upload."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]
"""A picture of shape (height, width), 0 black to 255 white."""
Matrix = NDArray[np.float64]
"""A 3x3 homography between pixel coordinates, where a pixel's center is at +0.5."""
Points = NDArray[np.float64]
"""Pixel coordinates x and y, shape (2, ...)."""
Step = Matrix | Callable[[Points], Points]
"""What leads from points of a picture back to those of the one it was made from."""
Box = tuple[float, float, float, float]
"""`(x0, y0, x1, y1)`, the upper left corner inside and the lower right one outside."""
_Edge = TypeVar("_Edge", int, float)


@dataclass(frozen=True, slots=True)
class Page:
    """One page on its way to recognition; each step answers a new one.

    `to_upload` leads from a pixel of `image` back to one of the page as uploaded, whose size is `width` x `height`; the
    step that was taken last comes first. `unstamped` is `image` without stamps over its print, where it has any.
    """

    image: Gray
    width: int
    height: int
    dpi: int
    to_upload: tuple[Step, ...] = ()
    rotation: int = 0
    skew_degrees: float = 0.0
    steps: tuple[str, ...] = ()
    unstamped: Gray | None = None

    def warped(self, image: Gray, step: str, *to_previous: Step) -> "Page":
        """The page with a new picture, where `to_previous` leads from a pixel of it to a pixel of the present one."""
        steps = self.steps if step in self.steps else (*self.steps, step)
        return replace(self, image=image, to_upload=(*to_previous, *self.to_upload), steps=steps, unstamped=None)

    def redrawn(self, image: Gray, step: str) -> "Page":
        """The page with another picture of the same size."""
        return self.warped(image, step)


def map_boxes(way: Sequence[Step], boxes: Sequence[Box], width: int, height: int) -> list[list[int]]:
    """The smallest boxes of whole pixels inside a `width` x `height` picture around where `way` leads `boxes`."""
    x0, y0, x1, y1 = np.array(boxes, dtype=np.float64).reshape(-1, 4).T
    corners: Points = np.array([[x0, x1, x1, x0], [y0, y0, y1, y1]])
    for step in way:
        corners = step(corners) if callable(step) else _project(step, corners)
    xs, ys = corners
    lefts, tops = np.floor(xs.min(axis=0) + _SLACK), np.floor(ys.min(axis=0) + _SLACK)
    rights, bottoms = np.ceil(xs.max(axis=0) - _SLACK), np.ceil(ys.max(axis=0) - _SLACK)
    edges = np.clip(np.array([lefts, tops, rights, bottoms]).T, 0, [width, height, width, height])
    return [[int(edge) for edge in box] for box in edges]


def around(boxes: Iterable[Sequence[_Edge]]) -> tuple[_Edge, _Edge, _Edge, _Edge]:
    """The smallest box around some; at least one."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _project(matrix: Matrix, points: Points) -> Points:
    xs, ys, weights = np.tensordot(matrix, [*points, np.ones(points.shape[1:])], axes=1)
    return np.array([xs / weights, ys / weights])


_SLACK = 1e-6
"""Rounding noise of matrix products must not grow a box by a pixel."""
