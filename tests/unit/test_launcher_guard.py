"""The guard ends what a killed launcher left behind."""

import subprocess
import sys
from pathlib import Path

import pytest

from launcher import guard

SLEEP = "import time; print(1, flush=True); time.sleep(60)"
DEAF = "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"


def start(code: str) -> subprocess.Popen[bytes]:
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True)
    assert child.stdout is not None
    child.stdout.readline()
    return child


def end(child: subprocess.Popen[bytes]) -> None:
    child.kill()
    child.communicate()


def start_guard(lines: str, folder: Path) -> subprocess.Popen[bytes]:
    """A guard whose launcher has said these lines, and is gone."""
    command = [sys.executable, "-I", "-S", guard.__file__, str(folder)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(lines.encode())
    process.stdin.close()
    return process


@pytest.mark.parametrize(("code", "seconds"), [(SLEEP, 2.0), (DEAF, guard.GRACE_SECONDS + 2)], ids=["polite", "deaf"])
def test_a_group_that_was_begun_is_ended_when_the_input_ends(tmp_path: Path, code: str, seconds: float) -> None:
    # Given a part, which listens to SIGTERM or does not
    child = start(code)
    try:
        # When the launcher that began it is gone
        process = start_guard(f"+{child.pid}\n", tmp_path)
        # Then so is the part, and then the guard
        child.wait(timeout=seconds)
        process.wait(timeout=2)
    finally:
        end(child)


def test_a_group_that_was_ended_is_left_alone(tmp_path: Path) -> None:
    # Given a number that belonged to a part once, and to somebody else now
    child = start(SLEEP)
    try:
        # When the launcher goes
        start_guard(f"+{child.pid}\n-{child.pid}\n", tmp_path).wait(timeout=2)
        # Then nothing happens to it
        assert child.poll() is None
    finally:
        end(child)


def test_the_folder_of_sockets_is_removed(tmp_path: Path) -> None:
    # Given a socket that nobody listens on any more
    folder = tmp_path / "sockets"
    folder.mkdir()
    (folder / "redis.sock").touch()
    # When the launcher goes
    start_guard("", folder).wait(timeout=2)
    # Then its folder goes too
    assert not folder.exists()
