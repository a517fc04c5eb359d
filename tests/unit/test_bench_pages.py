"""The pages that the benchmarks are run on."""

import random
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
from contest import pages
from contest.pages import Corpus, Sheet
from PIL import Image


def _chance(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - pictures, not secrets


def _size_of(sheet: Sheet) -> tuple[int, int]:
    with Image.open(sheet.path) as image:
        return image.size


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    sizes = replace(
        pages.QUICK, pages=2, receipts=1, crops=3, photos=1, scan_pages=5, long_pages=7, layers=1, layer_pages=2
    )
    return pages.make_corpus(tmp_path_factory.mktemp("pages"), 1, sizes)


def test_a_seed_draws_the_same_picture_again() -> None:
    # Given
    first, words = pages.draw_crop(_chance(7))
    # When
    second, same_words = pages.draw_crop(_chance(7))
    # Then
    assert (second.tobytes(), same_words) == (first.tobytes(), words)


def test_another_seed_draws_another_picture() -> None:
    # Given
    first, _ = pages.draw_crop(_chance(7))
    # When
    second, _ = pages.draw_crop(_chance(8))
    # Then
    assert second.tobytes() != first.tobytes()


def test_pictures_have_the_sizes_they_are_named_for(corpus: Corpus) -> None:
    # Given
    sheets = [corpus.receipts[0], corpus.crops[0], corpus.photos[0]]
    # When
    sizes = [_size_of(sheet) for sheet in sheets]
    # Then
    assert sizes == [(640, 1420), (400, 40), (4000, 3000)]


def test_a_scan_repeats_the_pages_until_it_is_long_enough(corpus: Corpus) -> None:
    # Given
    first, second = (sheet.words for sheet in corpus.pages)
    # When
    with pypdfium2.PdfDocument(corpus.scan.path) as pdf:
        count = len(pdf)
    # Then
    assert (count, corpus.scan.pages, corpus.scan.words) == (5, 5, (*first, *second, *first, *second, *first))


def test_a_page_that_a_scan_repeats_is_stored_once(corpus: Corpus) -> None:
    # Given
    two_pages = corpus.scan.path.stat().st_size
    # When
    seven_times_one_page = corpus.long_scan.path.stat().st_size
    # Then
    assert seven_times_one_page < two_pages


def test_crops_are_the_frames_of_one_file(corpus: Corpus) -> None:
    # Given
    path = corpus.crop_batch.path
    # When
    with Image.open(path) as image:
        frames = getattr(image, "n_frames", 1)
    # Then
    assert frames == len(corpus.crops) == 3


def test_pages_that_are_drawn_for_their_memory_change_no_others(tmp_path: Path) -> None:
    # Given
    sizes = replace(pages.QUICK, pages=1, receipts=1, crops=1, photos=0, long_pages=1, layers=1, layer_pages=1)
    folders = [tmp_path / "without", tmp_path / "with"]
    # When
    for folder, blurred in zip(folders, (0, 2), strict=True):
        folder.mkdir()
        pages.make_corpus(folder, 1, replace(sizes, blurred=blurred))
    # Then
    without, drawn = ({path.name: path.read_bytes() for path in folder.glob("*.[jp][pn]g")} for folder in folders)
    assert drawn.keys() - without.keys() == {"blurred-0.png", "blurred-1.png"}
    assert without.items() <= drawn.items()


def test_a_text_layer_holds_the_words_it_should(corpus: Corpus) -> None:
    # Given
    with pypdfium2.PdfDocument(corpus.text_layers[0].path) as pdf:
        # When
        text = " ".join(page.get_textpage().get_text_bounded() for page in pdf)
    # Then
    assert tuple(text.split()) == corpus.text_layers[0].words


def test_pictures_of_a_folder_are_taken_with_the_words_beside_them(tmp_path: Path) -> None:
    # Given
    Image.new("L", (60, 80), 255).save(tmp_path / "a.png")
    Image.new("L", (60, 80), 255).save(tmp_path / "b.jpg")
    (tmp_path / "a.txt").write_text("two words", encoding="utf-8")
    folder = tmp_path / "drawn"
    folder.mkdir()
    # When
    corpus = pages.make_corpus(folder, 1, replace(pages.QUICK, receipts=0, crops=1, photos=0), tmp_path)
    # Then
    assert [(sheet.path.name, sheet.words) for sheet in corpus.pages] == [("a.png", ("two", "words")), ("b.jpg", ())]
