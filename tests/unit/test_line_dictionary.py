"""The dictionary in Tesseract's model files."""

from pathlib import Path

import pytest

from worker.engines.lstm.dictionary import Dictionary, load_dictionary
from worker.engines.lstm.model import UnknownBuildError
from worker.tessdata import find_models


@pytest.fixture(scope="module")
def english() -> Dictionary:
    return load_dictionary(find_models()["eng"])


@pytest.mark.parametrize(
    ("word", "is_known"),
    [
        ("between", True),
        ("Between", True),
        ("BETWEEN", True),
        ("Siberia", True),
        ("siberia", False),
        ("betwcen", False),
        ("betweeen", False),
        ("betweenn", False),
        ("між", False),
    ],
)
def test_words_are_known_in_capitals_too(english: Dictionary, word: str, *, is_known: bool) -> None:
    assert any(english.find_alike(word, (), 0)) == is_known


@pytest.mark.parametrize(
    ("word", "letters", "changes", "expected"),
    [
        ("betwcen", "e", 1, "between"),
        ("BETWCEN", "E", 1, "BETWEEN"),
        ("betvcen", "we", 2, "between"),
    ],
)
def test_words_are_found_that_differ_in_few_letters(
    english: Dictionary, word: str, letters: str, changes: int, expected: str
) -> None:
    assert expected in set(english.find_alike(word, letters, changes))


@pytest.mark.parametrize(
    ("word", "letters", "changes"),
    [
        pytest.param("betvcen", "we", 1, id="too many letters"),
        pytest.param("betwcen", "a", 1, id="another letter"),
        pytest.param("betwcen", "E", 1, id="a capital for a small letter"),
    ],
)
def test_other_words_are_not_alike(english: Dictionary, word: str, letters: str, changes: int) -> None:
    assert not set(english.find_alike(word, letters, changes))


def test_a_word_may_be_the_beginning_of_another(english: Dictionary) -> None:
    assert set(english.find_alike("straigh", (), 0, is_begun=True)) == {"straigh"}


def test_letters_of_several_characters_are_in_no_word() -> None:
    # Given the words `a` and, by a letter of its own, `ssa`; an edge is the letter, three flags and where it leads
    last, ends = 1 << 2, 4 << 2
    dictionary = Dictionary([0 | ends, 1 | last | 2 << 5, 0 | last | ends], ["a", "ss"])
    # When / Then
    assert set(dictionary.find_alike("a", (), 0)) == {"a"}
    assert not set(dictionary.find_alike("ssa", (), 0))


def test_a_model_without_words_has_no_dictionary() -> None:
    with pytest.raises(UnknownBuildError):
        load_dictionary(find_models()["osd"])


@pytest.mark.parametrize("size_bytes", [0, 3, 200, 1_000_000])
def test_a_broken_model_has_no_dictionary(tmp_path: Path, size_bytes: int) -> None:
    # Given
    path = tmp_path / "eng.traineddata"
    path.write_bytes(find_models()["eng"].read_bytes()[:size_bytes])
    # When / Then
    with pytest.raises(UnknownBuildError):
        load_dictionary(path)
