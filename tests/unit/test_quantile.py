"""Quantiles of few values and of bytes."""

import numpy as np
import pytest

from worker.quantile import levels, quantile


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 0.75, 1.0])
@pytest.mark.parametrize("count", [1, 2, 7, 40])
def test_it_is_numpys(count: int, share: float) -> None:
    # Given
    values = np.random.default_rng(count).integers(0, 255, count)
    # When / Then
    assert quantile(values, share) == pytest.approx(float(np.quantile(values, share)))


def test_levels_of_a_picture_are_numpys_but_for_fractions() -> None:
    # Given
    image = np.random.default_rng(1).integers(0, 256, (50, 70)).astype(np.uint8)
    # When / Then
    assert levels(image, (0.0, 0.02, 0.5, 0.98)) == pytest.approx(np.percentile(image, [0, 2, 50, 98]), abs=1)


def test_where_two_levels_halve_a_picture_the_middle_is_the_lighter_one() -> None:
    # Given
    image = np.array([[10, 10], [200, 200]], np.uint8)
    # When / Then
    assert levels(image, (0.5,)) == [200]
