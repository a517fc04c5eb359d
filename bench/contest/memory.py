"""What a slot takes of the memory."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from contest.pages import Sheet
from contest.recognition import Rig
from contest.report import Row
from contest.service import Service, running_service

_FIRST_PAGES, _LAST_PAGES = 10, 1000
_WATCH_SECONDS = 0.2
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)


def measure_memory(rig: Rig) -> Iterator[Row]:
    """A slot on its first pages and on its last, which are the same ones; PP-OCR reads those they begin with."""
    with running_service(rig.folder, rig.cores, OCR_CACHE="no") as service, _watching_peaks(service) as peaks:
        sheets = [*rig.corpus.blurred, *rig.corpus.pages, *rig.corpus.receipts]
        first = _read_and_weigh(service, sheets[:_FIRST_PAGES], rig.cores)
        service.read([sheets[number % len(sheets)] for number in range(_LAST_PAGES - 2 * _FIRST_PAGES)])
        last = _read_and_weigh(service, sheets[:_FIRST_PAGES], rig.cores)
    detail = {"first_mb": first, "last_mb": last, "peak_mb": max(peaks.values()), "readers": len(peaks)}
    work = f"memory of a slot after {_LAST_PAGES} pages"
    yield Row(work, f"after {_FIRST_PAGES}", last / first, "x", 1.1, "less")
    yield Row(work, "", last, "MB", 350, "less", detail=detail)


def _read_and_weigh(service: Service, sheets: list[Sheet], slots: int) -> float:
    """The most megabytes a slot between pages: a reader may be replaced after any, and a new one is small."""
    most = 0.0
    for start in range(0, len(sheets), slots):
        service.read(sheets[start : start + slots])
        most = max(most, _weigh(service) / slots)
    return most


def _weigh(service: Service) -> float:
    """Megabytes of all pool processes and readers, shared ones counted in part."""
    total = 0
    for process in service.process.children(recursive=True):
        in_pool = "celery" in _command(process) and "celery" in _command(process.parent())
        total += process.memory_full_info().pss if in_pool or _is_reader(process) else 0
    return total / 1e6


@contextmanager
def _watching_peaks(service: Service) -> Iterator[dict[int, float]]:
    """By the id of each reader that there was, the most megabytes that it had in memory at once, within pages too."""
    peaks: dict[int, float] = {}
    stopped = threading.Event()
    watcher = threading.Thread(target=_watch_peaks, args=(service.process, peaks, stopped))
    watcher.start()
    try:
        yield peaks
    finally:
        stopped.set()
        watcher.join()


def _watch_peaks(root: psutil.Process, peaks: dict[int, float], stopped: threading.Event) -> None:
    while not stopped.wait(_WATCH_SECONDS):
        for process in root.children(recursive=True):
            with suppress(psutil.Error, OSError):
                if _is_reader(process) and (peak := _PEAK.search(Path(f"/proc/{process.pid}/status").read_text())):
                    peaks[process.pid] = int(peak[1]) * 1024 / 1e6


def _is_reader(process: psutil.Process) -> bool:
    return "worker.reader.child" in _command(process)


def _command(process: psutil.Process | None) -> str:
    return " ".join(process.cmdline()) if process else ""
