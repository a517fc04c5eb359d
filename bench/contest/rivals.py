"""What this service is compared with, each used as well as it can be on this machine."""

import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from contest import tesserocr_reader
from contest.client import Client
from contest.measure import own_children_cpu_seconds, tree_cpu_seconds
from contest.pages import Sheet
from contest.service import ROOT, free_port, loopback, started, wait_until


class Tesserocr:
    """One process a core with the engine kept open; the pixels of all sheets are in its memory before it is asked."""

    def __init__(self, cores: int, models: str, sheets: Sequence[Sheet], psm: int) -> None:
        self.name = "tesserocr kept open" if psm == tesserocr_reader.AUTO_PSM else f"tesserocr kept open, psm {psm}"
        paths = [sheet.path for sheet in sheets]
        self._numbers = {path: number for number, path in enumerate(paths)}
        self._pool = ProcessPoolExecutor(
            cores, get_context("spawn"), tesserocr_reader.open_reader, (models, paths, psm)
        )
        list(self._pool.map(tesserocr_reader.warm_up, range(cores)))

    def read(self, sheets: Sequence[Sheet]) -> list[str]:
        return list(self._pool.map(tesserocr_reader.read, [self._numbers[sheet.path] for sheet in sheets]))

    def cpu_seconds(self) -> float:
        return sum(tree_cpu_seconds(pid) for pid in self._pool._processes)  # noqa: SLF001 - it has no public list

    def close(self) -> None:
        self._pool.shutdown()


class NaiveServer:
    """A FastAPI handler that calls `pytesseract.image_to_string`, asked by `clients` at a time."""

    def __init__(self, name: str, url: str, pid: int, clients: int) -> None:
        self.name = name
        self._url = url
        self._pid = pid
        self._clients = clients
        self._local = threading.local()

    def read(self, sheets: Sequence[Sheet]) -> list[str]:
        with ThreadPoolExecutor(self._clients) as pool:
            return list(pool.map(self._read_one, [sheet.path for sheet in sheets]))

    def cpu_seconds(self) -> float:
        return tree_cpu_seconds(self._pid)

    def _read_one(self, path: Path) -> str:
        if not hasattr(self._local, "client"):
            self._local.client = Client(self._url)
        _, answer = self._local.client.post_file("/ocr", path)
        return str(answer["text"])


@contextmanager
def naive_server(folder: Path, environment: dict[str, str], *, one_thread: bool, clients: int) -> Iterator[NaiveServer]:
    """`one_thread`: with `OMP_THREAD_LIMIT=1`, which nobody thinks of at first."""
    port = free_port()
    variables = {name: value for name, value in environment.items() if one_thread or name != "OMP_THREAD_LIMIT"}
    variables["PYTHONPATH"] = str(ROOT / "bench")
    command = [sys.executable, "-m", "uvicorn", "contest.naive:app", "--port", str(port), "--log-level", "warning"]
    with started(command, folder / "naive.log", variables) as pid:
        wait_until(lambda: _answers(loopback(port)), "the naive server answers")
        name = "naive handler, OMP_THREAD_LIMIT=1" if one_thread else "naive handler as it comes"
        yield NaiveServer(name, loopback(port), pid, clients)


class Programs:
    """A program started anew for each sheet, as many at a time as there are cores unless it shares them itself."""

    def __init__(self, name: str, command: Sequence[str], environment: dict[str, str], at_a_time: int) -> None:
        """`command` names the input as `{sheet}` and the text file it writes, without `.txt`, as `{text}`."""
        self.name = name
        self._command = command
        self._environment = environment
        self._at_a_time = at_a_time

    def read(self, sheets: Sequence[Sheet]) -> list[str]:
        with ThreadPoolExecutor(self._at_a_time) as pool:
            return list(pool.map(self._read_one, [sheet.path for sheet in sheets]))

    def cpu_seconds(self) -> float:
        return own_children_cpu_seconds()

    def _read_one(self, path: Path) -> str:
        with TemporaryDirectory() as folder:
            text = Path(folder) / "text"
            command = [part.format(sheet=path, text=text) for part in self._command]
            subprocess.run(command, env=self._environment, check=True, capture_output=True)
            return text.with_suffix(".txt").read_text(encoding="utf-8")


def tesseract_program(environment: dict[str, str], cores: int) -> Programs:
    return Programs("tesseract program", ["tesseract", "{sheet}", "{text}", "-l", "eng", "txt"], environment, cores)


def ocrmypdf_program(environment: dict[str, str], cores: int) -> Programs:
    command = [sys.executable, "-m", "ocrmypdf", "--force-ocr", "--output-type", "pdf", "--jobs", str(cores)]
    command += ["--sidecar", "{text}.txt", "{sheet}", "{text}.pdf"]
    return Programs("ocrmypdf", command, environment, 1)


def kreuzberg_program(environment: dict[str, str]) -> Programs:
    command = [sys.executable, str(ROOT / "bench" / "contest" / "kreuzberg_reader.py"), "{sheet}", "{text}.txt"]
    return Programs("kreuzberg", command, environment, 1)


def _answers(url: str) -> bool:
    try:
        Client(url).get("/")
    except OSError:
        return False
    return True
