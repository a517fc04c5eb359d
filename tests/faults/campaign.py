"""What a service is put through, and what must hold afterwards."""

import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any

import httpx

from tests.faults import leftovers
from tests.faults.memory import MemoryWatch
from tests.faults.pictures import draw_line, draw_slow_page
from tests.service import Service, is_ready, wait_until

FINAL = {"succeeded", "failed", "cancelled"}
_QUIET_SECONDS = 240.0
_GREEN_SECONDS = 30.0
_SWEPT_SECONDS, _TIDY_SECONDS = 75.0, 30.0
"""Workers sweep once a minute."""
_ANSWER_SECONDS = 20.0


@dataclass
class Row:
    """One line of the published table; `lost`: unknown to the service, `stuck`: never ended; see `MemoryWatch`."""

    name: str
    seed: int
    accepted: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    ends: dict[str, int] = field(default_factory=dict)
    lost: int = 0
    stuck: int = 0
    extra_runs: int = 0
    seconds_to_quiet: float = 0.0
    reader_mib: int = 0
    other_mib: int = 0

    def cells(self) -> list[str]:
        facts = asdict(self)
        kinds = {
            name: ", ".join(f"{count} {kind}" for kind, count in facts[name].items()) for name in ("faults", "ends")
        }
        return [str(value) for value in {**facts, **kinds}.values()]


class Campaign:
    """A service, the tasks it accepted with the texts they must come to, and the faults done to it.

    `supervised` names the parts that are started again when they have ended, `gone` the tasks that must be erased or
    expired by the end, and no others may be.
    """

    def __init__(self, name: str, seed: int, service: Service) -> None:
        self.row = Row(name, seed)
        self.service = service
        self.memory = MemoryWatch(service)
        self.is_settled = False
        self.supervised: list[str] = []
        self.chance = random.Random(f"{seed} {name}")  # noqa: S311 - to be repeated, not to be secret
        self.expected: dict[str, str | None] = {}
        self.gone: set[str] = set()
        self._faults: Counter[str] = Counter()
        self._numbers = iter(range(100_000 + 1000 * self.chance.randrange(800), 10**9, 37))
        self._moved = time.monotonic()

    def fault(self, kind: str) -> None:
        self._faults[kind] += 1
        self._moved = time.monotonic()

    def submit(self, data: bytes | None = None, text: str | None = None, **fields: str) -> httpx.Response | None:
        """One submit; what the service says, or None where it said nothing. No data: a line of its own text."""
        if data is None:
            text = f"Invoice {next(self._numbers)}"
            data = draw_line(text)
        with suppress(httpx.TransportError):
            answer = httpx.post(
                f"{self.service.url}/ocr", files={"file": ("scan.png", data)}, data=fields, timeout=_ANSWER_SECONDS
            )
            if answer.status_code == 202:
                self.expected[answer.json()["task_id"]] = text
                self._moved = time.monotonic()
            return answer
        return None

    def submitted(self, data: bytes | None = None, text: str | None = None, **fields: str) -> str:
        """The id of a task that must be accepted."""
        answer = self.submit(data, text, **fields)
        assert answer is not None
        assert answer.status_code == 202, answer.text
        return str(answer.json()["task_id"])

    def submit_many(self, tasks: int, between: Callable[[], object] = lambda: None) -> None:
        """Submit until so many are accepted, whatever is refused meanwhile; do `between` after each try."""
        goal = len(self.expected) + tasks
        while len(self.expected) < goal:
            answer = self.submit()
            assert answer is None or answer.status_code in {202, 429, 503}, answer.text
            if answer is None or answer.status_code != 202:
                time.sleep(0.1)
            between()

    def block_slot(self) -> str:
        """A task that keeps a slot busy until it is cancelled."""
        task_id = self.submitted(draw_slow_page())
        self.wait_for(task_id, "running")
        return task_id

    def cancel(self, task_id: str) -> None:
        httpx.post(f"{self.service.url}/ocr/{task_id}/cancel", timeout=_ANSWER_SECONDS).raise_for_status()

    def find(self, task_id: str, **query: float) -> dict[str, Any]:
        answer = httpx.get(f"{self.service.url}/ocr/{task_id}", params=query, timeout=90)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def wait_for(self, task_id: str, status: str, seconds: float = 60) -> dict[str, Any]:
        wait_until(lambda: self.find(task_id)["status"] == status, f"the task is {status}", seconds)
        return self.find(task_id)

    def wait_for_end(self, task_id: str, seconds: float = 60) -> dict[str, Any]:
        wait_until(lambda: self.find(task_id)["status"] in FINAL, "the task has ended", seconds)
        return self.find(task_id)

    def wait_until_tried(self, task_id: str, attempts: int, seconds: float = 60) -> None:
        wait_until(lambda: self.find(task_id)["attempts"] == attempts, f"attempt {attempts} is under way", seconds)

    def restart_ended(self) -> None:
        """Do as a supervisor does; Celery ends a worker by itself whose slot dies while both are starting."""
        for part in (self.service.parts[name] for name in self.supervised):
            if part.process is None or part.process.poll() is not None:
                part.start()

    def errors(self) -> set[str]:
        """The codes of all tasks that failed."""
        return {task["error"]["code"] for task in map(self.find, self.expected) if task["error"]}

    def await_quiet(self) -> None:
        with suppress(TimeoutError):
            wait_until(self._is_quiet, "all is quiet", _QUIET_SECONDS)

    def await_tidy(self) -> None:
        wait_until(lambda: leftovers.is_tidy(self.service), "the files are looked after", _TIDY_SECONDS)

    def settle(self, workers: int = 1) -> Row:
        """Wait until nothing moves; then every accepted task has ended with its own text, and nothing is left over.

        No process has held more memory than it may.
        """
        self.await_quiet()
        self.row.seconds_to_quiet = round(time.monotonic() - self._moved, 1)
        self.row.accepted, self.row.faults = len(self.expected), dict(self._faults)
        wrong = self._count_ends()
        assert (self.row.lost, self.row.stuck, wrong) == (0, 0, []), self.row
        wait_until(lambda: not leftovers.find_files(self.service), "no file is left over", _SWEPT_SECONDS)
        leftovers.check(self.service)
        wait_until(lambda: self._is_green(workers), "health is green", _GREEN_SECONDS)
        self.close()
        self.memory.check()
        self.is_settled = True
        return self.row

    def close(self) -> None:
        """Look no longer; the row tells how much memory was seen."""
        memory = self.memory.stop()
        self.row.reader_mib, self.row.other_mib = memory.readers_bytes >> 20, memory.others_bytes >> 20

    def _is_quiet(self) -> bool:
        self.restart_ended()
        return leftovers.is_quiet(self.service)

    def _is_green(self, workers: int) -> bool:
        self.restart_ended()
        return is_ready(self.service, workers)

    def _count_ends(self) -> list[tuple[str, object]]:
        """Fill in the row; the tasks that came to another text than their own."""
        ends: Counter[str] = Counter()
        wrong = []
        with httpx.Client(base_url=self.service.url, timeout=_ANSWER_SECONDS) as client:
            for task_id, text in self.expected.items():
                answer = client.get(f"/ocr/{task_id}")
                task = answer.json()
                if task_id in self.gone:
                    assert answer.status_code == 410, answer.text
                    ends["gone"] += 1
                elif answer.status_code != 200:
                    self.row.lost += 1
                elif task["status"] not in FINAL:
                    self.row.stuck += 1
                else:
                    ends[task["status"]] += 1
                    self.row.extra_runs += max(0, task["attempts"] - 1)
                    if task["status"] == "succeeded" and text is not None and task["result"]["text"] != text:
                        wrong.append((text, task["result"]["text"]))
        self.row.ends = dict(ends)
        return wrong
