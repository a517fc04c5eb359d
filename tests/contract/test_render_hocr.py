"""hOCR is what hocr-tools takes for hOCR."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from lxml import etree

from shared.render import render
from shared.schemas import PageResult
from tests.results import make_failed_page, make_page, make_task

NAMES = {"h": "http://www.w3.org/1999/xhtml"}


def parse(*pages: PageResult, filename: str = "scan.png") -> Any:
    return etree.fromstring(render(make_task(*pages, filename=filename), "hocr"))


def find(document: Any, name: str) -> list[Any]:
    found: list[Any] = document.findall(f".//*[@class='{name}']", NAMES)
    return found


def check(tmp_path: Path, document: bytes) -> str:
    path = tmp_path / "page.hocr"
    path.write_bytes(document)
    program = Path(sys.executable).parent / "hocr-check"
    return subprocess.run([sys.executable, program, path], capture_output=True, text=True, check=False).stderr


def test_hocr_check_finds_nothing_wrong(tmp_path: Path) -> None:
    # Given
    pages = [
        make_page([("one two", 0, 0), ("three", 0, 30)], [("four", 0, 60)]),
        make_failed_page(2),
        make_page(number=3),
    ]
    # When
    report = check(tmp_path, render(make_task(*pages), "hocr"))
    # Then
    assert "ok" in report
    assert "not ok" not in report


def test_hocr_check_notices_what_is_wrong(tmp_path: Path) -> None:
    # Given
    document = render(make_task(make_page([("one", 0, 0)])), "hocr").replace(b"ocr_page", b"page")
    # When
    report = check(tmp_path, document)
    # Then
    assert "not ok" in report


def test_a_page_tells_its_picture_size_place_and_resolution() -> None:
    # Given
    document = parse(make_page(number=3), filename="a scan.png")
    # When
    (page,) = find(document, "ocr_page")
    # Then
    assert page.get("title") == 'image "a scan.png"; bbox 0 0 600 400; ppageno 2; scan_res 100 100'


def test_a_quote_in_the_name_does_not_end_the_property() -> None:
    # Given
    document = parse(make_page(), filename='a"; bbox 9 9 9 9; "b.png')
    # When
    (page,) = find(document, "ocr_page")
    # Then
    assert page.get("title").startswith("image \"a'; bbox 9 9 9 9; 'b.png\"; bbox 0 0 600 400;")


def test_a_word_tells_its_box_and_confidence() -> None:
    # Given
    document = parse(make_page([("слово", 40, 30)]))
    # When
    (word,) = find(document, "ocrx_word")
    # Then
    assert (word.text, word.get("title")) == ("слово", "bbox 40 30 90 50; x_wconf 92")


def test_a_line_that_runs_upward_says_so() -> None:
    # Given
    page = make_page([("ab cd", 0, 0)])
    first, second = page["blocks"][0]["lines"][0]["words"]
    first["bbox"], second["bbox"] = [0, 60, 20, 80], [0, 0, 20, 40]
    # When
    (line,) = find(parse(page), "ocr_line")
    # Then
    assert line.get("title").endswith("textangle 90")


def test_a_failed_page_says_why_outside_of_any_class() -> None:
    # Given
    document = parse(make_failed_page(4))
    # When
    (page,) = find(document, "ocr_page")
    # Then
    assert [(child.text, child.get("class")) for child in page] == [
        ("Page 4 could not be read: A page took too long (page_timeout)", None)
    ]
