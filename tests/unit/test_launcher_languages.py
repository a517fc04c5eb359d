"""Which models are to be fetched."""

from pathlib import Path

from launcher.languages import missing_languages


def test_only_languages_without_a_model_are_missing(tmp_path: Path) -> None:
    # Given a model in the environment and one deep in the system's folder
    ours, system = tmp_path / "ours", tmp_path / "system"
    for model in (ours / "eng.traineddata", system / "5" / "tessdata" / "rus.traineddata"):
        model.parent.mkdir(parents=True)
        model.touch()
    # When three languages are wanted
    missing = missing_languages(["eng", "rus", "deu"], [ours, system])
    # Then the third alone is missing
    assert missing == ["deu"]


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    # Given no folder
    # When a language is wanted
    # Then it is missing
    assert missing_languages(["rus"], [tmp_path / "none"]) == ["rus"]
