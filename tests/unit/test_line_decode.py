"""From probabilities along a line to characters."""

from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.unit.test_line_model import make_model
from worker.engines.lstm.decode import decode, score

_MODEL = make_model()


def spell(steps: str, sure: float = 0.96) -> NDArray[np.float32]:
    """Probabilities of one step for each letter, `-` for the blank."""
    rest = (1 - sure) / (len(_MODEL.characters) - 1)
    found = np.full((len(steps), len(_MODEL.characters)), rest, np.float32)
    for number, step in enumerate(steps):
        found[number, _MODEL.blank if step == "-" else _MODEL.characters.index(step)] = sure
    return found


@pytest.mark.parametrize(
    ("steps", "text"), [("ab", "ab"), ("--aab--b-", "abb"), ("a-a", "aa"), ("aaa", "a"), ("--", ""), ("", "")]
)
def test_repetitions_and_blanks_are_taken_out(steps: str, text: str) -> None:
    assert "".join(decode(spell(steps), _MODEL).texts) == text


def test_characters_know_their_steps() -> None:
    # When
    found = decode(spell("--aab--b-"), _MODEL)
    # Then
    assert found.starts.tolist() == [2, 4, 7]
    assert found.ends.tolist() == [4, 5, 8]


def test_where_characters_meet_no_doubt_is_seen() -> None:
    # Given: a step that may be the end of one or the beginning of the other
    probabilities = spell("aabb")
    probabilities[1] = [0.5, 0.48, 0.01, 0.0, 0.01]
    # When
    found = decode(probabilities, _MODEL)
    # Then
    assert "".join(found.texts) == "ab"
    assert found.certainty > 0.9


@pytest.mark.parametrize("steps", ["aab-", "-aab", "-ab"])
def test_a_character_that_may_be_another_is_in_doubt(steps: str) -> None:
    # Given
    probabilities = spell(steps)
    place = steps.index("b")
    probabilities[place] = [0.0, 0.55, 0.45, 0.0, 0.0]
    # When
    found = decode(probabilities, _MODEL)
    # Then
    assert found.texts[-1] == "b"
    assert found.certainties[-1] == pytest.approx(0.55)


@pytest.mark.parametrize("place", [0, 2, 4])
def test_a_character_that_may_be_missing_is_in_doubt(place: int) -> None:
    # Given: a step of blank that may be a character
    probabilities = spell("-a-b-")
    probabilities[place] = [0.0, 0.0, 0.45, 0.0, 0.55]
    # When / Then
    assert decode(probabilities, _MODEL).certainty == pytest.approx(0.55)


def test_a_blank_line_that_may_be_a_character_is_in_doubt() -> None:
    # Given
    probabilities = spell("---")
    probabilities[1] = [0.4, 0.0, 0.0, 0.0, 0.6]
    # When / Then
    assert decode(probabilities, _MODEL).certainty == pytest.approx(0.6)


@pytest.mark.parametrize("text", ["", "a", "ab", "aa", "abc", "aba"])
def test_the_score_of_a_text_is_that_of_all_ways_to_it(text: str) -> None:
    # Given probabilities of four steps
    values = np.random.default_rng(3).uniform(0, 1, (4, len(_MODEL.characters)))
    probabilities = (values / values.sum(axis=1, keepdims=True)).astype(np.float32)
    # When
    ways = [
        float(np.prod(probabilities[np.arange(4), way]))
        for way in product(range(len(_MODEL.characters)), repeat=4)
        if "".join(decode(np.eye(len(_MODEL.characters), dtype=np.float32)[list(way)], _MODEL).texts) == text
    ]
    # Then
    assert score(probabilities, text, _MODEL) == pytest.approx(np.log(sum(ways)), abs=1e-5)


@pytest.mark.parametrize("text", ["abcda", "aaa", "aй"])
def test_a_text_that_cannot_be_there_has_no_score(text: str) -> None:
    assert score(spell("abcd", sure=1.0), text, _MODEL) == -np.inf
