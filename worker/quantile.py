"""Quantiles of few values and of bytes, for which numpy's own take many times as long."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from worker.page import Gray


def quantile(values: NDArray[Any], share: float) -> float:
    """The value that this share of them, from 0 to 1, lies below, interpolated linearly; at least one is given."""
    ordered = np.sort(values)
    last = len(ordered) - 1
    place = share * last
    low = int(place)
    below, above = float(ordered[low]), float(ordered[min(low + 1, last)])
    return below + (above - below) * (place - low)


def levels(image: Gray, shares: Sequence[float]) -> list[int]:
    """The darkest gray levels that more than these shares of the pixels, from 0 to less than 1, are no lighter than."""
    no_lighter = np.bincount(image.ravel(), minlength=256).cumsum()
    return [int(level) for level in np.searchsorted(no_lighter, np.multiply(shares, image.size), side="right")]
