"""Uploads of which nobody knows whether Redis has recorded their task: its answer was lost."""

import logging
import threading
import time

from shared.errors import OcrError
from shared.jobs import Jobs
from shared.storage import Storage

_ASK_AGAIN_SECONDS = 0.5

log = logging.getLogger(__name__)


class Doubts:
    """Erases such uploads once Redis says that it has no record of them; what it has recorded is read.

    Should this process die before, the workers' janitor does it.
    """

    def __init__(self, jobs: Jobs, storage: Storage) -> None:
        self._jobs = jobs
        self._storage = storage
        self._task_ids: set[str] = set()
        self._lock = threading.Lock()
        self._is_asking = False

    def add(self, task_id: str) -> None:
        with self._lock:
            self._task_ids.add(task_id)
            if not self._is_asking:
                self._is_asking = True
                threading.Thread(target=self._ask, name="doubts", daemon=True).start()

    def _ask(self) -> None:
        while True:
            time.sleep(_ASK_AGAIN_SECONDS)
            settled = self._settle(set(self._task_ids))
            with self._lock:
                self._task_ids -= settled
                if not self._task_ids:
                    self._is_asking = False
                    return

    def _settle(self, task_ids: set[str]) -> set[str]:
        settled = set()
        for task_id in task_ids:
            try:
                is_refused = self._jobs.refuse(task_id)
            except OcrError:
                break
            if is_refused:
                self._storage.erase(task_id)
                log.info("erased an upload that was not recorded")
            settled.add(task_id)
        return settled
