"""What a slot takes of the memory."""

from collections.abc import Iterator

import psutil

from contest.pages import Sheet
from contest.recognition import Rig
from contest.report import Row
from contest.service import Service, running_service

_FIRST_PAGES, _LAST_PAGES = 10, 1000


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
