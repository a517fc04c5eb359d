import fcntl
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.errors import Code, OcrError
from worker.reader.scratch import Scratch, exclusive, sweep_scratch


@pytest.fixture
def upload(tmp_path: Path) -> Path:
    path = tmp_path / "hostile name; $(x).PNG"
    path.write_bytes(b"picture")
    return path


def test_upload_is_linked_under_a_plain_name_with_its_suffix(tmp_path: Path, upload: Path) -> None:
    # Given
    scratch = Scratch(tmp_path)
    # When
    path = scratch.admit(upload)
    # Then
    assert (path.name, path.stat().st_ino) == ("0.png", upload.stat().st_ino)


def test_suffix_that_is_none_is_left_away(tmp_path: Path) -> None:
    # Given
    upload = tmp_path / "upload.a b$c"
    upload.write_bytes(b"picture")
    # When
    path = Scratch(tmp_path).admit(upload)
    # Then
    assert path.suffix == ""


def test_two_uploads_never_share_a_name(tmp_path: Path, upload: Path) -> None:
    # Given
    scratch = Scratch(tmp_path)
    # When
    first = scratch.admit(upload)
    scratch.clear()
    # Then
    assert scratch.admit(upload) != first


def test_missing_upload_is_a_typed_error(tmp_path: Path) -> None:
    # Given
    scratch = Scratch(tmp_path)
    # When
    with pytest.raises(OcrError) as caught:
        scratch.admit(tmp_path / "gone.png")
    # Then
    assert caught.value.code == Code.INTERNAL_ERROR


def test_clearing_removes_what_the_reader_left_and_keeps_the_upload(tmp_path: Path, upload: Path) -> None:
    # Given
    scratch = Scratch(tmp_path)
    scratch.admit(upload)
    (scratch.writable / "folder").mkdir()
    (scratch.writable / "folder" / "file").write_bytes(b"left")
    (scratch.writable / "link").symlink_to(upload.parent)
    # When
    scratch.clear()
    # Then
    assert [*scratch.uploads.iterdir(), *scratch.writable.iterdir()] == []
    assert upload.read_bytes() == b"picture"


def test_made_file_is_moved_to_its_target(tmp_path: Path) -> None:
    # Given
    scratch = Scratch(tmp_path)
    made = scratch.reserve(".pdf")
    made.write_bytes(b"%PDF-")
    # When
    scratch.claim(made, tmp_path / "searchable.pdf")
    # Then
    assert (made.exists(), (tmp_path / "searchable.pdf").read_bytes()) == (False, b"%PDF-")


@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_link_in_place_of_the_made_file_is_refused(tmp_path: Path, link: Callable[[Path, Path], None]) -> None:
    # Given
    secret = tmp_path / "secret"
    secret.write_bytes(b"another's")
    scratch = Scratch(tmp_path)
    made = scratch.reserve(".pdf")
    link(secret, made)
    # When
    with pytest.raises(OcrError):
        scratch.claim(made, tmp_path / "searchable.pdf")
    # Then
    assert (secret.exists(), (tmp_path / "searchable.pdf").exists()) == (True, False)


def test_file_that_was_never_made_is_a_typed_error(tmp_path: Path) -> None:
    # Given
    scratch = Scratch(tmp_path)
    # When
    with pytest.raises(OcrError) as caught:
        scratch.claim(scratch.reserve(".pdf"), tmp_path / "searchable.pdf")
    # Then
    assert caught.value.code == Code.ENGINE_ERROR


def test_new_scratch_removes_those_of_the_dead_alone(tmp_path: Path) -> None:
    # Given
    living = Scratch(tmp_path)
    dead = living.root.parent / "dead"
    (dead / "in").mkdir(parents=True)
    (dead / "in" / "0.png").write_bytes(b"somebody's upload")
    # When
    newest = Scratch(tmp_path)
    # Then
    assert {folder.name for folder in dead.parent.iterdir() if folder.is_dir()} == {living.root.name, newest.root.name}


def test_sweep_removes_the_folders_of_the_dead_alone(tmp_path: Path) -> None:
    # Given
    living = Scratch(tmp_path)
    dead = living.root.parent / "dead"
    (dead / "in").mkdir(parents=True)
    (dead / "in" / "0.png").write_bytes(b"somebody's upload")
    # When
    sweep_scratch(tmp_path)
    # Then
    assert [folder.name for folder in dead.parent.iterdir() if folder.is_dir()] == [living.root.name]


def test_process_forked_in_a_sweep_keeps_nobody_out(tmp_path: Path) -> None:
    # Given
    lock = tmp_path / ".lock"
    slot = multiprocessing.get_context("fork").Process(target=time.sleep, args=(60,))
    with exclusive(lock):
        slot.start()
    # When
    enter = "import sys\nfrom pathlib import Path\nfrom worker.reader.scratch import exclusive\n"
    enter += "with exclusive(Path(sys.argv[1])): pass"
    status = subprocess.run([sys.executable, "-c", enter, lock], check=False, timeout=20).returncode
    slot.kill()
    # Then
    assert status == 0


def test_removing_frees_folder_and_lock(tmp_path: Path) -> None:
    # Given
    scratch = Scratch(tmp_path)
    lock = os.open(scratch.root / "lock", os.O_RDWR)
    # When
    scratch.remove()
    # Then
    assert not scratch.root.exists()
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(lock)
