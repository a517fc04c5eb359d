"""The job store on a real Redis, and the short forms in which tests talk about it."""

import uuid
from typing import Any

import redis

from shared.jobs import PREFIX, Idempotency, Jobs, Submitted
from shared.queue import make_message
from shared.records import Submission
from shared.schemas import Options, Status

RESULT_SECONDS = 100
PAGE = {"number": 1, "status": "succeeded", "text": "read"}


class Store(Jobs):
    """`Jobs`, and what a test wants to see or to change behind its back."""

    def __init__(self, client: redis.Redis, result_seconds: int = RESULT_SECONDS, **options: float) -> None:
        super().__init__(client, result_seconds, **options)
        self.client = client

    def take(
        self, *, idempotency: Idempotency | None = None, most: int = 100, own: int = 100, **facts: Any
    ) -> Submitted:
        """Submit a task; its message is taken out of the queue, as if a worker had it or it were lost."""
        submission = make_submission(**facts)
        message = make_message(submission.task_id)
        taken = self.submit(submission, message, most=most, owners_most=own, idempotency=idempotency)
        self.client.lrem(submission.priority, 1, message)
        return taken

    def queued(self, **facts: Any) -> str:
        return self.take(**facts).value

    def running(self, **facts: Any) -> str:
        """A task that the owner token `first` has claimed."""
        task_id = self.queued(**facts)
        self.claim(task_id, "first", 10)
        return task_id

    def ended_with(self, status: Status, **facts: Any) -> str:
        task_id = self.running(**facts)
        self.finish(task_id, status, result=b'{"text":"read"}' if status is Status.SUCCEEDED else b"")
        return task_id

    def planned(self, pages: int) -> str:
        """A running document whose pages are a piece each."""
        task_id = self.running()
        self.plan(task_id, pages, [f"{task_id}/{number}" for number in range(2, pages + 1)])
        return task_id

    def expire_lease(self, piece: str) -> None:
        """As if its holder had been silent for too long."""
        self.client.hset(f"{PREFIX}lease:{piece}", "until", 0)

    def is_piece_open(self, piece: str) -> bool:
        return self.client.zscore(f"{PREFIX}open", piece) is not None

    def traces(self, task_id: str) -> set[str]:
        """The kinds of keys that still name the task, and the collections that list it or a piece of it."""
        keys = {key.decode().split(":")[1] for key in self.client.scan_iter(f"{PREFIX}*:{task_id}*")}
        sorted_sets = ("open", "active", "waiting", f"tasks:{self._owner(task_id)}")
        members = {name: self.client.zrange(PREFIX + name, 0, -1) for name in sorted_sets}
        members["misses"] = self.client.hkeys(f"{PREFIX}misses")
        listed = {name for name, ids in members.items() if any(task_id in name_.decode() for name_ in ids)}
        return keys | {name.partition(":")[0] for name in listed}

    def _owner(self, task_id: str) -> str:
        owner = self.client.hget(f"{PREFIX}job:{task_id}", "owner")
        return owner.decode() if owner else "someone"


def make_submission(**facts: Any) -> Submission:
    defaults: dict[str, Any] = {
        "task_id": str(uuid.uuid4()),
        "owner": "someone",
        "filename": "scan.png",
        "media_type": "image/png",
        "size_bytes": 1,
        "sha256": "0" * 64,
        "options": Options(),
    }
    return Submission(**{**defaults, **facts})
