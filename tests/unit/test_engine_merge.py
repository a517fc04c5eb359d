"""Two readings of one page as one."""

import pytest

from worker.engines.base import Token
from worker.engines.merge import merge


def word(text: str, left: float, confidence: float = 90.0, top: float = 0.0) -> Token:
    return Token(text, (left, top, left + 50, top + 20), confidence, (1, 1, 1))


def test_a_misplaced_word_takes_the_box_of_its_counterpart() -> None:
    # Given
    words, placed = [word("$1,789.6", 100)], [word("$1,7896", 130, confidence=40), word("$1,816.8", 220)]
    # When
    (merged,) = merge(words, placed)
    # Then
    assert (merged.text, merged.box) == ("$1,789.6", placed[0].box)


def test_the_surer_reading_of_a_word_stands() -> None:
    # Given
    words, placed = [word("lnvoice", 0, confidence=70)], [word("Invoice", 2, confidence=97)]
    # When
    (merged,) = merge(words, placed)
    # Then
    assert (merged.text, merged.confidence) == ("Invoice", 97)


def test_a_word_without_counterpart_in_its_row_stays_as_it_is() -> None:
    # Given
    words, placed = [word("Total", 0)], [word("Total", 0, top=40), word("42.50", 0), word("Total", 400)]
    # When / Then
    assert merge(words, placed) == words


def test_words_written_as_one_are_parted_where_the_other_reading_has_a_space() -> None:
    # Given
    words = [Token("Mappingand", (0, 0, 110, 20), 89.0, (0, 0, 0))]
    placed = [Token("Mapping", (0, 0, 60, 20), 80.0, (1, 1, 1)), Token("and_", (70, 0, 110, 20), 40.0, (1, 1, 1))]
    # When
    merged = merge(words, placed)
    # Then
    assert [(token.text, token.box) for token in merged] == [
        ("Mapping", placed[0].box),
        ("and", placed[1].box),
    ]


@pytest.mark.parametrize(
    ("text", "others", "left"),
    [
        ("WHOLEMEAL", ("WHOL", "EMEAL"), 62),
        ("03-55423228", ("03-", "55423228"), 70),
        ("Mappingand", ("Meeting", "him"), 70),
    ],
    ids=["no wider than between letters", "beside a sign", "other words"],
)
def test_a_word_is_not_parted_without_good_reason(text: str, others: tuple[str, str], left: float) -> None:
    # Given
    words = [Token(text, (0, 0, 110, 20), 95.0, (0, 0, 0))]
    placed = [Token(others[0], (0, 0, 60, 20), 50, (1, 1, 1)), Token(others[1], (left, 0, 110, 20), 50, (1, 1, 1))]
    # When
    merged = merge(words, placed)
    # Then
    assert [token.text for token in merged] == [text]
