"""The queue loses, doubles and invents messages."""

import pickle
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shared.queue import TASK, Queue, make_celery
from shared.settings import Settings
from tests.faults.campaign import Campaign
from tests.faults.pictures import draw_document, draw_slow_page
from tests.service import Program, wait_until

_GARBAGE: tuple[bytes, ...] = (
    b"garbage",
    b"\x00\xff\xfe",
    b"[]",
    b'{"body":"e30=","headers":{},"properties":{}}',
    pickle.dumps({"body": "x"}),
)


@pytest.mark.parametrize(("tasks", "losses"), [(40, 4), pytest.param(150, 15, marks=pytest.mark.long)])
def test_deleted_messages(start: Callable[..., Campaign], tasks: int, losses: int) -> None:
    # Given
    campaign = start()
    store = campaign.service.redis
    # When
    for _ in range(losses):
        campaign.submit_many(tasks // losses)
        store.delete("interactive", "bulk")
        campaign.fault("queue deleted")
    # Then
    row = campaign.settle()
    store.close()
    assert row.ends == {"succeeded": row.accepted}


@pytest.mark.long
def test_deleted_messages_of_pages(start: Callable[..., Campaign]) -> None:
    # Given
    campaign = start(slots=2)
    store = campaign.service.redis
    texts = [f"Page {number}" for number in range(1, 31)]
    # When
    task_id = campaign.submitted(draw_document(texts), "\n\n".join(texts))
    campaign.wait_for(task_id, "running")
    for _ in range(5):
        store.delete("interactive", "bulk")
        campaign.fault("queue deleted")
        time.sleep(0.5)
    # Then
    campaign.settle()
    store.close()
    assert len(campaign.find(task_id)["result"]["pages"]) == 30


def test_doubled_messages(start: Callable[..., Campaign]) -> None:
    # Given
    campaign = start(slots=2)
    store = campaign.service.redis
    queue = Queue(store)
    # When: of tasks that wait, run and have ended
    for _ in range(20):
        campaign.submit_many(2)
        for record in store.scan_iter("ocr:job:*"):
            queue.send(record.decode().removeprefix("ocr:job:"), "interactive")
            campaign.fault("message doubled")
    # Then
    row = campaign.settle()
    store.close()
    assert row.ends == {"succeeded": row.accepted}
    assert row.extra_runs == 0


def test_message_repeated_in_mid_recognition(start: Callable[..., Campaign]) -> None:
    # Given
    campaign = start(slots=2)
    store = campaign.service.redis
    task_id = campaign.submitted(draw_slow_page(15))
    campaign.wait_for(task_id, "running")
    # When
    for _ in range(10):
        Queue(store).send(task_id, "interactive")
        campaign.fault("message doubled")
        time.sleep(0.2)
    # Then it runs once
    campaign.wait_for(task_id, "succeeded", 120)
    row = campaign.settle()
    store.close()
    assert row.extra_runs == 0


class Trap:
    """Whoever unpickles it makes a file."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self._mark,)


def test_garbage(start: Callable[..., Campaign], tmp_path: Path) -> None:
    # Given
    campaign = start()
    mark = tmp_path / "mark"
    worker = campaign.service.parts["worker0"]
    store = campaign.service.redis
    celery = make_celery(Settings(redis_url=campaign.service.redis_url))
    garbage = [
        *(lambda data=data: store.rpush("interactive", data) for data in _GARBAGE),
        lambda: celery.send_task("os.system", args=(f"touch {mark}",)),
        lambda: celery.send_task(TASK, args=(Trap(mark),), serializer="pickle"),
        lambda: celery.send_task(TASK, args=({"id": 7},)),
        lambda: celery.send_task(TASK, args=("a", "b", "c")),
        lambda: celery.send_task(TASK, args=("no-such-task/1,x",)),
        lambda: celery.send_task(TASK, args=("",)),
        lambda: celery.send_task(TASK, args=("x",), serializer="yaml", headers={"id": 7}),
    ]
    # When
    for push in garbage:
        campaign.submit_many(2)
        push()
        campaign.fault("garbage in the queue")
        campaign.submit_many(2)
        wait_until(lambda: store.llen("interactive") == 0 or has_ended(worker), "the queue is empty", 60)
        # What runs the worker starts it again, as compose and the launcher do.
        if has_ended(worker):
            campaign.fault("worker ended")
            worker.start()
    # Then
    row = campaign.settle()
    celery.close()
    store.close()
    assert row.ends == {"succeeded": row.accepted}
    assert not mark.exists()


def has_ended(program: Program) -> bool:
    return program.process is None or program.process.poll() is not None
