"""Two readings of one page as one."""

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
