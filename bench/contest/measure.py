"""Wall seconds, CPU seconds and words of what reads the same sheets in turn."""

import resource
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import psutil

from contest.pages import Sheet


class Contestant(Protocol):
    """Something that reads sheets and is ready to."""

    name: str

    def read(self, sheets: Sequence[Sheet]) -> list[str]:
        """The text of each sheet."""
        ...

    def cpu_seconds(self) -> float:
        """What it has used so far, in all its processes."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """Medians over all turns; `recall` is the share of the words on the sheets that was read, None if not known."""

    seconds: float
    pages_per_second: float
    cpu_seconds_per_page: float
    recall: float | None


def race(contestants: Sequence[Contestant], sheets: Sequence[Sheet], turns: int) -> dict[str, Outcome]:
    """Let each read all sheets, one contestant after the other, so many times over."""
    pages = sum(sheet.pages for sheet in sheets)
    runs: dict[str, list[tuple[float, float]]] = {contestant.name: [] for contestant in contestants}
    recalls: dict[str, list[float]] = {contestant.name: [] for contestant in contestants}
    for _ in range(turns):
        for contestant in contestants:
            started, cpu = time.perf_counter(), contestant.cpu_seconds()
            texts = contestant.read(sheets)
            runs[contestant.name].append((time.perf_counter() - started, contestant.cpu_seconds() - cpu))
            recall = measure_recall(sheets, texts)
            recalls[contestant.name] += [] if recall is None else [recall]
    outcomes = {}
    for name, measured in runs.items():
        seconds = statistics.median(wall for wall, _ in measured)
        cpu_seconds = statistics.median(cpu for _, cpu in measured)
        recall = statistics.median(recalls[name]) if recalls[name] else None
        outcomes[name] = Outcome(seconds, pages / seconds, cpu_seconds / pages, recall)
    return outcomes


def measure_recall(sheets: Sequence[Sheet], texts: Sequence[str]) -> float | None:
    """The share of all known words that are in their sheet's text, each as often as it is there."""
    known = found = 0
    for sheet, text in zip(sheets, texts, strict=True):
        truth = Counter(sheet.words)
        known += truth.total()
        found += (truth & Counter(text.split())).total()
    return found / known if known else None


def tree_cpu_seconds(pid: int) -> float:
    """User and system time of a process and all that came of it, the dead too if they were waited for."""
    root = psutil.Process(pid)
    total = 0.0
    for process in [root, *root.children(recursive=True)]:
        try:
            total += sum(process.cpu_times()[:4])  # user, system, and the two of its dead children
        except psutil.NoSuchProcess:  # counted with its parent, by the next sample at the latest
            continue
    return total


def own_children_cpu_seconds() -> float:
    """The time of this process's children that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of all values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-round(share * len(ordered) * 1000) // 1000) - 1)]
