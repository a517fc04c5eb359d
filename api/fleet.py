"""What all live workers together offer, asked of Redis at most once a second."""

import time
from dataclasses import dataclass, field

from shared.errors import OcrError
from shared.workers import WorkerInfo, Workers

_KEPT_SECONDS = 1.0


@dataclass(slots=True)
class Fleet:
    """What the workers told last stands while none is alive or Redis is out of reach; at first it is nothing."""

    workers: Workers
    _alive: list[WorkerInfo] = field(default_factory=list)
    _known: list[WorkerInfo] = field(default_factory=list)
    _asked: float = float("-inf")

    def alive(self) -> list[WorkerInfo]:
        """The workers that live now, as far as can be seen."""
        now = time.monotonic()
        if now - self._asked > _KEPT_SECONDS:
            self._asked = now
            try:
                self._alive = self.workers.alive()
            except OcrError:
                self._alive = []
            self._known = self._alive or self._known
        return self._alive

    def members(self) -> list[WorkerInfo]:
        """The workers as they were when any was last seen."""
        return self.alive() or self._known

    def languages(self) -> list[str]:
        """What every worker has: any of them may get the task."""
        return _common([worker.languages for worker in self.members()])

    def engines(self) -> list[str]:
        return _common([worker.engines for worker in self.members()])

    def pipeline(self) -> str:
        """Empty while nothing is known or workers of several versions run: then no result can be reused."""
        versions = {worker.pipeline for worker in self.members()}
        return versions.pop() if len(versions) == 1 else ""


def _common(offers: list[tuple[str, ...]]) -> list[str]:
    return [name for name in offers[0] if all(name in offer for offer in offers)] if offers else []
