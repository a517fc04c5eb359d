"""The worker is killed, and with it goes whatever its reader was doing."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.slot import Slot, is_running, needs_linux, wait_for_end

_WORKER = """
import sys
from pathlib import Path
from tests.slot import Slot
Slot(Path(sys.argv[1])).order("start_child_and_hang")
"""


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process in the middle of a request that never ends."""
    command = [sys.executable, "-c", _WORKER, str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        yield process
        process.kill()


def read_pids(worker: subprocess.Popen[str]) -> list[int]:
    assert worker.stderr
    for line in worker.stderr:
        if line.startswith("processes "):
            return [int(word) for word in line.split()[1:]]
    return []


@needs_linux
def test_killed_worker_leaves_no_process(worker: subprocess.Popen[str]) -> None:
    # Given
    pids = read_pids(worker)
    assert [is_running(pid) for pid in pids] == [True, True]
    # When
    worker.kill()
    # Then
    assert wait_for_end(pids, seconds=2)


@needs_linux
def test_folder_of_a_killed_worker_is_removed_by_the_next(worker: subprocess.Popen[str], tmp_path: Path) -> None:
    # Given
    read_pids(worker)
    worker.kill()
    worker.wait()
    (left,) = (entry for entry in (tmp_path / "data" / "scratch").iterdir() if entry.is_dir())
    # When
    slot = Slot(tmp_path)
    slot.reader.start()
    # Then
    assert not left.exists()
    slot.reader.close()
