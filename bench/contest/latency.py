"""How long a client waits, and what the service costs beside recognition."""

import multiprocessing
import os
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import psutil
from PIL import Image

from contest.client import Client
from contest.measure import percentile, race
from contest.pages import Sheet
from contest.recognition import Rig
from contest.report import Row
from contest.service import Service, running_service

_POLLERS = 200
_POLL_SECONDS = 1.0
_BUSY_TASKS_PER_SLOT = 6
_SUBMITS = 100
_SUBMIT_PAUSE_SECONDS = 0.1
_LOOK_SECONDS = 0.02
_FIRST_PAGES, _LAST_PAGES = 10, 1000


def measure_crop(rig: Rig) -> Iterator[Row]:
    """A crop on an idle service, the answer in the same request."""
    service = rig.service.asking(1)
    seconds = [_time(service, sheet.path) for sheet in rig.corpus.crops]
    detail = {"p95_ms": 1000 * percentile(seconds, 0.95), "least_ms": 1000 * min(seconds)}
    yield Row(
        "a line crop on an idle service, p50", "", 1000 * statistics.median(seconds), "ms", 20, "less", detail=detail
    )


def measure_busy(rig: Rig) -> Iterator[Row]:
    """Submitting while every slot is busy and many poll."""
    service = rig.service
    tasks = [service.submit(rig.corpus.pages[0].path) for _ in range(_BUSY_TASKS_PER_SLOT * rig.cores)]
    with _polling(service.url, tuple(tasks)) as errors:
        seconds = []
        for number in range(_SUBMITS):
            started = time.perf_counter()
            tasks.append(service.submit(rig.corpus.crops[number % len(rig.corpus.crops)].path))
            seconds.append(time.perf_counter() - started)
            time.sleep(_SUBMIT_PAUSE_SECONDS)
    _delete(service, tasks)
    work, detail = f"a submit, p99, slots busy and {_POLLERS} polling", {"p50_ms": 1000 * statistics.median(seconds)}
    failed = f"{len(errors)} errors, {errors[0]}" if errors else ""
    yield Row(work, "", 1000 * percentile(seconds, 0.99), "ms", 100, "less", failed, detail=detail)


def measure_long_scan(rig: Rig) -> Iterator[Row]:
    """The first page of a long document, and small tasks sent meanwhile."""
    service = rig.service.asking(1)
    page_seconds = statistics.median(_time(service, rig.corpus.pages[0].path) for _ in range(rig.turns))
    started = time.perf_counter()
    task_id = service.submit(rig.corpus.long_scan.path)
    while service.client().get(f"/ocr/{task_id}/pages/1")[0] == 409:  # noqa: PLR2004 - not read yet
        time.sleep(_LOOK_SECONDS)
    first_seconds = time.perf_counter() - started
    crops = [_time(service, sheet.path) for sheet in rig.corpus.crops[:10]]
    _delete(service, [task_id])
    against, detail = "reading that page alone", {"page_seconds": page_seconds}
    work = f"page 1 of {rig.corpus.long_scan.pages} is readable"
    yield Row(work, against, first_seconds / page_seconds, "x", 2, "less", detail=detail)
    work = f"a line crop beside the other {rig.corpus.long_scan.pages - 1}"
    yield Row(work, against, statistics.median(crops) / page_seconds, "x", 1.5, "less", detail={"seconds": crops})


def measure_cached(rig: Rig) -> Iterator[Row]:
    """The same file and options again."""
    with running_service(rig.folder, rig.cores) as service:
        path = rig.corpus.pages[0].path
        service.read_one(path)
        seconds = [_time(service, path) for _ in range(50)]
    yield Row("the same A4 page again, p50", "", 1000 * statistics.median(seconds), "ms", 10, "less")


def measure_overhead(rig: Rig) -> Iterator[Row]:
    """A processor that does nothing leaves the CPU time of upload, queue, claim, store and poll."""
    upload = rig.folder / "megabyte.png"
    Image.frombytes("L", (1024, 1024), os.urandom(1 << 20)).save(upload)
    with running_service(rig.folder, 1, OCR_PROCESSOR="contest.nothing:process_image") as service:
        race([service], [Sheet(upload)] * 20, 1)
        outcome = race([service.asking(1)], [Sheet(upload)] * 100, rig.turns)[service.name]
    work = "what the service adds to a task of 1 MB, CPU"
    yield Row(work, "", 1000 * outcome.cpu_seconds_per_page, "ms", 15, "less")


def measure_memory(rig: Rig) -> Iterator[Row]:
    """A slot after few pages and after many."""
    with running_service(rig.folder, rig.cores, OCR_CACHE="no") as service:
        sheets = [*rig.corpus.pages, *rig.corpus.receipts]
        first = _read_and_weigh(service, sheets, _FIRST_PAGES, rig.cores)
        last = _read_and_weigh(service, sheets, _LAST_PAGES - _FIRST_PAGES, rig.cores)
    detail = {"first_mb": first, "last_mb": last}
    yield Row(f"memory of a slot after {_LAST_PAGES} pages", f"after {_FIRST_PAGES}", last / first, "x", 1.1, "less")
    yield Row(f"memory of a slot after {_LAST_PAGES} pages", "", last, "MB", 350, "less", detail=detail)


def _read_and_weigh(service: Service, sheets: list[Sheet], count: int, slots: int) -> float:
    """Megabytes a slot after `count` more pages, shared ones counted in part: its pool process and its reader."""
    service.read([sheets[number % len(sheets)] for number in range(count)])
    total = 0
    for process in service.process.children(recursive=True):
        command = " ".join(process.cmdline())
        in_slot = "worker.reader.child" in command or ("celery" in command and "celery" in _command(process.parent()))
        total += process.memory_full_info().pss if in_slot else 0
    return total / slots / 1e6


def _command(process: psutil.Process | None) -> str:
    return " ".join(process.cmdline()) if process else ""


@contextmanager
def _polling(url: str, tasks: Sequence[str]) -> Iterator[list[str]]:
    """Many clients, and in the end their errors; in a process of their own, or they would delay who is measured."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    context.Process(target=_poll_all, args=(url, tasks, theirs), daemon=True).start()
    errors: list[str] = []
    ours.recv()
    yield errors
    ours.send(None)
    errors += ours.recv()


def _poll_all(url: str, tasks: Sequence[str], connection: Connection) -> None:
    stopped = threading.Event()
    errors: list[str] = []
    with ThreadPoolExecutor(_POLLERS) as pool:
        for number in range(_POLLERS):
            pool.submit(_poll, Client(url), tasks[number % len(tasks)], stopped, errors)
            time.sleep(_POLL_SECONDS / _POLLERS)  # all at once would be one burst a second
        connection.send(None)
        connection.recv()
        stopped.set()
    connection.send(errors)


def _poll(client: Client, task_id: str, stopped: threading.Event, errors: list[str]) -> None:
    while not stopped.wait(_POLL_SECONDS):
        try:
            status, _ = client.get(f"/ocr/{task_id}")
        except OSError as error:
            errors.append(repr(error))
            return
        if status != 200:  # noqa: PLR2004 - success
            errors.append(f"status {status}")


def _delete(service: Service, tasks: list[str]) -> None:
    for task_id in tasks:
        service.client().delete(f"/ocr/{task_id}")


def _time(service: Service, path: Path) -> float:
    started = time.perf_counter()
    service.read_one(path)
    return time.perf_counter() - started
