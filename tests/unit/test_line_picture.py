"""The picture of a line as a network sees it."""

import numpy as np
import pytest

from worker.engines.lstm.picture import picture_line
from worker.page import Gray


def draw_bars(height: int, ink: int = 0, paper: int = 255) -> Gray:
    """Bars from top to bottom, a quarter of the height wide and as far apart."""
    columns = np.arange(8 * height) // (height // 4) % 2
    return np.tile(np.where(columns, ink, paper).astype(np.uint8), (height, 1))


@pytest.mark.parametrize(("height", "width"), [(20, 288), (36, 288), (90, 288), (200, 288)])
def test_a_line_is_36_pixels_high(height: int, width: int) -> None:
    assert picture_line(draw_bars(height)).shape == (36, width)


@pytest.mark.parametrize(("ink", "paper"), [(0, 255), (90, 150), (200, 230)])
def test_ink_and_paper_become_the_ends_of_the_scale(ink: int, paper: int) -> None:
    # When
    line = picture_line(draw_bars(40, ink, paper))
    # Then
    assert np.mean(line < -0.7) > 0.3
    assert np.mean(line > 0.7) > 0.3
    assert (line.min(), line.max()) == (-1.0, 1.0)


def test_a_narrow_line_is_wide_enough_for_a_step() -> None:
    assert picture_line(np.zeros((200, 1), np.uint8)).shape == (36, 3)
