"""Light, divided out."""

import numpy as np
import pytest

from worker.clean import clean
from worker.page import Page


@pytest.mark.parametrize("dark", [0.4, 0.7])
def test_paper_is_white_up_to_the_edge_of_a_shadow(dark: float) -> None:
    # Given
    light = np.where(np.arange(1600) < 800, 1.0, dark)
    sheet = (np.full((700, 1600), 230) * light).astype(np.uint8)
    # When
    cleaned = clean(Page(sheet, 1600, 700, 300))
    # Then
    assert cleaned.steps == ("clean",)
    assert cleaned.image.min() >= 250
