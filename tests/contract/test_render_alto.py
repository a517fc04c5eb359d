"""ALTO is valid against the schema of its editors."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from shared.render import render
from shared.schemas import PageResult
from tests.results import make_failed_page, make_page, make_task

NAMES = {"a": "http://www.loc.gov/standards/alto/ns-v4#"}

PAGES = {
    "plain": make_page([("one two", 0, 0), ("three", 0, 30)], [("four", 0, 60)]),
    "empty": make_page(),
    "failed": make_failed_page(),
    "failed without a size": make_failed_page(width=0, height=0, dpi=0),
    "block without lines": make_page(blocks=[{"bbox": [0, 0, 5, 5], "lines": []}]),
    "line without words": make_page(
        blocks=[{"bbox": [0, 0, 5, 5], "lines": [{"text": "", "bbox": [0, 0, 5, 5], "confidence": 0.0, "words": []}]}]
    ),
    "turned": make_page([("ab cd", 0, 0)], rotation=90),
    "hostile": make_page([('<&>"\0\x0b\ud800 ]]>', 0, 0)]),
    "confidences out of range": make_page([("word", 0, 0)], confidence=100.4),
}


@cache
def load_schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(Path(__file__).parent / "data" / "alto-4-2.xsd"))


def parse(*pages: PageResult, filename: str = "scan.png") -> Any:
    return etree.fromstring(render(make_task(*pages, filename=filename), "alto"))


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_a_page_is_valid(page: PageResult) -> None:
    # Given
    document = parse(page)
    # When
    load_schema().validate(document)
    # Then
    assert not load_schema().error_log


def test_many_pages_are_valid_together() -> None:
    # Given
    pages = [{**page, "number": number} for number, page in enumerate(PAGES.values(), 1)]
    # When
    load_schema().validate(parse(*pages, filename='a "b" <c>&.tif'))  # type: ignore[arg-type] # only the number differs
    # Then
    assert not load_schema().error_log


def test_the_schema_refuses_what_it_should() -> None:
    # Given
    document = parse(PAGES["plain"])
    document.find(".//a:String", NAMES).attrib.pop("CONTENT")
    # When
    valid = load_schema().validate(document)
    # Then
    assert not valid


def test_words_are_strings_with_their_boxes() -> None:
    # Given
    document = parse(make_page([("слово два", 40, 30)]))
    # When
    word = document.find(".//a:String", NAMES)
    # Then
    assert [word.get(name) for name in ("CONTENT", "HPOS", "VPOS", "WIDTH", "HEIGHT", "WC")] == [
        *("слово", "40", "30", "50", "20"),
        "0.915",
    ]


def test_a_failed_page_is_missing_and_says_why() -> None:
    # Given
    document = parse(make_failed_page(4))
    # When
    page = document.find(".//a:Page", NAMES)
    # Then
    assert page.get("QUALITY") == "Missing"
    assert page.get("QUALITY_DETAIL") == "Page 4 could not be read: A page took too long (page_timeout)"
