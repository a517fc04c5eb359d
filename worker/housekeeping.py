"""What every worker does beside its work: tell that it lives, send lost pieces again, remove what is left over."""

import functools
import logging
import threading
import time
from collections.abc import Callable

from shared.errors import OcrError
from shared.jobs import Jobs, Standing
from shared.queue import Queue
from shared.schemas import Status
from shared.settings import Settings
from shared.storage import Storage
from shared.workers import WorkerInfo, Workers
from worker.pieces import choose_queue, parse_piece
from worker.reader.scratch import sweep_scratch

_BEAT_SECONDS = 1.0
_MISSES = 3
_SWEEP_SECONDS = 60
_JANITOR_SECONDS = 600
_COMPACT_SECONDS = 3600
_STALE_SECONDS = 3600.0
_ENDED_SECONDS = 5.0
_PUT_OFF_SECONDS = 600.0
"""Until a task is looked after again whose record cannot be read."""

log = logging.getLogger(__name__)


class Housekeeping:
    """A thread of the worker's main process. All but the beat one worker at a time does for all."""

    def __init__(
        self, jobs: Jobs, queue: Queue, storage: Storage, workers: Workers, info: WorkerInfo, *, settings: Settings
    ) -> None:
        self._jobs = jobs
        self._queue = queue
        self._storage = storage
        self._workers = workers
        self._info = info
        self._settings = settings
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="housekeeping", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join(timeout=_BEAT_SECONDS * 5)

    def _run(self) -> None:
        while not self._stopped.wait(_BEAT_SECONDS):
            for duty in (self._beat, self._reconcile, self._tidy, self._sweep, self._clean, self._compact):
                _attempt(duty)
        _attempt(lambda: self._workers.leave(self._info))

    def _beat(self) -> None:
        self._workers.beat(self._info)

    def _reconcile(self) -> None:
        if self._jobs.take_turn("reconcile", _BEAT_SECONDS):
            reconcile(self._jobs, self._queue)

    def _tidy(self) -> None:
        if self._jobs.take_turn("tidy", _BEAT_SECONDS):
            tidy(self._jobs, self._storage, keep_uploads=self._settings.keep_upload)

    def _sweep(self) -> None:
        if self._jobs.take_turn("sweep", _SWEEP_SECONDS):
            self._storage.sweep_incoming()
            sweep_scratch(self._settings.data_dir)

    def _clean(self) -> None:
        if self._jobs.take_turn("clean", _JANITOR_SECONDS):
            clean(self._jobs, self._storage, keep_uploads=self._settings.keep_upload)

    def _compact(self) -> None:
        if self._jobs.take_turn("compact", _COMPACT_SECONDS):
            self._jobs.compact()


def reconcile(jobs: Jobs, queue: Queue) -> None:
    """Send every open piece again that for some turns was neither held by a worker nor in a queue."""
    orphans = jobs.orphans()
    if not orphans:
        return
    waiting = queue.waiting()
    jobs.forgive([piece for piece in orphans if piece in waiting])
    for name in jobs.missed([piece for piece in orphans if piece not in waiting], _MISSES):
        log.warning("sent again: %s", name)
        _attempt(functools.partial(_send, jobs, queue, name))


def _send(jobs: Jobs, queue: Queue, name: str) -> None:
    queue.send(name, choose_queue(jobs, parse_piece(name)))


def clean(jobs: Jobs, storage: Storage, *, keep_uploads: bool) -> None:
    """Erase the files that no task answers for: of uploads that were never recorded, or whose record was lost."""
    _erase_each(jobs, storage, list(storage.stale(_STALE_SECONDS)), keep_uploads=keep_uploads)


def tidy(jobs: Jobs, storage: Storage, *, keep_uploads: bool, seconds_ago: float = _ENDED_SECONDS) -> None:
    """Erase what whoever ended a task should have erased, had it not died at that moment; the rest once it expires."""
    jobs.look_after(_erase_each(jobs, storage, jobs.ended(seconds_ago), keep_uploads=keep_uploads))


def _erase_each(jobs: Jobs, storage: Storage, task_ids: list[str], *, keep_uploads: bool) -> dict[str, int | None]:
    """See `_erase_needless`; a task that it fails for is put off, and keeps no other from being looked after.

    Raises:
        OcrError: `broker_unavailable`: what is not known to be needless stays.
    """
    standings = jobs.standings(task_ids)
    moments = {}
    for task_id in task_ids:
        try:
            moments[task_id] = _erase_needless(storage, task_id, standings.get(task_id), keep_uploads=keep_uploads)
        except Exception:
            log.exception("files left as they are: %s", task_id)
            moments[task_id] = round(1000 * (time.time() + _PUT_OFF_SECONDS))
    return moments


def _erase_needless(storage: Storage, task_id: str, standing: Standing | None, *, keep_uploads: bool) -> int | None:
    """The moment, in milliseconds, at which what is left expires; None where nothing is.

    `standing` is None where no record is.
    """
    if standing is None:
        storage.erase(task_id)
        return None
    status, expires = Status(standing.status), int(standing.expires) if standing.expires else None
    if status in {Status.FAILED, Status.CANCELLED}:
        storage.erase_searchable_pdf(task_id)
    if status.is_final and not keep_uploads:
        storage.erase_upload(task_id)
    return expires if storage.folder(task_id).exists() else None


def _attempt(duty: Callable[[], None]) -> None:
    """A thread that ends would leave lost pieces lost."""
    try:
        duty()
    except OcrError as error:
        log.warning("put off: %s", error.code)
    except Exception:
        log.exception("housekeeping failed")
