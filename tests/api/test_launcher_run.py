"""The whole service as `make run` starts it: it comes up, mends itself, and goes without a trace."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import pytest

from tests.service import ROOT, free_port, wait_until

SECONDS = 60.0


@dataclass
class Run:
    """A launcher of its own, and what it has printed so far."""

    process: "subprocess.Popen[str]"
    url: str
    lines: list[str] = field(default_factory=list)

    def has_printed(self, pattern: str) -> bool:
        return any(re.search(pattern, line) for line in self.lines)

    def wait_for(self, pattern: str) -> None:
        wait_until(lambda: self.has_printed(pattern), f"{pattern!r} was printed in {self.lines}", SECONDS)

    def wait_until_ready(self) -> None:
        wait_until(self.is_ready, f"the service is ready: {self.lines}", SECONDS)

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health/ready", timeout=10).status_code == 200
        except httpx.TransportError:
            return False

    def part(self, mark: str) -> psutil.Process:
        """The part in whose command line `mark` stands."""
        return next(child for child in psutil.Process(self.process.pid).children() if mark in " ".join(child.cmdline()))

    def family(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)


@contextmanager
def running(data_dir: Path, **environment: str) -> Iterator[Run]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "launcher"],
        cwd=ROOT,
        env={**os.environ, "PORT": str(port), "WORKERS": "1", "DATA_DIR": str(data_dir), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    run = Run(process, f"http://127.0.0.1:{port}")
    assert process.stdout is not None
    reading = threading.Thread(target=run.lines.extend, args=[iter(process.stdout.readline, "")], daemon=True)
    reading.start()
    try:
        yield run
    finally:
        process.kill()
        process.wait()
        reading.join(SECONDS)
        process.stdout.close()


def test_it_mends_itself_and_goes_without_a_trace(tmp_path: Path) -> None:
    # Given the service
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with running(tmp_path / "data", TMPDIR=str(scratch)) as run:
        run.wait_until_ready()
        run.wait_for(rf"^launcher \| open {run.url} ")
        # When each of its parts is killed
        for name, mark in (("redis", "valkey-server"), ("worker", "celery"), ("api", "api.server")):
            run.part(mark).kill()
            # Then it is started again, and that is said
            run.wait_for(rf"^launcher \| {name} was ended by SIGKILL; it starts again")
            run.wait_until_ready()
        # And when it is asked to stop
        family = run.family()
        run.process.send_signal(signal.SIGTERM)
        # Then it does, and leaves neither a process nor a socket
        assert run.process.wait(SECONDS) == 0
        assert psutil.wait_procs(family, timeout=5)[1] == []
        assert [path for path in scratch.rglob("*") if path.is_socket()] == []
        assert list(scratch.glob("ocr-*")) == []


def test_nothing_outlives_a_launcher_that_is_killed(tmp_path: Path) -> None:
    # Given the service
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with running(tmp_path / "data", TMPDIR=str(scratch)) as run:
        run.wait_until_ready()
        family = run.family()
        # When its launcher is killed
        run.process.kill()
        # Then all it started ends soon, and the socket is gone
        assert psutil.wait_procs(family, timeout=15)[1] == []
        assert list(scratch.glob("ocr-*")) == []


def test_what_was_accepted_is_there_after_a_restart(tmp_path: Path) -> None:
    # Given a task that was accepted
    with running(tmp_path) as run:
        run.wait_until_ready()
        page = b"P5 40 20 255\n" + bytes([255]) * 800
        task = httpx.post(f"{run.url}/ocr", files={"file": ("page.pgm", page)}, timeout=30).json()
        # When the service is killed, and started again
        run.process.kill()
    with running(tmp_path) as run:
        run.wait_until_ready()

        def look() -> str:
            return str(httpx.get(f"{run.url}/ocr/{task['task_id']}", timeout=30).json()["status"])

        # Then the task is known, and done
        wait_until(lambda: look() in {"succeeded", "failed"}, "the task is done", SECONDS)
        assert look() == "succeeded"


@pytest.mark.parametrize(("name", "value"), [("PORT", "none"), ("HOST", "192.0.2.1")])
def test_what_cannot_be_is_said_in_one_line(tmp_path: Path, name: str, value: str) -> None:
    # Given a value that cannot be
    # When the service is started with it
    with running(tmp_path, **{name: value}) as run:
        # Then it ends at once, and says why
        assert run.process.wait(SECONDS) == 1
        run.wait_for(rf"^launcher \| error: .*{name}=")
        assert len(run.lines) == 1
