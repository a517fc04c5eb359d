"""A quantile of few values."""

import numpy as np
import pytest

from worker.quantile import quantile


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 0.75, 1.0])
@pytest.mark.parametrize("count", [1, 2, 7, 40])
def test_it_is_numpys(count: int, share: float) -> None:
    # Given
    values = np.random.default_rng(count).integers(0, 255, count)
    # When / Then
    assert quantile(values, share) == pytest.approx(float(np.quantile(values, share)))
