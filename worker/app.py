"""The worker's composition root: `celery -A worker.app worker`.

One Celery task does one piece of work. Each process of the pool is a slot with a reader of its own; the main
process keeps house.
"""

import logging
import os
import threading
from typing import Any

from celery import Celery
from celery.signals import (
    setup_logging,
    worker_process_init,
    worker_process_shutdown,
    worker_ready,
    worker_shutting_down,
)
from celery.worker.request import Request

from shared import logs
from shared.jobs import Jobs, connect
from shared.queue import TASK, Queue, make_celery
from shared.settings import Settings
from shared.storage import Storage
from shared.workers import Workers
from worker.capabilities import describe_worker
from worker.document import Desk, work
from worker.drain import Drain
from worker.housekeeping import Housekeeping
from worker.reader.reader import Reader

_PATIENCE_SECONDS = 300.0
_STOP_SECONDS = 25.0

log = logging.getLogger(__name__)


class Slot:
    """What a pool process has once it is forked."""

    desk: Desk | None = None


class TakenRequest(Request):  # type: ignore[misc]  # Celery has no annotations
    """Messages are taken without acknowledgment, see `shared.queue`; kombu would send Redis one all the same."""

    acknowledged = True


def build() -> Celery:
    """The Celery application with its one task and what starts and stops around it."""
    settings = Settings()
    celery = make_celery(settings)
    slot, drain = Slot(), Drain()

    @celery.task(name=TASK, Request=TakenRequest)  # type: ignore[untyped-decorator]
    def run(piece: str) -> None:
        if slot.desk is None:
            msg = "a slot starts with worker_process_init"
            raise RuntimeError(msg)
        logs.task_id.set(piece)
        try:
            work(slot.desk, piece)
        except Exception:  # Celery would log its message, which may quote what was read
            log.exception("another attempt follows")

    _connect_signals(settings, slot, drain)
    return celery


def _connect_signals(settings: Settings, slot: Slot, drain: Drain) -> None:
    def open_slot(**_: Any) -> None:
        slot.desk = _open_desk(settings, drain)
        slot.desk.reader.start()

    def close_slot(**_: Any) -> None:
        if slot.desk is not None:
            slot.desk.reader.close()

    def keep_house(sender: Any, **_: Any) -> None:
        client = connect(settings.redis_url)
        housekeeping = Housekeeping(
            Jobs(client, settings.result_seconds),
            Queue(client),
            _open_storage(settings),
            Workers(client),
            describe_worker(settings, sender.controller.concurrency),
            settings=settings,
        )
        housekeeping.start()
        worker_shutting_down.connect(lambda **_: housekeeping.stop(), weak=False)
        worker_shutting_down.connect(lambda **_: _keep_begun(sender.pool), weak=False)
        log.info("ready with %d slots", sender.controller.concurrency)

    setup_logging.connect(lambda **_: logs.configure_logs(settings.log_level), weak=False)
    worker_process_init.connect(open_slot, weak=False)
    worker_process_shutdown.connect(close_slot, weak=False)
    worker_shutting_down.connect(lambda **_: drain.begin(), weak=False)
    worker_shutting_down.connect(_end_in_time, weak=False)
    worker_ready.connect(keep_house, weak=False)


def _keep_begun(pool: Any) -> None:
    """Celery's shutdown drops each task that its slot has not yet confirmed, so that the broker delivers it again.

    But the slot has it and reads it, and would then wait for half a minute for somebody to take its answer.
    """
    pool.flush = None


def _end_in_time(**_: Any) -> None:
    """A slot that cannot stop shall not keep its worker; by then the others have handed back what they had."""

    def end() -> None:
        log.error("Celery has not ended after %.0f s", _STOP_SECONDS)
        os._exit(1)

    timer = threading.Timer(_STOP_SECONDS, end)
    timer.daemon = True
    timer.start()


def _open_desk(settings: Settings, drain: Drain) -> Desk:
    client = connect(settings.redis_url)
    return Desk(
        settings=settings,
        jobs=Jobs(client, settings.result_seconds, patience_seconds=_PATIENCE_SECONDS),
        queue=Queue(client),
        storage=_open_storage(settings),
        reader=Reader(settings),
        drain=drain,
    )


def _open_storage(settings: Settings) -> Storage:
    storage = Storage(settings.data_dir)
    storage.prepare()
    return storage


app = build()
