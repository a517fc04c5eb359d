"""How far lines are from level."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from shared.schemas import STEPS
from worker.page import Gray, Page
from worker.pipeline import prepare
from worker.skew import measure_skews

_WORDS = ("some", "words", "of", "plain", "text,", "and", "a", "few", "more", "of", "them")


def _draw(degrees: float = 0.0) -> Gray:
    picture, chance = Image.new("L", (1000, 800), 255), np.random.default_rng(3)
    for row in range(12):
        text = " ".join(chance.permutation(_WORDS))
        ImageDraw.Draw(picture).text((150, 100 + 50 * row), text, 0, ImageFont.load_default(28))
    return np.array(picture.rotate(-degrees, Image.Resampling.BICUBIC, fillcolor=255))


@pytest.mark.parametrize("degrees", [-40.0, -14.0, 0.0, 3.3, 14.0, 22.0])
def test_lines_are_found_at_their_slope(degrees: float) -> None:
    # When
    across, _ = measure_skews(_draw(degrees))
    # Then
    assert across.is_lined
    assert across.degrees == pytest.approx(degrees, abs=0.2)


@pytest.mark.parametrize("turns", [0, 1])
def test_scattered_ink_has_no_lines(turns: int) -> None:
    # Given
    picture = np.where(np.random.default_rng(1).random((600, 900)) < 0.02, 0, 255).astype(np.uint8)
    # When / Then
    assert not measure_skews(picture)[turns].is_lined


def test_hatching_does_not_tilt_level_lines() -> None:
    # Given
    picture = Image.new("L", (1200, 1200), 255)
    for left in range(-1000, 1200, 24):
        ImageDraw.Draw(picture).line((left + 200, 900, left + 900, 200), fill=60, width=2)
    for top in (0, 910):
        ImageDraw.Draw(picture).rectangle((0, top, 1200, top + 290 if top else 190), fill=255)
        text = "a caption in a line of its own, which is level"
        ImageDraw.Draw(picture).text((100, top + 90), text, 0, ImageFont.load_default(36))
    # When
    level = prepare(Page(np.array(picture), 1200, 1200, 150), frozenset(STEPS))
    # Then
    assert level.page.skew_degrees == 0.0
