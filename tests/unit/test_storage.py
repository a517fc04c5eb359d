"""Files on the shared volume: kept, swept and erased, and nothing left of what was neither."""

from pathlib import Path

import pytest

from shared.storage import Storage


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    storage = Storage(tmp_path)
    storage.prepare()
    return storage


def store(storage: Storage, task_id: str) -> None:
    with storage.incoming() as incoming:
        incoming.write(b"bytes")
        storage.keep(incoming, task_id, ".png")


def files(storage: Storage) -> list[str]:
    return sorted(path.name for path in storage.root.rglob("*") if path.is_file())


def test_a_kept_upload_is_the_tasks(storage: Storage) -> None:
    # When
    store(storage, "task")
    # Then
    assert storage.upload("task").read_bytes() == b"bytes"
    assert files(storage) == ["upload.png"]


def test_an_upload_that_is_not_kept_vanishes(storage: Storage) -> None:
    # When
    with storage.incoming() as incoming:
        incoming.write(b"bytes")
    # Then
    assert files(storage) == []


def test_an_upload_that_breaks_off_vanishes(storage: Storage) -> None:
    # Given
    def break_off() -> None:
        with storage.incoming() as incoming:
            incoming.write(b"bytes")
            raise ConnectionError

    # When
    with pytest.raises(ConnectionError):
        break_off()
    # Then
    assert files(storage) == []


def test_a_sweep_removes_what_a_dead_process_was_writing(storage: Storage) -> None:
    # Given
    (storage.root / "incoming" / "left").write_bytes(b"half")
    # When
    storage.sweep_incoming()
    # Then
    assert files(storage) == []


def test_a_sweep_leaves_what_a_living_process_is_writing(storage: Storage) -> None:
    # Given
    with storage.incoming() as incoming:
        incoming.write(b"bytes")
        # When
        storage.sweep_incoming()
        storage.keep(incoming, "task", ".png")
    # Then
    assert storage.upload("task").read_bytes() == b"bytes"


def test_erasing_the_upload_leaves_the_searchable_pdf(storage: Storage) -> None:
    # Given
    store(storage, "task")
    storage.searchable_pdf("task").write_bytes(b"%PDF")
    # When
    storage.erase_upload("task")
    # Then
    assert files(storage) == ["searchable.pdf"]


def test_erasing_the_upload_alone_removes_the_folder(storage: Storage) -> None:
    # Given
    store(storage, "task")
    # When
    storage.erase_upload("task")
    storage.erase_upload("task")
    # Then
    assert not storage.folder("task").exists()


def test_a_shared_searchable_pdf_outlives_its_first_task(storage: Storage) -> None:
    # Given
    store(storage, "first")
    storage.searchable_pdf("first").write_bytes(b"%PDF")
    # When
    storage.share_searchable_pdf(["without", "first"], "second")
    storage.erase("first")
    # Then
    assert storage.searchable_pdf("second").read_bytes() == b"%PDF"
