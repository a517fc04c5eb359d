import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.settings import Settings
from worker.reader.policy import Policy, make_policy
from worker.reader.scratch import Scratch


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A service's folder on the search path, the data folder in it."""
    folder = tmp_path / "home"
    (folder / "package").mkdir(parents=True)
    (folder / ".env").write_text("REDIS_URL=redis://:password@redis")
    (folder / "data" / "tmp").mkdir(parents=True)
    sys.path.append(str(folder))
    yield folder
    sys.path.remove(str(folder))


def make(data_dir: Path, **settings: object) -> Policy:
    return make_policy(Settings(data_dir=data_dir, **settings), Scratch(data_dir))


def covers(paths: list[str], path: Path) -> bool:
    return any(path.resolve().is_relative_to(granted) for granted in paths)


def test_code_beside_the_data_folder_is_readable(home: Path) -> None:
    # Given
    data_dir = home / "data"
    # When
    policy = make(data_dir)
    # Then
    assert covers(policy["read"], home / "package" / "module.py")


@pytest.mark.parametrize("secret", ["data/tmp/upload.png", ".env"])
def test_data_and_hidden_files_are_not(home: Path, secret: str) -> None:
    # Given
    data_dir = home / "data"
    # When
    policy = make(data_dir)
    # Then
    assert not covers(policy["read"] + policy["names"] + policy["write"], home / secret)


def test_read_path_around_the_data_folder_does_not_open_it(home: Path) -> None:
    # Given
    data_dir = home / "data"
    # When
    policy = make(data_dir, processor="mine:read", processor_read_paths=str(home.parent))
    # Then
    assert not covers(policy["read"], data_dir / "tmp")


@pytest.mark.parametrize("setting", ["tessdata_dir", "tessdata_prefix"])
def test_folder_of_models_is_readable(tmp_path: Path, setting: str) -> None:
    # Given
    models = tmp_path / "models"
    models.mkdir()
    # When
    policy = make(tmp_path / "data", **{setting: models})
    # Then
    assert covers(policy["read"], models / "eng.traineddata")


def test_only_the_folder_for_output_is_writable(tmp_path: Path) -> None:
    # Given
    scratch = Scratch(tmp_path)
    # When
    policy = make_policy(Settings(data_dir=tmp_path), scratch)
    # Then
    assert [path for path in policy["write"] if not path.startswith("/dev/")] == [str(scratch.writable)]


def test_built_in_function_starts_no_shell(tmp_path: Path) -> None:
    # Given
    shell = Path("/bin/sh")
    # When
    policy = make(tmp_path)
    # Then
    assert not covers(policy["execute"], shell)


def test_own_function_may_start_programs(tmp_path: Path) -> None:
    # Given
    shell = Path("/bin/sh")
    # When
    policy = make(tmp_path, processor="mine:read")
    # Then
    assert covers(policy["execute"], shell)


def test_network_is_for_an_own_function_where_the_setting_says_so(tmp_path: Path) -> None:
    # Given
    own = {"processor": "mine:read"}
    # When
    policies = [
        make(tmp_path, processor_network=True),
        make(tmp_path, **own),
        make(tmp_path, processor_network=True, **own),
    ]
    # Then
    assert [policy["network"] for policy in policies] == [False, False, True]
