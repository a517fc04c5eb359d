"""This service, started as `make run` starts it, on a port and in a folder of its own."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from contest.client import Client
from contest.measure import tree_cpu_seconds
from contest.pages import Sheet

ROOT = Path(__file__).resolve().parents[2]
_START_SECONDS = 90.0
_STOP_SECONDS = 40.0
_NOTE_CHARACTERS = 4_000
_OK = 200


class Service:
    """A contestant; `clients` requests are under way at a time."""

    name = "this service"

    def __init__(self, url: str, process: psutil.Process, clients: int, **fields: str) -> None:
        self.url = url
        self.process = process
        self._clients = clients
        self._fields = fields
        self._local = threading.local()

    def asking(self, clients: int, **fields: str) -> "Service":
        """The same service with another number of clients or other options."""
        return Service(self.url, self.process, clients, **fields)

    def read(self, sheets: Sequence[Sheet]) -> list[str]:
        with ThreadPoolExecutor(self._clients) as pool:
            return [str(task["result"]["text"]) for task in pool.map(self.read_one, [sheet.path for sheet in sheets])]

    def read_one(self, path: Path) -> dict[str, Any]:
        """See `Client.read`."""
        return self.client().read(path, **self._fields)

    def submit(self, path: Path) -> str:
        """See `Client.submit`."""
        return self.client().submit(path, **self._fields)

    def cpu_seconds(self) -> float:
        return tree_cpu_seconds(self.process.pid)

    def client(self) -> Client:
        """This thread's own connection."""
        if not hasattr(self._local, "client"):
            self._local.client = Client(self.url)
        return self._local.client  # type: ignore[no-any-return]  # set one line above


@contextmanager
def running_service(folder: Path, slots: int, **settings: str) -> Iterator[Service]:
    """The service with `slots` readers, ready and warm; `settings` are environment variables."""
    port, data_dir = free_port(), folder / f"data-{time.monotonic_ns()}"
    environment = {**os.environ, "PORT": str(port), "WORKERS": str(slots), "DATA_DIR": str(data_dir), **settings}
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(ROOT / "bench")])
    url, log = loopback(port), folder / "service.log"
    with started([sys.executable, "-m", "launcher", "--stop-with-parent"], log, environment) as pid:
        try:
            wait_until(lambda: _is_ready(url), "the service is ready")
            yield Service(url, psutil.Process(pid), 2 * slots)
        except Exception as error:
            error.add_note(log.read_text(encoding="utf-8", errors="replace")[-_NOTE_CHARACTERS:])
            raise


@contextmanager
def started(command: Sequence[str], log: Path, environment: dict[str, str]) -> Iterator[int]:
    """A server as a child process, stopped in the end; gives its id."""
    with log.open("ab") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
    try:
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + _START_SECONDS
    while not condition():
        if time.monotonic() > end:
            msg = f"waited {_START_SECONDS:.0f} s in vain until {what}"
            raise TimeoutError(msg)
        time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def loopback(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def _is_ready(url: str) -> bool:
    client = Client(url)
    with suppress(OSError):
        status, _ = client.get("/health/ready")
        client.close()
        return status == _OK
    return False
