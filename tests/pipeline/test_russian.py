"""Russian, read by the real engine."""

from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from shared.schemas import Options
from tests.fonts import load_font
from worker.engines.base import Token
from worker.process import process_image
from worker.spelling import spell
from worker.tessdata import installed_languages

pytestmark = pytest.mark.skipif(
    "rus" not in installed_languages(), reason="no Russian model is here: make languages LANGS=rus"
)

_LINES = ["Счёт на оплату № 12 от 3 мая", "Поставщик: ООО «Северный ветер»", "Сайт: www.example.org, Windows 11"]


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    image = Image.new("L", (1240, 700), 255)
    for row, line in enumerate(_LINES * 3):
        ImageDraw.Draw(image).text((80, 60 + 64 * row), line, 0, load_font(34))
    image.save(tmp_path / "letter.png")
    return tmp_path / "letter.png"


@pytest.mark.parametrize("lang", ["rus", "auto"])
def test_russian_with_latin_words_in_it(letter: Path, lang: str) -> None:
    # When
    result = process_image(letter, Options(lang=lang, engine="tesseract"))
    # Then
    words = set(result["text"].split())
    assert {"Счёт", "оплату", "Поставщик:", "«Северный", "ветер»", "www.example.org,", "Windows"} <= words
    assert result["language"][0] == "rus"


def test_some_russian_lines_on_an_english_page_are_found_without_being_asked_for(tmp_path: Path) -> None:
    # Given
    english = [
        "The committee met on Tuesday to consider the annual report",
        "and approved the payment of all outstanding invoices before",
        "the end of the quarter, subject to the usual conditions of the",
    ]
    lines = [*english * 4, "Поставщик: общество с ограниченной", "ответственностью, город Москва"]
    image = Image.new("L", (1240, 1000), 255)
    for row, line in enumerate(lines):
        ImageDraw.Draw(image).text((60, 40 + 64 * row), line, 0, load_font(32))
    image.save(tmp_path / "letter.png")
    # When
    result = process_image(tmp_path / "letter.png", Options(lang="auto", engine="tesseract"))
    # Then
    assert result["text"].split() == " ".join(lines).split()
    assert result["language"] == ["eng", "rus"]


def test_a_letter_of_two_pieces_stays_with_its_word(tmp_path: Path) -> None:
    # Given
    words = ["отправлены", "в", "срок", "были", "рады", "все", "планы"]
    font, size, left = load_font(40), 40, 30
    image = Image.new("L", (1500, 400), 255)
    for row in range(4):
        ImageDraw.Draw(image).text((left, 40 + 80 * row), " ".join(words), 0, font)
    image.save(tmp_path / "letter.png")
    # When
    result = process_image(tmp_path / "letter.png", Options(lang="rus", engine="tesseract"))
    # Then
    lines = [line["words"] for block in result["pages"][0]["blocks"] for line in block["lines"]]
    assert [[word["text"] for word in line] for line in lines] == [words] * 4
    gaps = [after["bbox"][0] - before["bbox"][2] for line in lines for before, after in pairwise(line)]
    assert min(gaps) > size / 8


@pytest.mark.parametrize(("lang", "count"), [("rus+eng", 1), ("eng", 0)])
def test_an_engine_without_cyrillic_says_so(letter: Path, lang: str, count: int) -> None:
    # When
    result = process_image(letter, Options(lang=lang, engine="rapidocr"))
    # Then
    assert sum("does not know the letters of: rus" in warning for warning in result["warnings"]) == count


def test_an_unknown_word_is_the_known_one_that_is_shown() -> None:
    # Given
    font, (x, y) = load_font(32), (20, 60)
    picture = Image.new("L", (400, 90), 255)
    ImageDraw.Draw(picture).text((x, y), "«известным»,", 0, font, anchor="ls")
    left, top, right, bottom = font.getbbox("«известным»,", anchor="ls")
    token = Token("«извеетным»,", (x + left, y + top, x + right, y + bottom), 70.0, (1, 1, 1))
    # When
    tokens = spell(np.array(picture), [token], "rus+eng", lambda: False)
    # Then
    assert [token.text for token in tokens] == ["«известным»,"]


def test_lines_that_curve_towards_the_spine_of_a_book(tmp_path: Path) -> None:
    # Given
    image = Image.new("L", (1240, 900), 255)
    for row, line in enumerate(_LINES * 4):
        ImageDraw.Draw(image).text((120, 30 + 66 * row), line, 0, load_font(34))
    pixels = np.array(image)
    for column in range(pixels.shape[1]):
        pixels[:, column] = np.roll(pixels[:, column], round(80 * np.exp(-column / 300)))
    Image.fromarray(pixels).save(tmp_path / "book.png")
    # When
    flat, bent = (
        process_image(tmp_path / "book.png", Options(lang="rus", engine="tesseract", deskew=deskew))["text"].split()
        for deskew in (True, False)
    )
    # Then
    words = Counter(" ".join(_LINES * 4).split())
    found, found_bent = ((words & Counter(text)).total() for text in (flat, bent))
    assert found > max(0.9 * words.total(), found_bent)


def test_a_russian_line_among_english_ones_keeps_its_place(tmp_path: Path) -> None:
    # Given: what the likeliest language's network cannot read
    lines = ["Grand total of the invoice", "payable within thirty days", "Счёт на оплату", "to the bank named below"]
    image = Image.new("L", (1240, 500), 255)
    for row, line in enumerate(lines):
        ImageDraw.Draw(image).text((60, 50 + 90 * row), line, 0, load_font(34))
    image.save(tmp_path / "page.png")
    # When
    result = process_image(tmp_path / "page.png", Options(lang="eng+rus", engine="tesseract"))
    # Then
    assert result["text"].split() == " ".join(lines).split()


def test_a_latin_page_is_told_by_its_script(tmp_path: Path) -> None:
    # Given
    image = Image.new("L", (1240, 500), 255)
    for row in range(6):
        text = "The quick brown fox jumps over the lazy dog and the company"
        ImageDraw.Draw(image).text((60, 50 + 64 * row), text, 0, load_font(34))
    image.save(tmp_path / "page.png")
    # When
    result = process_image(tmp_path / "page.png", Options(lang="auto", engine="tesseract"))
    # Then
    assert result["language"] == ["eng"]
    assert result["text"].count("company") == 6
