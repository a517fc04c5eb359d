"""Plain text keeps the layout of the page."""

import math

from shared.render import render
from shared.schemas import PageResult
from tests.results import make_failed_page, make_page, make_task


def render_lines(*pages: PageResult) -> list[str]:
    return render(make_task(*pages), "text").decode().splitlines()


def test_prices_stay_one_column_aligned_at_their_right_edge() -> None:
    # Given a receipt whose prices are a block of their own
    names = [("Milk", 0, 0), ("Bread of rye", 0, 30), ("Tea", 0, 60)]
    prices = [("1.20", 260, 0), ("12.00", 250, 30), ("105.99", 240, 60)]
    # When
    lines = render_lines(make_page(names, prices))
    # Then
    assert lines == [
        "Milk                      1.20",
        "Bread of rye             12.00",
        "Tea                     105.99",
    ]


def test_a_column_moves_as_a_whole_when_a_row_needs_room() -> None:
    # Given narrow letters, so that one name takes more characters than the page's mean has room for
    page = make_page([("Milk", 0, 0), ("x", 0, 30)], [("1.20", 100, 0), ("3.40", 100, 30)])
    page["blocks"][0]["lines"][1]["words"][0]["text"] = "iiiiiiiiiiiiiiiiiiiiiiii"
    # When
    lines = render_lines(page)
    # Then
    assert lines[0].index("1.20") == lines[1].index("3.40")
    assert "i  " in lines[1]


def test_columns_of_prose_stand_side_by_side() -> None:
    # Given
    left = [("one two", 0, 0), ("three", 0, 24)]
    right = [("four five", 300, 0), ("six", 300, 24)]
    # When
    lines = render_lines(make_page(left, right))
    # Then
    assert [line.split() for line in lines] == [["one", "two", "four", "five"], ["three", "six"]]
    assert lines[0].index("four") == lines[1].index("six") == 30


def test_words_of_a_sentence_are_one_space_apart() -> None:
    # Given a justified line with wide spaces
    page = make_page([("a b c", 0, 0)])
    page["blocks"][0]["lines"][0]["words"][2]["bbox"] = [48, 0, 58, 20]
    # When
    lines = render_lines(page)
    # Then
    assert lines == ["a b c"]


def test_a_gap_between_paragraphs_is_one_empty_line() -> None:
    assert render_lines(make_page([("above", 0, 0)], [("below", 0, 200)])) == ["above", "", "below"]


def test_rows_of_a_skewed_page_stay_together() -> None:
    # Given a row 600 pixels wide that sinks by 40, twice the height of its letters
    page = make_page([(f"left{row} right{row}", 0, 40 * row) for row in range(5)])
    for line in page["blocks"][0]["lines"]:
        for word, left in zip(line["words"], (0, 540), strict=True):
            sunk = round(left * math.tan(math.radians(4)))
            top = line["bbox"][1] + sunk
            word["bbox"] = [left, top, left + 60, top + 24]
    # When
    lines = [line for line in render_lines(page) if line]
    # Then
    assert [line.split() for line in lines] == [[f"left{row}", f"right{row}"] for row in range(5)]


def test_pages_are_separated_by_a_form_feed() -> None:
    # Given
    task = make_task(make_page([("first", 0, 0)]), make_page([("second", 0, 0)], number=2))
    # When
    text = render(task, "text")
    # Then
    assert text == b"first\n\fsecond\n"


def test_a_failed_page_says_why() -> None:
    assert render_lines(make_failed_page(3)) == ["[Page 3 could not be read: A page took too long (page_timeout)]"]


def test_a_page_without_blocks_shows_its_text() -> None:
    assert render_lines(make_page(text="plain\ntext\n")) == ["plain", "text"]
