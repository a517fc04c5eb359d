"""The job record: the truth about every task, in Redis. The queue only carries hints that point here.

A *piece* is what one Celery message names: a document (`<task_id>`), a slice of its pages (`<task_id>/<page>,<page>`)
or the assembly of its result (`<task_id>/finish`). A piece is open until it is done; who works on it holds a lease
and renews it; an open piece that nobody holds and no queue carries is sent again. Each script in `lua/` names the
states it moves between; together they move a task only forward, and change nothing the second time.
"""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import resources
from typing import Any, Literal, NamedTuple, cast

import redis
from redis.backoff import NoBackoff
from redis.commands.core import Script
from redis.retry import Retry

from shared.errors import Code, OcrError
from shared.records import (
    Job,
    Submission,
    compress,
    decompress_by_pieces,
    encode,
    from_fields,
    to_fields,
    unpack,
)
from shared.schemas import JsonDict, Status

PREFIX = "ocr:"
EVENTS = PREFIX + "events:"
ENDED = b"done"
"""What the scripts publish to a task's channel when it is over."""
TOMBSTONE_SECONDS = 7 * 24 * 3600
MOST_ATTEMPTS = 3
FINISH = "finish"
_SCRIPTS = (
    "submit",
    "refuse",
    "reuse",
    "claim",
    "renew",
    "release",
    "plan",
    "pages",
    "close",
    "finish",
    "erase",
    "missed",
)
_FINAL_WRITES = {"plan", "pages", "close", "finish", "release"}
"""What work has come to; done again only at the cost of the work."""
_WRITE_AGAIN_SECONDS = 0.5


class Claim(NamedTuple):
    """`running_seconds`: since the task began, by Redis' clock; `job` is there when the outcome is `claimed`."""

    outcome: Literal["claimed", "gone", "busy", "exhausted"]
    attempts: int = 0
    running_seconds: float = 0
    error: str = ""
    job: Job | None = None


class Submitted(NamedTuple):
    """`value`: a task's id, or for `full` and `busy` how many tasks are open; `expires` comes with `accepted`."""

    outcome: Literal["accepted", "replayed", "mismatch", "full", "busy"]
    value: str
    expires: int | None = None


class Waiting(NamedTuple):
    """Queued tasks, how long the first of them waits, and how long ago a worker last took a piece of any."""

    tasks: int
    oldest_seconds: float
    consumed_seconds_ago: float | None

    def is_stalled(self, seconds: float) -> bool:
        idle = self.consumed_seconds_ago is None or self.consumed_seconds_ago > seconds
        return self.oldest_seconds > seconds and idle


class Standing(NamedTuple):
    """As it was written; `expires`, in milliseconds since the epoch, is there once the task is over."""

    status: str
    expires: str | None


class Idempotency(NamedTuple):
    key: str
    fingerprint: str


def connect(redis_url: str) -> redis.Redis:
    """A client that gives up within seconds, so that no caller hangs with a Redis that is down or silent."""
    # The library refuses this option for a Unix socket.
    keepalive = {} if redis_url.startswith("unix:") else {"socket_keepalive": True}
    return redis.Redis.from_url(
        redis_url,
        socket_timeout=5,
        socket_connect_timeout=3,
        health_check_interval=5,
        retry=Retry(NoBackoff(), 1),
        **keepalive,
    )


@contextmanager
def redis_errors() -> Iterator[None]:
    try:
        yield
    except redis.RedisError as error:
        raise OcrError(Code.BROKER_UNAVAILABLE, "The task store cannot be reached; try again shortly.") from error


class Jobs:
    """Every change is one atomic round trip. Raises `OcrError(BROKER_UNAVAILABLE)` where Redis does not answer.

    `patience_seconds`: how long an outage of Redis may last without the loss of work that was being done.
    """

    def __init__(self, client: redis.Redis, result_seconds: int, *, patience_seconds: float = 0) -> None:
        self._redis = client
        self._patience_seconds = patience_seconds
        self._result_seconds = result_seconds
        self._scripts = {name: _load_script(client, name) for name in _SCRIPTS}

    def submit(
        self,
        submission: Submission,
        message: str,
        *,
        most: int,
        owners_most: int,
        idempotency: Idempotency | None = None,
    ) -> Submitted:
        """Write the record and send `message`, which names its document, to the queue of its priority."""
        key, fingerprint = idempotency or Idempotency("", "")
        outcome, value, *created = self._run(
            "submit",
            submission.task_id,
            submission.owner,
            most,
            owners_most,
            submission.priority,
            message,
            key,
            fingerprint,
            self._result_seconds,
            *to_fields(submission),
        )
        if outcome == b"refused":
            raise OcrError(Code.BROKER_UNAVAILABLE, "The task store took too long; try again.")
        return Submitted(_text(outcome), _text(value), *(moment + self._result_seconds * 1000 for moment in created))

    def refuse(self, task_id: str) -> bool:
        """True where a task has no record; then it will have none, should its submission still be under way."""
        return bool(self._run("refuse", task_id, TOMBSTONE_SECONDS))

    def reuse(self, submission: Submission) -> list[str]:
        """Finish a new task at once from an earlier one's result; tasks that have its files, none if there is none."""
        sources = self._run(
            "reuse",
            submission.task_id,
            submission.owner,
            submission.cache_digest,
            self._result_seconds,
            TOMBSTONE_SECONDS,
            "priority",
            submission.priority,
            *to_fields(submission),
        )
        return [_text(source) for source in sources]

    def claim(self, piece: str, token: str, lease_seconds: float) -> Claim:
        answer = self._run("claim", piece, token, int(lease_seconds * 1000), MOST_ATTEMPTS)
        match answer:
            case [b"claimed", attempts, running, record]:
                job = self._job(piece.partition("/")[0], dict(zip(record[::2], record[1::2], strict=True)))
                return Claim("claimed", attempts, running / 1000, job=job)
            case [b"exhausted", attempts, error]:
                return Claim("exhausted", attempts, error=_text(error))
        return Claim(_text(answer[0]))

    def renew(self, piece: str, token: str, lease_seconds: float) -> str:
        """`kept`, `lost`, or the final status that the task has meanwhile."""
        return str(_text(self._run("renew", piece, token, int(lease_seconds * 1000))))

    def release(self, piece: str, token: str, *, error: str = "", forgiven: bool = False) -> None:
        self._run("release", piece, token, error, int(forgiven))

    def plan(self, task_id: str, pages_total: int, pieces: list[str]) -> bool:
        return bool(self._run("plan", task_id, pages_total, *pieces))

    def keep_pages(self, task_id: str, pages: Mapping[int, JsonDict], most_bytes: int | None = None) -> tuple[int, int]:
        """Keep pages by their numbers. Pages done and pages in all; (-1, -1) when the task is over.

        Raises:
            OcrError: All pages together are larger than `most_bytes`.
        """
        encoded = {number: encode(page) for number, page in pages.items()}
        arguments = (item for number, data in encoded.items() for item in (number, compress(data), len(data)))
        done, total, kept_bytes = map(int, self._run("pages", task_id, finish_piece(task_id), *arguments))
        if most_bytes is not None and kept_bytes > most_bytes:
            raise OcrError(Code.ENGINE_ERROR, f"The result is larger than {most_bytes} bytes.")
        return done, total

    def close(self, piece: str, token: str) -> None:
        """A slice's pages are all kept; `token` is empty for a piece that nobody can hold any more."""
        self._run("close", piece, token)

    def finish(
        self,
        task_id: str,
        status: Status,
        *,
        result: bytes = b"",
        error: JsonDict | None = None,
        partial: bool = False,
        reusable: bool = True,
        pages_total: int | None = None,
    ) -> bool:
        """True when this call ended the task; the first writer wins. A document of one page was never planned.

        The same upload may be answered from a `reusable` result, unless that is `partial`.
        """
        return bool(
            self._run(
                "finish",
                task_id,
                status.value,
                compress(result),
                json.dumps(error) if error else "",
                self._result_seconds,
                TOMBSTONE_SECONDS,
                int(partial),
                pages_total or "",
                int(reusable and not partial),
            )
        )

    def erase(self, task_id: str) -> bool:
        return bool(self._run("erase", task_id, TOMBSTONE_SECONDS))

    def find(self, task_id: str, owner: str | None = None) -> Job:
        """The record; `owner` None sees everybody's. Raises TASK_NOT_FOUND, TASK_EXPIRED or TASK_DELETED."""
        return self.look(task_id, owner)[0]

    def look(self, task_id: str, owner: str | None = None) -> tuple[Job, int | None]:
        """What `find` gives, and how many tasks wait before this one, itself included; None once it runs."""
        with redis_errors():
            pipeline = self._redis.pipeline(transaction=False)
            pipeline.hgetall(f"{PREFIX}job:{task_id}")
            pipeline.zrank(f"{PREFIX}waiting", task_id)
            record, rank = pipeline.execute()
            if record and owner in {None, _text(record[b"owner"])}:
                return self._job(task_id, record), None if rank is None else rank + 1
            gone = cast("bytes | None", self._redis.get(f"{PREFIX}gone:{task_id}")) if not record else None
        code, _, gone_owner = _text(gone or b"").partition(" ")
        if code and owner in {None, gone_owner}:
            reason = "was deleted" if code == Code.TASK_DELETED else "has expired"
            raise OcrError(Code(code), f"The task's result {reason}.")
        raise OcrError(Code.TASK_NOT_FOUND, "No task has this id.")

    def standings(self, task_ids: Sequence[str]) -> dict[str, Standing]:
        """How those of these tasks stand that have a record, from one round trip."""
        with redis_errors():
            pipeline = self._redis.pipeline(transaction=False)
            for task_id in task_ids:
                pipeline.hmget(f"{PREFIX}job:{task_id}", "status", "expires")
            records = pipeline.execute()
        return {
            task_id: Standing(_text(status), None if expires is None else _text(expires))
            for task_id, (status, expires) in zip(task_ids, records, strict=True)
            if status is not None
        }

    def result(self, task_id: str) -> Iterator[bytes] | None:
        """The result's JSON text, by pieces of at most a megabyte, for it need not be held as a whole."""
        with redis_errors():
            pipeline = self._redis.pipeline(transaction=False)
            pipeline.get(f"{PREFIX}result:{task_id}")
            pipeline.hget(f"{PREFIX}job:{task_id}", "origin")
            packed, origin = pipeline.execute()
            if origin is not None:
                packed = self._redis.get(f"{PREFIX}result:{_text(origin)}")
        return None if packed is None else decompress_by_pieces(packed)

    def page(self, task_id: str, number: int) -> JsonDict | None:
        """A page kept so far by a task that still runs."""
        with redis_errors():
            packed = cast("bytes | None", self._redis.hget(f"{PREFIX}pages:{task_id}", str(number)))
        return None if packed is None else unpack(packed)

    def pages(self, task_id: str) -> list[JsonDict]:
        with redis_errors():
            packed = cast("dict[bytes, bytes]", self._redis.hgetall(f"{PREFIX}pages:{task_id}"))
        return [unpack(packed[number]) for number in sorted(packed, key=int)]

    def page_numbers(self, task_id: str) -> set[int]:
        with redis_errors():
            return {int(number) for number in cast("list[bytes]", self._redis.hkeys(f"{PREFIX}pages:{task_id}"))}

    def waiting(self) -> Waiting:
        with redis_errors():
            pipeline = self._redis.pipeline(transaction=False)
            pipeline.time()
            pipeline.zcard(f"{PREFIX}waiting")
            pipeline.zrange(f"{PREFIX}waiting", 0, 0)
            pipeline.get(f"{PREFIX}consumed")
            (seconds, _), tasks, first, consumed = pipeline.execute()
            created = self._field(_text(first[0]), "created") if first else None
        return Waiting(
            tasks,
            oldest_seconds=max(0.0, seconds - int(created) / 1000) if created else 0.0,
            consumed_seconds_ago=max(0.0, seconds - int(consumed) / 1000) if consumed else None,
        )

    def pace_seconds(self) -> float | None:
        """The mean time between the ends of the last tasks and now; None where none has ended."""
        with redis_errors():
            ends = cast("list[bytes]", self._redis.lrange(f"{PREFIX}pace", 0, -1))
            seconds, _ = self._redis.time()
        return max(0.0, seconds - int(ends[-1]) / 1000) / len(ends) if ends else None

    def take_turn(self, duty: str, seconds: float) -> bool:
        """True for one caller of all in so many seconds."""
        with redis_errors():
            return bool(self._redis.set(f"{PREFIX}turn:{duty}", 1, px=int(seconds * 1000), nx=True))

    def compact(self) -> None:
        """Have Redis write its log anew, which until then holds what was erased."""
        with redis_errors():
            self._redis.bgrewriteaof()

    def orphans(self) -> list[str]:
        """The open pieces that nobody holds a lease on."""
        with redis_errors():
            pieces = [_text(piece) for piece in cast("list[bytes]", self._redis.zrange(f"{PREFIX}open", 0, -1))]
            pipeline = self._redis.pipeline(transaction=False)
            for piece in pieces:
                pipeline.hget(f"{PREFIX}lease:{piece}", "until")
            seconds, _ = self._redis.time()
            leases = pipeline.execute()
        return [piece for piece, until in zip(pieces, leases, strict=True) if int(until or 0) <= seconds * 1000]

    def missed(self, pieces: list[str], times: int) -> list[str]:
        """Note that these pieces are neither held nor queued; those now seen so `times` times in a row."""
        return [_text(piece) for piece in self._run("missed", times, *pieces)]

    def ended(self, seconds_ago: float) -> list[str]:
        """Tasks that so long ago ended, were erased or expired, and whose files nobody has looked after since."""
        with redis_errors():
            seconds, microseconds = self._redis.time()
            latest = int((seconds + microseconds / 1e6 - seconds_ago) * 1000)
            found = cast("list[bytes]", self._redis.zrange(f"{PREFIX}ended", "-inf", latest, byscore=True))
        return [_text(task_id) for task_id in found]

    def look_after(self, ended: Mapping[str, int | None]) -> None:
        """The files of these ended tasks are as they should be, until the moment given with a task."""
        expiring = {task_id: moment for task_id, moment in ended.items() if moment is not None}
        done = ended.keys() - expiring.keys()
        with redis_errors():
            if done:
                self._redis.zrem(f"{PREFIX}ended", *done)
            if expiring:
                self._redis.zadd(f"{PREFIX}ended", expiring)

    def forgive(self, pieces: list[str]) -> None:
        """These pieces are queued after all."""
        if pieces:
            with redis_errors():
                self._redis.hdel(f"{PREFIX}misses", *pieces)

    def _job(self, task_id: str, record: dict[bytes, bytes]) -> Job:
        return from_fields(task_id, {_text(k): _text(v) for k, v in record.items()}, self._result_seconds)

    def _field(self, task_id: str, name: str) -> bytes | None:
        with redis_errors():
            return cast("bytes | None", self._redis.hget(f"{PREFIX}job:{task_id}", name))

    def _run(self, name: str, *arguments: str | bytes | float) -> Any:
        end = time.monotonic() + (self._patience_seconds if name in _FINAL_WRITES else 0)
        while True:
            try:
                with redis_errors():
                    return self._scripts[name](keys=[PREFIX], args=list(arguments))
            except OcrError:
                if time.monotonic() >= end:
                    raise
            time.sleep(_WRITE_AGAIN_SECONDS)


def finish_piece(task_id: str) -> str:
    return f"{task_id}/{FINISH}"


def _load_script(client: redis.Redis, name: str) -> Script:
    folder = resources.files("shared") / "lua"
    common, script = (folder / f"{part}.lua" for part in ("common", name))
    return client.register_script(common.read_text() + script.read_text())


def _text(value: Any) -> Any:
    return value.decode() if isinstance(value, bytes) else str(value)
