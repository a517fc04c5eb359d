"""The most memory that any one process of a service has held."""

import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Self

import psutil

from shared.settings import MEBIBYTE, Limits
from tests.faults import kills
from tests.service import Service

_OTHERS_MOST_BYTES = 256 * MEBIBYTE
"""What docs/reliability.md states for the API and the workers' own processes."""
_LOOK_SECONDS = 0.1


class MemoryWatch:
    """Looks ten times a second, and at the peaks that the kernel keeps of each process as far as they are new.

    `readers_bytes` is address space, which is what the setting caps; `others_bytes` is what the API or one of a
    worker's own processes had in memory.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._cap_bytes = int(service.environment.get("OCR_READER_MEMORY_BYTES", Limits().reader_memory_bytes))
        self.others_most_bytes = _OTHERS_MOST_BYTES
        self.readers_bytes = 0
        self.others_bytes = 0
        self._old_peaks: dict[tuple[int, str], int] = {}
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def stop(self) -> Self:
        self._stopped.set()
        self._thread.join()
        return self

    def check(self) -> None:
        least = 1 if sys.platform == "linux" else 0
        assert least <= self.readers_bytes <= self._cap_bytes
        assert least <= self.others_bytes <= self.others_most_bytes

    def _look(self) -> None:
        is_over = False
        while not is_over:
            for name, part in list(self._service.parts.items()):
                if name != "redis" and (process := part.process):
                    self._look_at(process.pid)
            is_over = self._stopped.wait(_LOOK_SECONDS)

    def _look_at(self, pid: int) -> None:
        with suppress(psutil.Error):
            for process in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True)):
                if kills.is_reader(process):
                    self.readers_bytes = max(self.readers_bytes, self._held_bytes(process.pid, "VmPeak", "VmSize"))
                else:
                    self.others_bytes = max(self.others_bytes, self._held_bytes(process.pid, "VmHWM", "VmRSS"))

    def _held_bytes(self, pid: int, peak: str, present: str) -> int:
        """A peak from before the watch began is none of this campaign's."""
        sizes = _read_sizes(pid)
        most = sizes.get(peak, 0)
        return most if most > self._old_peaks.setdefault((pid, peak), most) else sizes.get(present, 0)


def _read_sizes(pid: int) -> dict[str, int]:
    """In bytes, by their names in proc_pid_status(5); none of a process that has ended."""
    with suppress(OSError):
        lines = [line.split() for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line[:2] == "Vm"]
        return {name.rstrip(":"): int(kibibytes) << 10 for name, kibibytes, _ in lines}
    return {}
