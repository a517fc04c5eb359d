"""The command that fetches models: what it finds, and what it says where it cannot fetch."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of models that holds English alone."""
    (tmp_path / "eng.traineddata").touch()
    return tmp_path


def test_a_model_that_is_here_is_not_fetched(folder: Path) -> None:
    # Given a folder with a model
    # When its language is wanted
    done = _fetch(folder, "eng")
    # Then the command says where it is
    assert (done.returncode, done.stdout) == (0, f"eng: is here, {folder / 'eng.traineddata'}\n")


def test_a_system_without_packages_is_told_where_the_model_belongs(folder: Path) -> None:
    # Given a system without apt-get
    # When a language without a model is wanted, beside one that has it
    done = _fetch(folder, "rus", "eng")
    # Then the other is found nevertheless, and the reader knows what to do
    assert done.returncode == 1
    assert f"put rus.traineddata into {folder}" in done.stderr
    assert done.stdout.startswith("eng: is here")


def test_a_name_that_is_no_language_is_refused(folder: Path) -> None:
    # Given a name that no language has
    # When it is wanted
    done = _fetch(folder, "../rus")
    # Then nothing is fetched
    assert done.returncode == 2
    assert "../rus" in done.stderr


def test_models_are_found_where_tesseract_itself_is_told_to_look(folder: Path) -> None:
    # Given a variable that is set and empty, as a file of settings may leave it
    unset = {"OCR_TESSDATA_DIR": ""}
    (folder / "tessdata").mkdir()
    (folder / "tessdata" / "tlh.traineddata").touch()
    # When
    done = _fetch(folder, "tlh", TESSDATA_PREFIX=str(folder), **unset)
    # Then
    assert done.stdout == f"tlh: is here, {folder / 'tessdata' / 'tlh.traineddata'}\n"


def _fetch(folder: Path, *languages: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "worker.models", *languages],
        env=os.environ | {"OCR_TESSDATA_DIR": str(folder), "PATH": ""} | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
