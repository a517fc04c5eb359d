"""TSV has Tesseract's rows and columns."""

import csv
import io

from shared.render import render
from shared.schemas import PageResult
from tests.results import make_failed_page, make_page, make_task


def read_rows(*pages: PageResult) -> list[dict[str, str]]:
    text = render(make_task(*pages), "tsv").decode()
    return list(csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE))


def test_the_head_is_tesseracts() -> None:
    # Given
    task = make_task()
    # When
    head = render(task, "tsv").decode()
    # Then
    assert head == ("level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n")


def test_each_level_has_its_row() -> None:
    # Given
    page = make_page([("one two", 0, 0), ("three", 0, 30)], [("four", 0, 60)])
    # When
    rows = read_rows(page)
    # Then
    assert [row["level"] for row in rows] == list("1234554523" + "45")


def test_numbers_count_within_what_is_above() -> None:
    # Given
    page = make_page([("one", 0, 0), ("two three", 0, 30)], number=7)
    # When
    last = read_rows(page)[-1]
    # Then
    assert [last[name] for name in ("page_num", "block_num", "par_num", "line_num", "word_num")] == list("71122")


def test_a_word_has_its_box_and_confidence() -> None:
    # Given
    page = make_page([("word", 40, 30)])
    # When
    word = read_rows(page)[-1]
    # Then
    assert [word[name] for name in ("left", "top", "width", "height", "conf", "text")] == [
        *("40", "30", "40", "20"),
        *("91.5", "word"),
    ]


def test_only_words_have_a_confidence() -> None:
    # Given
    page = make_page([("word", 0, 0)])
    # When
    rows = read_rows(page)
    # Then
    assert [row["conf"] for row in rows[:-1]] == ["-1"] * 4


def test_a_tab_inside_a_word_starts_no_column() -> None:
    # Given
    page = make_page([("word", 0, 0)])
    page["blocks"][0]["lines"][0]["words"][0]["text"] = "a\tb\nc"
    # When
    word = read_rows(page)[-1]
    # Then
    assert word["text"] == "a b c"


def test_a_failed_page_is_its_own_row_alone() -> None:
    assert [row["level"] for row in read_rows(make_failed_page())] == ["1"]
