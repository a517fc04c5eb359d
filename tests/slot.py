"""A worker slot for tests: a real reader around a function of `tests.processors`."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from shared.settings import Settings
from worker.reader import kernel, landlock
from worker.reader.reader import Reader, Watch

needs_linux = pytest.mark.skipif(not kernel.IS_LINUX, reason="only Linux has this wall")
needs_landlock = pytest.mark.skipif(landlock.abi_version() < 1, reason="this kernel has no Landlock")
needs_scopes = pytest.mark.skipif(landlock.abi_version() < 6, reason="this kernel's Landlock knows no scopes")


class Slot:
    """A reader, and uploads made for it; `act` takes orders, other functions any bytes."""

    def __init__(self, folder: Path, processor: str = "act", **settings: Any) -> None:
        self.data_dir = folder / "data"
        self._uploads = self.data_dir / "tmp"
        self._uploads.mkdir(parents=True, exist_ok=True)
        self.settings = Settings(data_dir=self.data_dir, processor=f"tests.processors:{processor}", **settings)
        self.reader = Reader(self.settings)

    def store(self, name: str, data: bytes) -> Path:
        """An upload beside the one that is read."""
        path = self._uploads / name
        path.write_bytes(data)
        return path

    def process(self, data: bytes) -> Any:
        return self.reader.process(self.store("upload.png", data), Watch(seconds=30))

    def order(self, action: str, *, watch: Watch | None = None, **arguments: Any) -> Any:
        upload = self.store("order.png", json.dumps({"action": action, **arguments}).encode())
        return self.reader.process(upload, watch or Watch(seconds=30))


def is_running(pid: int) -> bool:
    """Whether the process does anything still; a dead one that nobody has buried does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def wait_for_end(pids: list[int], seconds: float) -> bool:
    """Whether all these processes end within the time."""
    end = time.monotonic() + seconds
    while any(map(is_running, pids)) and time.monotonic() < end:
        time.sleep(0.01)
    return not any(map(is_running, pids))
