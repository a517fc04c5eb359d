"""The containers as `docker compose up` starts them, under a project name, a port and volumes of their own."""

import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
from PIL import Image, ImageDraw

from tests.fonts import load_font

ROOT = Path(__file__).parent.parent.parent
UP_SECONDS = 900.0
TASK_SECONDS = 240.0
A4_AT_150_DPI = (1240, 1754)


def missing_engine() -> str | None:
    """Why no containers can be run here, or None where they can."""
    if shutil.which("docker") is None:
        return "there is no docker command here"
    for words in (["info"], ["compose", "version"]):
        if subprocess.run([docker(), *words], capture_output=True, check=False, timeout=60).returncode:
            return f"`docker {' '.join(words)}` fails here"
    return None


def docker() -> str:
    return shutil.which("docker") or "docker"


def find_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@dataclass
class Stack:
    """Call `up` before, and `down` whatever happened after."""

    project: str = field(default_factory=lambda: f"ocr-e2e-{os.getpid()}")
    port: int = field(default_factory=find_free_port)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def compose(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [docker(), "compose", "--project-name", self.project, *words],
            cwd=ROOT,
            env={**os.environ, "API_PORT": str(self.port), "WORKERS": "2"},
            capture_output=True,
            text=True,
            check=False,
            timeout=UP_SECONDS,
        )
        assert not check or done.returncode == 0, f"{words}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done

    def up(self, *words: str) -> None:
        self.compose("up", "--detach", "--wait", *words)

    def down(self) -> None:
        self.compose("down", "--volumes", "--remove-orphans", "--rmi", "local", "--timeout", "5", check=False)

    def run_inside(self, service: str, *command: str) -> subprocess.CompletedProcess[str]:
        return self.compose("exec", "--no-TTY", service, *command, check=False)

    def crash(self, service: str) -> None:
        """`kill -9` for everything in the container but its init, which then has nothing to wait for."""
        self.run_inside(service, "sh", "-c", "kill -9 -1")

    def restarts(self, service: str) -> int:
        """How often the restart policy has brought the service's one container back."""
        container = self.compose("ps", "--all", "--quiet", service).stdout.strip()
        command = [docker(), "inspect", "--format", "{{.RestartCount}}", container]
        return int(subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout)

    def submit(self, file: bytes, **options: str) -> str:
        answer = httpx.post(f"{self.url}/ocr", files={"file": ("page", file)}, data=options, timeout=30)
        assert answer.status_code == httpx.codes.ACCEPTED, answer.text
        return str(answer.json()["task_id"])

    def look(self, task_id: str) -> dict[str, Any]:
        """The task; a moment without a Redis is waited out, as a client would."""
        answer = httpx.get(f"{self.url}/ocr/{task_id}", timeout=30)
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            return {"status": "unknown"}
        assert answer.status_code == httpx.codes.OK, answer.text
        return dict(answer.json())

    def wait_for(self, task_id: str, *statuses: str) -> dict[str, Any]:
        deadline = time.monotonic() + TASK_SECONDS
        while (task := self.look(task_id))["status"] not in statuses:
            assert time.monotonic() < deadline, task
            time.sleep(0.1)
        return task

    def health(self) -> dict[str, Any]:
        return dict(httpx.get(f"{self.url}/health/ready", timeout=30).json())


def make_page(text: str, size_pixels: int = 32) -> Image.Image:
    page = Image.new("L", A4_AT_150_DPI, 255)
    ImageDraw.Draw(page).multiline_text((80, 80), text, fill=0, font=load_font(size_pixels), spacing=12)
    return page


def encode(pages: list[Image.Image]) -> bytes:
    """One TIFF of all pages."""
    file = BytesIO()
    pages[0].save(file, "TIFF", save_all=True, append_images=pages[1:], compression="tiff_lzw", dpi=(150, 150))
    return file.getvalue()
