"""Whether a process does anything, and how large it was: what waits for what never comes uses no processor time."""

import os
import time
from pathlib import Path


class Pulse:
    """Of one process and all that it started, from the moment this is made; to be asked often."""

    def __init__(self, process_id: int) -> None:
        self._process_id = process_id
        self._ticks: int | None = None
        self._moved = time.monotonic()
        self.most_bytes = 0
        """The most address space of the process itself at any moment when it was asked."""

    def still_seconds(self) -> float:
        """How long they have used no processor time; 0 where the system does not tell."""
        try:
            ticks = _count_ticks(self._process_id)
            self.most_bytes = max(self.most_bytes, _measure_bytes(self._process_id))
        except OSError:  # no /proc, or not all of it; or one of them has just ended
            ticks = None
        if ticks is None or ticks != self._ticks:
            self._ticks, self._moved = ticks, time.monotonic()
        return time.monotonic() - self._moved


def _measure_bytes(process_id: int) -> int:
    pages = Path("/proc", str(process_id), "statm").read_text().split()[0]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _count_ticks(process_id: int) -> int:
    """The utime, stime, cutime and cstime of proc(5), of a process and its children."""
    process = Path("/proc", str(process_id))
    fields = (process / "stat").read_text().rpartition(")")[2].split()
    children = [child for thread in (process / "task").iterdir() for child in (thread / "children").read_text().split()]
    return sum(map(int, fields[11:15])) + sum(_count_ticks(int(child)) for child in children)
