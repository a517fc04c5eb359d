"""What is taken away from an engine's words and what is put right."""

import pytest

from worker.engines.base import Token
from worker.tidy import tidy, unmix


def line(*words: tuple[str, int], confidence: float = 90.0) -> list[Token]:
    """Tokens 20 pixels tall of the given widths."""
    tokens, left = [], 0
    for text, width in words:
        tokens.append(Token(text, (left, 0, left + width, 20), confidence, (1, 1, 1)))
        left += width + 10
    return tokens


@pytest.mark.parametrize(
    ("mixed", "repaired"),
    [
        ("Mосква", "Москва"),
        ("CПб", "СПб"),
        ("Jоhn", "John"),
        ("5x10", "5x10"),
        ("QРС", "QРС"),
        ("Wi-Фи", "Wi-Фи"),
    ],
)
def test_look_alikes_follow_the_alphabet_of_their_word(mixed: str, repaired: str) -> None:
    # When / Then
    assert unmix(mixed) == repaired


@pytest.mark.parametrize(("width", "dash"), [(7, "-"), (14, "–"), (22, "—")])
def test_a_dash_alone_is_told_by_its_width(width: int, dash: str) -> None:
    # When
    tokens = tidy(line(("Cost", 60), ("-", width), ("total", 60)))
    # Then
    assert tokens[1].text == dash


def test_lines_of_tables_are_no_words() -> None:
    # When
    tokens = tidy(line(("|", 3), ("|Total", 60), ("12.50|", 50), ("_", 30)))
    # Then
    assert [token.text for token in tokens] == ["Total", "12.50"]


def test_unsure_marks_are_dirt_and_unsure_words_are_not() -> None:
    # When
    tokens = tidy(line(("'", 3), ("Smith", 60), confidence=9.0))
    # Then
    assert [token.text for token in tokens] == ["Smith"]


@pytest.mark.parametrize(("name", "initials"), [("Савенкова", "А.С.,"), ("Newton", "A.C.,")])
def test_initials_are_of_the_alphabet_of_their_line(name: str, initials: str) -> None:
    # When
    tokens = tidy(line((name, 90), ("A.C.,", 40)))
    # Then
    assert tokens[1].text == initials
