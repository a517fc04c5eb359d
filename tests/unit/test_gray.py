"""Pictures of any depth as 8-bit gray."""

import numpy as np
import pytest
from PIL import Image

from worker.gray import to_gray


def _ramp(low: float, high: float, size: int = 100) -> np.ndarray:
    return np.linspace(low, high, size * size, dtype=np.float32).reshape(size, size)


@pytest.mark.parametrize("size", [100, 1_000])
@pytest.mark.parametrize("stray", [1e6, -9999, np.nan, np.inf, -np.inf, -3.4e38])
def test_a_stray_pixel_does_not_take_the_range_from_the_others(stray: float, size: int) -> None:
    # Given
    values = _ramp(0, 1, size)
    values[0, 0] = stray
    # When
    gray = to_gray(Image.fromarray(values))
    # Then
    assert (gray[0, 1], gray[-1, -1]) == (0, pytest.approx(255, abs=1))
    assert gray[0, 0] == (0 if -np.inf < stray < 0 else 255)


def test_a_little_ink_on_clean_paper_is_no_stray() -> None:
    # Given
    values = np.full((100, 100), 0.9, dtype=np.float32)
    values[50, 50:53] = 0.1
    # When
    gray = to_gray(Image.fromarray(values))
    # Then
    assert gray[50, 49:54].tolist() == [255, 0, 0, 0, 255]


@pytest.mark.parametrize("value", [0.5, np.nan])
def test_a_picture_of_one_value_is_paper(value: float) -> None:
    # Given
    picture = Image.fromarray(np.full((10, 10), value, dtype=np.float32))
    # When
    gray = to_gray(picture)
    # Then
    assert gray.min() == 255
