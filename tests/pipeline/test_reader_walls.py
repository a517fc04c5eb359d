"""What code in a reader can't do, tried from the inside, as an upload that took over a decoder would."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.errors import Code, OcrError
from tests.slot import Slot, needs_landlock, needs_linux, needs_scopes


@pytest.fixture(scope="module")
def slot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slot]:
    slot = Slot(tmp_path_factory.mktemp("walls"))
    yield slot
    slot.reader.close()


@pytest.fixture
def port() -> Iterator[int]:
    """A TCP server of this machine, the task store, say."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def detail_of_failure(slot: Slot, action: str, **arguments: Any) -> str:
    with pytest.raises(OcrError) as caught:
        slot.order(action, **arguments)
    assert caught.value.code == Code.PROCESSOR_ERROR
    return caught.value.detail


@needs_landlock
def test_another_upload_cannot_be_read(slot: Slot) -> None:
    # Given
    foreign = slot.store("foreign.txt", b"another client's text")
    # When
    detail = detail_of_failure(slot, "read", path=str(foreign))
    # Then
    assert detail == "PermissionError: [Errno 13] Permission denied: '...'"


@needs_landlock
@pytest.mark.parametrize("path", ["/etc/passwd", "/proc/1/environ", f"/proc/{os.getpid()}/environ"])
def test_system_cannot_be_read(slot: Slot, path: str) -> None:
    # Given
    assert Path(path).exists()
    # When
    detail = detail_of_failure(slot, "read", path=path)
    # Then
    assert detail.startswith("PermissionError")


@needs_landlock
@pytest.mark.parametrize("program", ["ls", "cat"])
def test_program_started_in_the_reader_is_walled_in_too(slot: Slot, program: str) -> None:
    # Given
    foreign = slot.store("foreign.txt", b"another client's text")
    target = {"ls": foreign.parent, "cat": foreign}[program]
    # When
    detail = detail_of_failure(slot, "run", program=[program, str(target)])
    # Then
    assert detail.startswith("CalledProcessError")


@needs_landlock
def test_nothing_can_be_written_outside(slot: Slot) -> None:
    # Given
    target = slot.data_dir / "tmp" / "planted"
    # When
    detail_of_failure(slot, "write", path=str(target))
    # Then
    assert not target.exists()


@needs_landlock
def test_upload_itself_cannot_be_changed(tmp_path: Path) -> None:
    # Given
    slot = Slot(tmp_path, processor="overwrite")
    # When
    with pytest.raises(OcrError):
        slot.process(b"as it was sent")
    # Then
    assert (slot.data_dir / "tmp" / "upload.png").read_bytes() == b"as it was sent"
    slot.reader.close()


@needs_linux
@pytest.mark.parametrize("action", ["connect", "send_datagram"])
def test_network_is_closed(slot: Slot, port: int, action: str) -> None:
    # Given
    refusal = "PermissionError: [Errno 1] Operation not permitted"
    # When
    detail = detail_of_failure(slot, action, port=port)
    # Then
    assert detail == refusal


@needs_linux
def test_unix_sockets_are_closed(slot: Slot, tmp_path: Path) -> None:
    # Given
    path = tmp_path / "redis.sock"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        # When
        detail = detail_of_failure(slot, "connect_unix", path=str(path))
    # Then
    assert detail.startswith("PermissionError")


@needs_linux
def test_process_group_cannot_be_left(slot: Slot) -> None:
    # Given
    refusal = "PermissionError: [Errno 1] Operation not permitted"
    # When
    detail = detail_of_failure(slot, "leave_group")
    # Then
    assert detail == refusal


@needs_linux
def test_namespace_cannot_be_begun(slot: Slot) -> None:
    # Given
    refusal = "PermissionError: [Errno 1] Operation not permitted"
    # When
    detail = detail_of_failure(slot, "begin_namespace")
    # Then
    assert detail == refusal


@needs_scopes
def test_worker_cannot_be_signaled(slot: Slot) -> None:
    # Given
    worker = os.getpid()
    # When
    detail = detail_of_failure(slot, "signal_process", pid=worker)
    # Then
    assert detail.startswith("PermissionError")


def test_environment_and_folder_hold_nothing_of_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given
    monkeypatch.setenv("REDIS_URL", "redis://:password@localhost")
    monkeypatch.setenv("MODEL", "mine")
    slot = Slot(tmp_path, processor="describe", processor_environment="MODEL")
    slot.store("foreign.png", b"another client's")
    # When
    seen = slot.process(b"picture")
    # Then
    assert "password" not in str(seen["environment"])
    assert (seen["environment"]["MODEL"], seen["siblings"]) == ("mine", [Path(seen["path"]).name])
    slot.reader.close()


def test_settings_open_a_folder_and_the_network(tmp_path: Path, port: int) -> None:
    # Given
    models = tmp_path / "models"
    models.mkdir()
    (models / "weights").write_text("0 1 1")
    slot = Slot(tmp_path, processor_read_paths=str(models), processor_network=True)
    # When
    weights = slot.order("read", path=str(models / "weights"))
    connected = slot.order("connect", port=port)
    # Then
    assert (weights, connected) == ({"text": "0 1 1"}, {"connected": True})
    slot.reader.close()


@needs_landlock
def test_protections_are_told_as_found(slot: Slot) -> None:
    # Given
    reader = slot.reader
    # When
    protections = reader.protections
    # Then
    assert protections.pop("landlock") >= 1
    assert set(protections.values()) == {True}
