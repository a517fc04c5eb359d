"""Unknown words, compared with what their pictures show."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tests.fonts import load_font
from worker.engines.base import Token
from worker.page import Box, Gray
from worker.spelling import spell


def draw(text: str) -> tuple[Gray, Box]:
    """The text in black on white, and its box."""
    font = load_font(32)
    box = font.getbbox(text, anchor="ls")
    left, top, right, bottom = 20 + box[0], 60 + box[1], 20 + box[2], 60 + box[3]
    picture = Image.new("L", (round(right) + 20, 90), 255)
    ImageDraw.Draw(picture).text((20, 60), text, 0, font, anchor="ls")
    return np.array(picture), (float(left), float(top), float(right), float(bottom))


def never_late() -> bool:
    return False


def respell(shown: str, text: str, confidence: float = 70.0, models: str = "eng") -> str:
    """What becomes of a word that was read where another is shown."""
    picture, box = draw(shown)
    (token,) = spell(picture, [Token(text, box, confidence, (1, 1, 1))], models, never_late)
    assert (token.box, token.confidence) == (box, confidence)
    return token.text


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        ("discovery", "discovcry"),
        ("DISCOVERY", "DISCOVBRY"),
        ("(discovery).", "(discovcry)."),
        ("discov-", "disccv-"),
    ],
)
def test_an_unknown_word_is_the_known_one_that_is_shown(shown: str, text: str) -> None:
    assert respell(shown, text) == shown


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        pytest.param("disxovery", "disxovery", id="an unknown word that is clearly there"),
        pytest.param("discovery", "dizcuvcry", id="a word that differs too much"),
        pytest.param("internationally", "internotianolly", id="a long word that differs too much"),
        pytest.param("quantum", "discovcry", id="a word that is not there"),
        pytest.param("straightforward" * 3, "straightforwcrd" * 3, id="letters longer than a word"),
        pytest.param("done", "dome", id="a known word"),
        pytest.param("done", "donc", id="a short word"),
        pytest.param("discovery1", "discovcry1", id="a word with a digit"),
        pytest.param("self-discovery", "self-discovcry", id="a word of two"),
    ],
)
def test_other_words_stay_as_they_were_read(shown: str, text: str) -> None:
    assert respell(shown, text) == text


def test_a_sure_word_stays() -> None:
    assert respell("discovery", "discovcry", confidence=96.0) == "discovcry"


@pytest.mark.parametrize("models", ["osd", "eng+osd"])
def test_where_a_language_does_not_tell_its_words_all_stay(models: str) -> None:
    assert respell("discovery", "discovcry", models=models) == "discovcry"


@pytest.mark.parametrize(
    "box",
    [
        pytest.param((500.0, 500.0, 600.0, 530.0), id="outside of the picture"),
        pytest.param((5.0, 5.0, 5.0, 5.0), id="of no size"),
        pytest.param((0.0, 5.0, 5000.0, 7.0), id="wider than any word"),
    ],
)
def test_a_word_without_a_picture_stays(box: Box) -> None:
    # Given
    picture, _ = draw("discovery")
    token = Token("discovcry", box, 70.0, (1, 1, 1))
    # When / Then
    assert spell(picture, [token], "eng", never_late) == [token]


def test_a_page_that_has_taken_its_time_stays_as_it_was_read() -> None:
    # Given
    picture, box = draw("discovery")
    token = Token("discovcry", box, 70.0, (1, 1, 1))
    # When / Then
    assert spell(picture, [token], "eng", lambda: True) == [token]


def test_a_word_without_tall_letters_is_seen_as_high_as_its_line() -> None:
    # Given a box that cuts off all that is above and below small letters, and one beside it that does not
    picture, (left, top, right, bottom) = draw("discovery")
    token = Token("discovcry", (left, top + 7, right, bottom - 7), 70.0, (1, 1, 1))
    neighbor = Token("Typing", (0.0, top, 1.0, bottom), 99.0, (1, 1, 1))
    # When / Then
    assert [each.text for each in spell(picture, [token], "eng", never_late)] == ["discovcry"]
    assert [each.text for each in spell(picture, [token, neighbor], "eng", never_late)] == ["discovery", "Typing"]
