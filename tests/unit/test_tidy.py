"""What is taken away from an engine's words and what is put right."""

from dataclasses import replace

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


def test_short_words_that_are_hardly_believed_are_scraps() -> None:
    # Given
    stamp = [*line(("МИАН", 60), ("печать", 80), confidence=8), *line(("т", 10), confidence=20)]
    # When
    tokens = tidy([*stamp, *line(("ЗАКОН", 70))])
    # Then
    assert [token.text for token in tokens] == ["печать", "т", "ЗАКОН"]


def test_a_scrap_is_kept_where_there_is_nothing_else() -> None:
    # When
    tokens = tidy(line(("7", 10), confidence=8))
    # Then
    assert [token.text for token in tokens] == ["7"]


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


def test_a_page_has_one_kind_of_long_dash() -> None:
    # Given two dashes as long as em dashes, and one as long as an en dash
    lines = [replace(token, line=(1, 1, row)) for row, width in enumerate([22, 22, 14]) for token in _dashed(width)]
    # When / Then
    assert [token.text for token in tidy(lines) if token.text != "word"] == ["—", "—", "—"]


def _dashed(width: int) -> list[Token]:
    return line(("word", 60), ("-", width), ("word", 60))


@pytest.mark.parametrize(
    ("words", "joined"),
    [
        (["https://a.org/8894", "1e4de", "1f98"], ["https://a.org/88941e4de1f98"]),
        (["https://a.org/report.pdf", "(page", "12)"], ["https://a.org/report.pdf", "(page", "12)"]),
        (["in", "2021", "10", "cases"], ["in", "2021", "10", "cases"]),
        (["https://a.org/x6", "1", "1365072/y.pdf"], ["https://a.org/x611365072/y.pdf"]),
        (["https://a.org/", "12", "May"], ["https://a.org/", "12", "May"]),
        (["https://a.org", "1.", "Next"], ["https://a.org", "1.", "Next"]),
        (["https://a.org", "1999"], ["https://a.org", "1999"]),
    ],
)
def test_a_link_is_whole_again(words: list[str], joined: list[str]) -> None:
    # When
    tokens = tidy(line(*((word, 60) for word in words)))
    # Then
    assert [token.text for token in tokens] == joined


@pytest.mark.parametrize(("height", "mark"), [(10, "•"), (20, "©")])
def test_a_small_mark_before_a_line_is_a_bullet(height: int, mark: str) -> None:
    # Given
    first, second = line(("©", 10), ("Contents", 90))
    # When
    tokens = tidy([replace(first, box=(0, 5, 10, 5 + height)), second])
    # Then
    assert tokens[0].text == mark
