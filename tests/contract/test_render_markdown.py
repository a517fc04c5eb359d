"""Markdown shows, through someone else's CommonMark parser, what was on the page."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from shared.render import render
from shared.render.markdown import escape
from shared.schemas import PageResult
from tests.results import make_failed_page, make_page, make_task


def to_html(*pages: PageResult) -> str:
    return str(MarkdownIt().render(render(make_task(*pages), "md").decode())).strip()


def to_text(html: str) -> str:
    text = re.sub(r"<[^>]*>", "", html)
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        text = text.replace(entity, character)
    return text.strip()


@given(st.text(st.sampled_from("ab1 *_#`[]()<>|~&+-=.!\\:$^'\"{}@/"), min_size=1, max_size=30))
@example("1. Not a list")
@example("- nor this")
@example("# nor a heading")
@example("===")
@example("a < b & c > d &amp; <b>")
@example("http://example.com/_a_")
def test_escaped_text_shows_as_it_is(text: str) -> None:
    # Given
    line = " ".join(text.split())
    # When
    html = str(MarkdownIt().render(escape(line)))
    # Then
    assert to_text(html) == line


def test_blocks_are_paragraphs() -> None:
    # Given lines that fill their block
    page = make_page([("one two", 0, 0), ("three f", 0, 30)], [("five", 0, 90)])
    # When
    html = to_html(page)
    # Then
    assert html == "<p>one two\nthree f</p>\n<p>five</p>"


@pytest.mark.parametrize(
    ("first", "second", "shown"),
    [
        ("one recog-", "nition of", "one recognition of"),
        ("это распоз-", "навание т", "это распознавание т"),
        ("the north-", "South line", "the north-\nSouth line"),
        ("from 1990-", "in 2000 it", "from 1990-\nin 2000 it"),
        ("вот какой-", "то ответ", "вот какой-\nто ответ"),
        ("вот какой-", "нибудь от", "вот какой-\nнибудь от"),
    ],
)
def test_a_word_parted_at_the_end_of_a_line_is_whole_again(first: str, second: str, shown: str) -> None:
    # When
    html = to_html(make_page([(first, 0, 0), (second, 0, 30)]))
    # Then
    assert html == f"<p>{shown}</p>"


def test_lines_of_an_address_stay_lines() -> None:
    # Given lines with room for what follows
    page = make_page([("A. Person", 0, 0), ("1 Street", 0, 30), ("A rather long name of a town", 0, 60)])
    page["blocks"][0]["lines"][2]["words"][0]["text"] = "A"
    # When
    html = to_html(page)
    # Then
    assert html.count("<br") == 2


def test_rows_of_a_receipt_stay_rows() -> None:
    # Given lines as wide as the block, with a gap before the price
    page = make_page([("Milk 1.20", 0, 0), ("Soap 3.40", 0, 30)])
    for line in page["blocks"][0]["lines"]:
        line["words"][1]["bbox"][0::2] = [260, 300]
    # When
    html = to_html(page)
    # Then
    assert html.count("<br") == 1


def test_a_block_of_tall_words_is_a_heading() -> None:
    # Given
    page = make_page([("Title", 0, 0)], [("some plain text that goes on", 0, 60)])
    page["blocks"][0]["lines"][0]["words"][0]["bbox"] = [0, 0, 150, 45]
    # When
    html = to_html(page)
    # Then
    assert html.startswith("<h2>Title</h2>\n<p>")


def test_a_rule_stands_between_pages() -> None:
    assert to_html(make_page([("a", 0, 0)]), make_page([("b", 0, 0)], number=2)) == "<p>a</p>\n<hr />\n<p>b</p>"


def test_a_failed_page_says_why() -> None:
    # Given
    page = make_failed_page(4)
    # When
    html = to_html(page)
    # Then
    assert html == "<p><em>Page 4 could not be read: A page took too long (page_timeout)</em></p>"


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", "[x](javascript:alert(1))", "![x](//evil)"])
def test_recognized_markup_stays_text(hostile: str) -> None:
    # Given
    page = make_page([(hostile, 0, 0)])
    # When
    html = to_html(page)
    # Then
    assert re.findall(r"<(\w+)", html) == ["p"]
