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

from PIL import Image

from contest.client import Client
from contest.measure import percentile, race
from contest.pages import Sheet
from contest.recognition import Rig
from contest.report import Row
from contest.service import Service, running_service

_OK, _NOT_FINISHED = 200, 409
_POLLERS = 200
_POLL_SECONDS = 1.0
_BUSY_DOCUMENTS = 10
"""Long ones, of which all slots read one after the other."""
_SUBMITS = 100
_SUBMIT_PAUSE_SECONDS = 0.1
_LOOK_SECONDS = 0.02
_PAGE_SECONDS = 60.0
"""Within which a first page is there, or something is wrong."""


def measure_crop(rig: Rig) -> Iterator[Row]:
    """A crop on an idle service, the answer in the same request."""
    service = rig.service.asking(1)
    seconds = [_time(service, sheet.path) for sheet in rig.corpus.crops]
    detail = {"p95_ms": 1000 * percentile(seconds, 0.95), "least_ms": 1000 * min(seconds)}
    yield Row(
        "a line crop on an idle service, p50", "", 1000 * statistics.median(seconds), "ms", 20, "less", detail=detail
    )


def measure_busy(rig: Rig) -> Iterator[Row]:
    """Submitting while every slot is busy and many poll what is being read."""
    service = rig.service
    documents = [service.submit(rig.corpus.long_scan.path) for _ in range(_BUSY_DOCUMENTS)]
    failed = wait_for_page(service.client(), documents[0], _PAGE_SECONDS)
    with _polling(service.url, documents) as errors:
        started, cpu = time.perf_counter(), service.cpu_seconds()
        tasks, seconds = _submit_all(service, rig.corpus.crops)
        cpu_share = (service.cpu_seconds() - cpu) / (time.perf_counter() - started) / rig.cores
        if count_unread(service.client(), documents) < rig.cores:
            failed = failed or "the slots ran dry"
    _delete(service, [*documents, *tasks])
    failed = failed or (f"{len(errors)} errors, {errors[0]}" if errors else "")
    work = f"a submit, p99, slots busy and {_POLLERS} polling"
    detail = {"p50_ms": 1000 * statistics.median(seconds), "cpu_share": cpu_share}
    yield Row(work, "", 1000 * percentile(seconds, 0.99), "ms", 100, "less", failed, detail=detail)


def measure_long_scan(rig: Rig) -> Iterator[Row]:
    """The first page of a long document, and small tasks sent meanwhile."""
    service = rig.service.asking(1)
    page_seconds = statistics.median(_time(service, rig.corpus.pages[0].path) for _ in range(rig.turns))
    started = time.perf_counter()
    task_id = service.submit(rig.corpus.long_scan.path)
    failed = wait_for_page(service.client(), task_id, _PAGE_SECONDS)
    first_seconds = time.perf_counter() - started
    crops = [_time(service, sheet.path) for sheet in rig.corpus.crops[:20]]
    others_failed = "" if count_unread(service.client(), [task_id]) else "the other pages were read before"
    _delete(service, [task_id])
    against, detail = "reading that page alone", {"page_seconds": page_seconds}
    work = f"page 1 of {rig.corpus.long_scan.pages} is readable"
    yield Row(work, against, first_seconds / page_seconds, "x", 2, "less", failed, detail=detail)
    work = f"a line crop beside the other {rig.corpus.long_scan.pages - 1}, p95"
    value = percentile(crops, 0.95) / page_seconds
    yield Row(work, against, value, "x", 1.5, "less", failed or others_failed, detail={"seconds": crops})


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


@contextmanager
def _polling(url: str, tasks: Sequence[str]) -> Iterator[list[str]]:
    """Many clients, and in the end their errors; in a process of their own, or they would delay who is measured."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    context.Process(target=_poll_all, args=(url, tasks, theirs), daemon=True).start()
    theirs.close()  # so that the end of that process ends the wait for it
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
        if status != _OK:
            errors.append(f"status {status}")


def wait_for_page(client: Client, task_id: str, timeout_seconds: float) -> str:
    """Nothing as soon as the first page of a task is readable, or why it is not."""
    end = time.monotonic() + timeout_seconds
    while (status := client.get(f"/ocr/{task_id}/pages/1")[0]) == _NOT_FINISHED:
        if time.monotonic() > end:
            return f"no page within {timeout_seconds:g} s"
        time.sleep(_LOOK_SECONDS)
    return "" if status == _OK else f"status {status} instead of a page"


def count_unread(client: Client, tasks: Sequence[str]) -> int:
    """The pages that slots can still read; of a document whose pages have not been counted, one."""
    unread = 0
    for task_id in tasks:
        _, task = client.get(f"/ocr/{task_id}")
        progress = task["progress"]
        if task["status"] in {"queued", "running"}:
            unread += (progress["pages_total"] or 1) - progress["pages_done"]
    return unread


def _submit_all(service: Service, crops: Sequence[Sheet]) -> tuple[list[str], list[float]]:
    """The ids of the tasks and how many seconds each took until it was accepted."""
    tasks, seconds = [], []
    for number in range(_SUBMITS):
        started = time.perf_counter()
        tasks.append(service.submit(crops[number % len(crops)].path))
        seconds.append(time.perf_counter() - started)
        time.sleep(_SUBMIT_PAUSE_SECONDS)
    return tasks, seconds


def _delete(service: Service, tasks: list[str]) -> None:
    for task_id in tasks:
        service.client().delete(f"/ocr/{task_id}")


def _time(service: Service, path: Path) -> float:
    started = time.perf_counter()
    service.read_one(path)
    return time.perf_counter() - started
