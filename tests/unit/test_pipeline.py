"""Which pictures an engine is given, and what becomes of its words."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from shared.schemas import Options
from worker.engines.auto import AutoEngine
from worker.engines.base import Orientation, Token
from worker.page import Gray, Page
from worker.pipeline import read
from worker.tessdata import installed_languages

_PAGE_PSM, _BLOCK_PSM, _LINE_PSM = 3, 6, 7


class BlindEngine:
    """Reads the upper half of a page as one word, and a line as another; remembers what it was given."""

    name, version = "blind", "1"

    def __init__(self) -> None:
        self.given: list[tuple[tuple[int, ...], str, int]] = []

    def recognize(self, image: Gray, languages: str, psm: int, dpi: int) -> list[Token]:
        del dpi
        self.given.append((image.shape, languages, psm))
        height, width = image.shape
        if psm == _LINE_PSM:
            return [Token("footer", (12.0, 12.0, width - 12.0, height - 12.0), 96.0, (1, 1, 1))]
        return [Token("body", (0.0, 0.0, float(width), height / 2), 96.0, (1, 1, 1))]

    def detect_orientation(self, image: Gray) -> Orientation | None:
        del image
        return None

    def count_pages(self) -> int:
        """How many times it was given more than a line."""
        return sum(psm != _LINE_PSM for _, _, psm in self.given)


class MisreadingEngine(BlindEngine):
    """Reads one letter of a line wrong, wherever the line is in the picture."""

    def __init__(self, name: str = "misreading") -> None:
        super().__init__()
        self.name = name

    def recognize(self, image: Gray, languages: str, psm: int, dpi: int) -> list[Token]:
        del languages, psm, dpi
        rows, columns = np.nonzero(image < image.max() / 2)
        edges = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
        left, top, right, bottom = map(float, edges)
        return [Token("discovcry", (left, top, right, bottom), 70.0, (1, 1, 1))]


class TurnedEngine(BlindEngine):
    """Sees a page upside down, and is `sure` of it once it is turned."""

    def __init__(self, sure: float) -> None:
        super().__init__()
        self.sure = sure

    def recognize(self, image: Gray, languages: str, psm: int, dpi: int) -> list[Token]:
        is_turned = np.argwhere(image < image.max() / 2)[:, 0].mean() > image.shape[0] / 2
        (token, *_) = super().recognize(image, languages, psm, dpi)
        return [replace(token, confidence=self.sure if is_turned else 20.0)]

    def detect_orientation(self, image: Gray) -> Orientation | None:
        del image
        return Orientation(180, 20.0, "Latin", 20.0)


class CyrillicEngine(BlindEngine):
    """Takes every page for Latin, and is as sure of what it reads so as told; of Cyrillic it is surer."""

    def __init__(self, sure_of_latin: float) -> None:
        super().__init__()
        self.sure_of_latin = sure_of_latin

    def recognize(self, image: Gray, languages: str, psm: int, dpi: int) -> list[Token]:
        (token, *_) = super().recognize(image, languages, psm, dpi)
        return [token if "rus" in languages else replace(token, confidence=self.sure_of_latin)]

    def detect_orientation(self, image: Gray) -> Orientation | None:
        del image
        return Orientation(0, 1.0, "Latin", 2.2)


def draw(size: int) -> Page:
    """Lines of print in the upper half of a page, and one near its lower edge."""
    picture = Image.new("L", (50 * size, 40 * size), 255)
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(size)
    for row in (*range(1, 7), 18):
        pen.text((size, 2 * row * size), "some words of plain text in a row of a page", 0, font)
    return Page(np.array(picture), picture.width, picture.height, 300)


def test_a_line_without_words_is_read_with_the_models_of_its_page() -> None:
    # Given
    engine = BlindEngine()
    # When
    reading = read(draw(32), engine, Options(lang="eng"))
    # Then
    assert [token.text for token in reading.tokens] == ["body", "footer"]
    assert [(languages, psm) for _, languages, psm in engine.given] == [("eng", _PAGE_PSM), ("eng", _LINE_PSM)]


@pytest.mark.skipif("rus" not in installed_languages(), reason="no Russian model is here: make languages LANGS=rus")
@pytest.mark.parametrize(("sure_of_latin", "models"), [(30.0, "rus+eng"), (80.0, "eng")])
def test_a_page_taken_for_the_wrong_script_is_read_in_the_other_one(sure_of_latin: float, models: str) -> None:
    # When
    reading = read(draw(32), CyrillicEngine(sure_of_latin), Options(lang="auto"))
    # Then
    assert reading.models == models


def test_a_page_that_has_taken_its_time_is_read_once() -> None:
    # Given
    engine = BlindEngine()
    # When
    reading = read(draw(32), engine, Options(lang="eng"), most_seconds=0)
    # Then
    assert [token.text for token in reading.tokens] == ["body"]
    assert len(engine.given) == 1


@pytest.mark.skipif("rus" not in installed_languages(), reason="no Russian model is here: make languages LANGS=rus")
def test_a_page_that_has_taken_its_time_is_not_read_in_another_script() -> None:
    # Given
    engine = CyrillicEngine(30.0)
    # When
    reading = read(draw(32), engine, Options(lang="auto"), most_seconds=0)
    # Then
    assert [languages for _, languages, _ in engine.given] == ["eng"]
    assert reading.is_hurried


def test_a_page_that_has_taken_its_time_is_not_read_in_rows() -> None:
    # Given a list, of whose numbers the engine knows nothing
    engine, page = BlindEngine(), draw(32)
    for row in range(8, 13):
        page.image[64 * row : 64 * row + 24, 60:76] = page.image[64 * row : 64 * row + 24, 84:100] = 0
    # When
    psms = []
    for most_seconds in (0, 60):
        engine.given.clear()
        read(page, engine, Options(lang="eng"), most_seconds)
        psms.append({psm for _, _, psm in engine.given} - {_LINE_PSM})
    # Then
    assert psms == [{_PAGE_PSM}, {_PAGE_PSM, _BLOCK_PSM}]


@pytest.mark.parametrize(("most_seconds", "is_hurried"), [(0, True), (60, False)])
def test_a_page_tells_whether_its_time_was_too_short(most_seconds: float, *, is_hurried: bool) -> None:
    # When
    reading = read(draw(32), BlindEngine(), Options(lang="eng"), most_seconds)
    # Then
    assert reading.is_hurried is is_hurried


@pytest.mark.parametrize(("sure", "times"), [(97.0, 0), (80.0, 1), (40.0, 1)])
def test_a_page_that_is_upside_down_is_turned_before_the_slow_engine_reads_it(sure: float, times: int) -> None:
    # Given
    slow = BlindEngine()
    engine = AutoEngine(TurnedEngine(sure), "blind 1", lambda: slow)
    # When
    reading = read(draw(32), engine, Options(lang="eng"))
    # Then
    assert (reading.page.rotation, slow.count_pages()) == (180, times)


def test_the_slow_engine_reads_both_ways_up_where_one_is_of_no_help() -> None:
    # Given
    slow = TurnedEngine(30.0)
    engine = AutoEngine(TurnedEngine(40.0), "turned 1", lambda: slow)
    # When
    read(draw(32), engine, Options(lang="eng"))
    # Then
    assert slow.count_pages() == 2


def test_a_client_that_chose_a_segmentation_gets_no_other() -> None:
    # Given
    engine = BlindEngine()
    # When
    read(draw(32), engine, Options(lang="eng", psm=6))
    # Then
    assert [psm for _, _, psm in engine.given] == [6]


@pytest.mark.parametrize(("size", "change"), [(16, "larger"), (32, "none"), (64, "smaller")])
def test_print_is_brought_to_a_readable_size(size: int, change: str) -> None:
    # Given
    page, engine = draw(size), BlindEngine()
    # When
    read(page, engine, Options(lang="eng", psm=6))
    # Then
    ((height, _), _, _) = engine.given[0]
    assert change == ("larger" if height > page.height else "smaller" if height < page.height else "none")


@pytest.mark.parametrize(
    ("engine", "spelling", "text"),
    [("tesseract", True, "discovery"), ("tesseract", False, "discovcry"), ("rapidocr", True, "discovcry")],
)
def test_a_client_may_want_words_as_they_were_read(engine: str, spelling: bool, text: str) -> None:  # noqa: FBT001 - a test's parameter
    # Given
    picture = Image.new("L", (300, 60), 255)
    ImageDraw.Draw(picture).text((20, 10), "discovery", 0, ImageFont.load_default(32))
    page = Page(np.array(picture), picture.width, picture.height, 300)
    # When
    reading = read(page, MisreadingEngine(engine), Options(lang="eng", spelling=spelling))
    # Then
    assert [token.text for token in reading.tokens] == [text]


def test_a_worker_that_leaves_pages_to_its_readers_loads_no_engine() -> None:
    # Given
    code = "import sys, worker.app; sys.exit(str({'onnxruntime', 'tesserocr', 'rapidocr'} & set(sys.modules)))"
    # When
    ended = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=60)
    # Then
    assert ended.stderr.strip() == "set()"
