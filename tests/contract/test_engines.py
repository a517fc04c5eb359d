"""What every engine must do, whichever library does the work."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from worker.engines.base import Engine
from worker.engines.choice import open_engine
from worker.page import Gray


@pytest.fixture(params=["tesserocr", "pytesseract", "rapidocr"])
def engine(request: pytest.FixtureRequest) -> Engine:
    return open_engine(request.param)


@pytest.fixture(params=["tesserocr", "pytesseract"])
def laying_out(request: pytest.FixtureRequest) -> Engine:
    """An engine that knows which way the lines of a part of a page run."""
    return open_engine(request.param)


def draw(*lines: str, size: int = 40) -> Gray:
    font = ImageFont.load_default(size)
    picture = Image.new("L", (900, 60 + 2 * size * len(lines)), 255)
    for number, line in enumerate(lines):
        ImageDraw.Draw(picture).text((50, 30 + 2 * size * number), line, 0, font)
    return np.array(picture)


def test_words_come_in_reading_order(engine: Engine) -> None:
    # Given
    picture = draw("Grand total of the invoice", "payable within thirty days")
    # When
    tokens = engine.recognize(picture, "eng", psm=6, dpi=300)
    # Then
    assert [token.text for token in tokens] == [
        "Grand",
        "total",
        "of",
        "the",
        "invoice",
        "payable",
        "within",
        "thirty",
        "days",
    ]


LEFT = (
    "valley farmers were",
    "worried about crops",
    "because the weather",
    "turned out so badly",
    "before the harvest",
)
RIGHT = (
    "meanwhile ministers",
    "argued about prices",
    "nobody understands",
    "how trade should go",
    "within the country",
)


def draw_columns() -> Gray:
    left, right = draw(*LEFT, size=32)[:, :420], draw(*RIGHT, size=32)[:, :420]
    return np.hstack([left, right])


def test_columns_of_a_page_are_blocks_one_after_the_other(engine: Engine) -> None:
    # When
    tokens = engine.recognize(draw_columns(), "eng", psm=3, dpi=300)
    # Then
    assert [token.text for token in tokens] == " ".join(LEFT + RIGHT).split()
    first, *_, last = tokens
    assert first.line[0] < last.line[0]


def test_one_block_is_read_by_pp_ocr_across_row_by_row() -> None:
    # When
    tokens = open_engine("rapidocr").recognize(draw_columns(), "eng", psm=6, dpi=300)
    # Then
    rows = [f"{left} {right}" for left, right in zip(LEFT, RIGHT, strict=True)]
    assert [token.text for token in tokens] == " ".join(rows).split()


def test_a_box_lies_around_the_ink_of_its_word(engine: Engine) -> None:
    # Given
    picture = draw("Signature")
    rows, columns = np.nonzero(picture < 128)
    # When
    (token,) = engine.recognize(picture, "eng", psm=7, dpi=300)
    # Then
    assert token.box == pytest.approx((columns.min(), rows.min(), columns.max(), rows.max()), abs=4)


def test_boxes_of_words_in_lines_lie_around_their_ink(engine: Engine) -> None:
    # Given
    picture = draw("ship", "gap one", "net weight total")
    # When
    tokens = engine.recognize(picture, "eng", psm=6, dpi=300)
    # Then
    assert [token.text for token in tokens] == ["ship", "gap", "one", "net", "weight", "total"]
    for token in tokens:
        left, top, right, bottom = (round(edge) for edge in token.box)
        rows, columns = np.nonzero(picture[top - 10 : bottom + 10, left - 4 : right + 4] < 128)
        assert (rows.min() - 10, rows.max() - 10 + 1) == pytest.approx((0, bottom - top), abs=4)
        assert (columns.min() - 4, columns.max() - 4 + 1) == pytest.approx((0, right - left), abs=4)


def test_a_line_on_its_side_is_not_lost(laying_out: Engine) -> None:
    # Given
    page = np.full((1100, 1000), 255, np.uint8)
    page[:1020, 100:] = draw(*["payable within thirty days of the date"] * 12)
    stamp = draw("Grand total of the invoice")[:, :600]
    page[200:800, 10:90] = np.rot90(stamp[20:100])
    # When
    words = {token.text for token in laying_out.recognize(page, "eng", psm=3, dpi=300)}
    # Then
    assert {"payable", "thirty", "Grand", "total", "invoice"} <= words


def test_a_line_far_wider_than_a_page_is_read(engine: Engine) -> None:
    # Given
    picture = np.hstack([draw("payable within")[30:110, 40:440]] * 50)
    # When
    tokens = engine.recognize(picture, "eng", psm=7, dpi=300)
    # Then
    assert [token.text for token in tokens] == ["payable", "within"] * 50


def test_words_of_one_line_share_it_and_lines_differ(engine: Engine) -> None:
    # Given
    picture = draw("first line", "second line")
    # When
    first, line, second, again = engine.recognize(picture, "eng", psm=6, dpi=300)
    # Then
    assert (first.line, second.line) == (line.line, again.line)
    assert first.line < second.line


def test_confidence_of_clean_print_is_high_and_within_its_scale(engine: Engine) -> None:
    # When
    tokens = engine.recognize(draw("Confidence"), "eng", psm=7, dpi=300)
    # Then
    assert all(80 < token.confidence <= 100 for token in tokens)


def test_an_empty_page_has_no_words(engine: Engine) -> None:
    # Given
    blank: Gray = np.full((400, 400), 255, dtype=np.uint8)
    # When / Then
    assert engine.recognize(blank, "eng", psm=3, dpi=300) == []


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_orientation_is_the_clockwise_turn_that_makes_the_page_upright(engine: Engine, turns: int) -> None:
    # Given
    lines = ["The quick brown fox jumps over the lazy dog", "while seventeen wizards examine their parchment"] * 6
    turned = np.ascontiguousarray(np.rot90(draw(*lines, size=28), turns))
    # When
    orientation = engine.detect_orientation(turned)
    # Then
    assert orientation is not None
    assert orientation.rotation == turns * 90


def test_orientation_of_an_empty_page_is_unknown(engine: Engine) -> None:
    # Given
    blank: Gray = np.full((400, 400), 255, dtype=np.uint8)
    # When / Then
    assert engine.detect_orientation(blank) is None


def test_the_engine_that_chooses_names_both_that_it_may_ask() -> None:
    # Given
    first, second = open_engine("tesseract"), open_engine("rapidocr")
    # When
    auto = open_engine("auto")
    # Then
    assert auto.version == f"{first.name} {first.version}, {second.name} {second.version}"
