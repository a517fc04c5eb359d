"""Light, divided out."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tests.fonts import load_font
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


@pytest.mark.parametrize(("paper", "ink", "steps"), [(30, 230, ("clean",)), (60, 20, ())], ids=["light", "darker"])
def test_a_dark_page_with_a_few_light_words_is_inverted(paper: int, ink: int, steps: tuple[str, ...]) -> None:
    # Given
    picture = Image.new("L", (1000, 700), paper)
    ImageDraw.Draw(picture).text((60, 50), "Settings\nLanguage", ink, load_font(14))
    # When
    cleaned = clean(Page(np.array(picture), 1000, 700, 96))
    # Then
    assert cleaned.steps == steps
