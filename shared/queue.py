"""The Celery queues. A message is a hint that names a piece of work; losing or doubling one changes no result.

So messages are taken without acknowledgment. Acknowledged ones can be lost as well, between the two commands that
take one; and an acknowledgment that Redis does not take leaves Celery waiting for ever: its consumer takes no further
message then, and so never learns that its connection is gone.

They are made here and not by Celery's producer, so that the script that writes a record sends its message as well: one
write to the disk instead of two, and a fifth less for the API to do about a small picture.
"""

import json
import logging
import secrets
from collections.abc import Iterable
from typing import Literal, cast

import kombu.entity
import redis
from celery import Celery

from shared.errors import OcrError
from shared.jobs import redis_errors
from shared.settings import Settings

QUEUES = ("interactive", "bulk")
"""In the order in which a worker looks into them, see `_Turns`."""
TASK = "ocr.work"
_ID_SEPARATOR = "~"
_MOST_IN_A_ROW = 4


def make_celery(settings: Settings) -> Celery:
    """The Celery application of a worker."""
    celery = Celery("ocr", broker=_broker_url(settings.redis_url))
    celery.conf.update(
        accept_content=["json"],
        broker_connection_max_retries=None,
        broker_connection_retry_on_startup=True,
        broker_transport_options={
            "priority_steps": [0],  # of each queue Redis would be asked for four
            "queue_order_strategy": _Turns,
            "socket_timeout": 5,
            "socket_connect_timeout": 3,
            "socket_keepalive": True,
            "health_check_interval": 5,
        },
        task_queues=[_make_queue(name) for name in QUEUES],
        task_default_queue=QUEUES[0],
        task_ignore_result=True,
        task_time_limit=settings.limits.task_seconds + 60,
        worker_disable_prefetch=True,
        worker_hijack_root_logger=False,
        worker_max_tasks_per_child=None,
        worker_prefetch_multiplier=1,
        worker_send_task_events=False,
        worker_enable_remote_control=False,
    )
    return celery


class _Turns:
    """The order of queues for kombu's Redis transport: the first one first, the other one after a row of its messages.

    Or else a steady flood of small tasks would keep the pages of long documents waiting for ever.
    """

    def __init__(self) -> None:
        self._queues: list[str] = []
        self._in_a_row = 0

    def update(self, queues: Iterable[str]) -> None:
        self._queues = list(queues)

    def consume(self, count: int) -> list[str]:
        queues = self._queues[:count]
        return queues if self._in_a_row < _MOST_IN_A_ROW else queues[::-1]

    def rotate(self, taken_from: str) -> None:
        self._in_a_row = self._in_a_row + 1 if taken_from == QUEUES[0] else 0


def _make_queue(name: str) -> kombu.entity.Queue:
    return kombu.entity.Queue(name, routing_key=name, no_ack=True)  # type: ignore[no-untyped-call]  # kombu has no annotations


log = logging.getLogger(__name__)


def make_message(piece: str) -> str:
    """What a list of Redis holds of a call of the task: Celery's protocol 2 in kombu's envelope."""
    name = f"{piece}{_ID_SEPARATOR}{secrets.token_hex(4)}"
    return json.dumps(
        {
            "body": json.dumps([[piece], {}, {}]),
            "content-type": "application/json",
            "content-encoding": "utf-8",
            "headers": {"task": TASK, "id": name, "root_id": name, "lang": "py", "ignore_result": True},
            "properties": {"delivery_tag": name, "delivery_info": {}},
        }
    )


class Queue:
    """Sends pieces of work and tells which are waiting."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    def send(self, piece: str, queue: Literal["interactive", "bulk"]) -> None:
        """Raises `OcrError(BROKER_UNAVAILABLE)` within a few seconds where Redis does not take it."""
        with redis_errors():
            self._redis.lpush(queue, make_message(piece))

    def send_soon(self, piece: str, queue: Literal["interactive", "bulk"]) -> None:
        """Like `send`; where that fails, the workers' reconciler will send the open piece."""
        try:
            self.send(piece, queue)
        except OcrError as error:
            log.warning("not queued yet: %s", error.code)

    def is_waiting(self, queue: Literal["interactive", "bulk"]) -> bool:
        """Whether a message waits for a worker; no, where Redis does not tell."""
        try:
            with redis_errors():
                return bool(self._redis.llen(queue))
        except OcrError:
            return False

    def waiting(self) -> set[str]:
        """The pieces that some queue carries; what a worker has taken out is not among them."""
        with redis_errors():
            messages = [
                message for queue in QUEUES for message in cast("list[bytes]", self._redis.lrange(queue, 0, -1))
            ]
        return set(_pieces(messages))


def _pieces(messages: Iterable[bytes]) -> Iterable[str]:
    for message in messages:
        try:
            task_id = json.loads(message)["headers"]["id"]
        except (ValueError, KeyError, TypeError):  # somebody else's bytes: a worker will throw them out
            continue
        yield str(task_id).partition(_ID_SEPARATOR)[0]


def _broker_url(redis_url: str) -> str:
    """redis-py and kombu name a socket differently."""
    return redis_url.replace("unix://", "redis+socket://", 1)
