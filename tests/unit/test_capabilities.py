"""A worker's fingerprint: the same as long as a result read before is what would be read now."""

import os
from pathlib import Path
from typing import Any

import pytest

from shared.settings import Limits, Settings
from worker.capabilities import fingerprint


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "eng.traineddata"
    path.write_bytes(b"network")
    return path


def test_the_same_installation_has_the_same_fingerprint(model: Path) -> None:
    # Given
    first = fingerprint(Settings(), {"eng": model})
    os.utime(model, (0, 0))
    # When
    second = fingerprint(Settings(), {"eng": model})
    # Then
    assert second == first


def test_another_model_of_the_same_size_changes_it(model: Path) -> None:
    # Given
    first = fingerprint(Settings(), {"eng": model})
    # When
    model.write_bytes(b"Network")
    # Then
    assert fingerprint(Settings(), {"eng": model}) != first


def test_another_line_of_code_changes_it(tmp_path: Path) -> None:
    # Given
    step = tmp_path / "step.py"
    step.write_text("LIMIT = 1")
    first = fingerprint(Settings(), {}, [tmp_path])
    # When
    step.write_text("LIMIT = 2")
    # Then
    assert fingerprint(Settings(), {}, [tmp_path]) != first


def test_an_editors_lock_is_no_code(tmp_path: Path) -> None:
    # Given
    first = fingerprint(Settings(), {}, [tmp_path])
    # When
    (tmp_path / ".#step.py").symlink_to("somebody@somewhere")
    # Then
    assert fingerprint(Settings(), {}, [tmp_path]) == first


def test_one_more_language_changes_it(model: Path) -> None:
    # When
    one, two = (fingerprint(Settings(), dict.fromkeys(names, model)) for names in (["eng"], ["eng", "rus"]))
    # Then
    assert one != two


@pytest.mark.parametrize(
    "changed",
    [
        {"limits": Limits(max_pixels=1_000_000)},
        {"limits": Limits(max_side_pixels=1_000)},
        {"searchable_pdf": False},
    ],
)
def test_a_setting_that_changes_results_changes_it(changed: dict[str, Any]) -> None:
    # When
    plain, other = fingerprint(Settings(), {}), fingerprint(Settings(**changed), {})
    # Then
    assert other != plain


def test_a_setting_that_changes_no_result_does_not(model: Path) -> None:
    # When
    plain, other = (fingerprint(settings, {"eng": model}) for settings in (Settings(), Settings(result_seconds=5)))
    # Then
    assert other == plain


def test_another_tesseract_program_changes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given
    program = tmp_path / "tesseract"
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    # When
    prints = []
    for version in ("5.5.3", "5.5.4", "5.5.4"):
        program.write_text(f"#!/bin/sh\necho tesseract {version}\necho ' leptonica-1.85.0'\n")
        prints.append(fingerprint(Settings(), {}))
    # Then
    assert prints[0] != prints[1] == prints[2]
