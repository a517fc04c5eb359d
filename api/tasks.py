"""A job record as the task that a client sees."""

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import chain
from typing import NamedTuple, TypeVar, cast

from anyio import to_thread
from fastapi import Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from api.deps import Services
from shared.errors import Code, OcrError
from shared.records import Job
from shared.render import FORMATS
from shared.schemas import JsonDict, Problem, Status, Task

LONGEST_WAIT_SECONDS = 60.0
_LOOK_AGAIN_SECONDS = 2.0
_FIRST_LOOK_SECONDS = 0.05
"""Should a task end before anybody listens, its client waits so long in vain."""

_WHOLE_BYTES = 1 << 20
"""What is larger goes out piece by piece, as fast as its client takes it."""

Made = TypeVar("Made")
Body = bytes | Iterator[bytes]

_TAG = re.compile(r'(?:W/)?("[^"]*")')


class Seen(NamedTuple):
    """A task at some moment, and its JSON with its result, which is passed on as it is stored."""

    task: Task
    body: Body


async def load_task(services: Services, task_id: str, owner: str) -> Task:
    """The task without its result.

    Raises:
        OcrError: TASK_NOT_FOUND for an unknown id and for somebody else's, TASK_EXPIRED or TASK_DELETED.
    """
    return await run_in_threadpool(_load_task, services, task_id, owner)


async def see_task(services: Services, task_id: str, owner: str, known: str | None = None) -> Seen:
    """The task with its result; without a body where it is `known`. Raises as `load_task`."""
    return await run_in_threadpool(_see_task, services, task_id, owner, known)


async def wait_for_task(
    services: Services, task_id: str, owner: str, seconds: float, known: str | None = None, *, is_new: bool = False
) -> Seen:
    """The task once it is over, or once it is none of those that are `known`, or after so many seconds.

    One that `is_new` cannot be over yet; a look at it would be in the way of whoever reads it.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + min(seconds, LONGEST_WAIT_SECONDS)
    with services.notifications.news_of(task_id, end_only=known is None) as news:
        if is_new:
            await _pause(news, min(seconds, _FIRST_LOOK_SECONDS))
        while True:
            news.clear()
            seen = await see_task(services, task_id, owner, known)
            remaining = deadline - loop.time()
            changed = known is not None and not is_known(seen.task, known)
            if seen.task["status"].is_final or changed or remaining <= 0:
                return seen
            await _pause(news, min(remaining, _LOOK_AGAIN_SECONDS))


async def _pause(news: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(news.wait(), seconds)


async def load_result(services: Services, task: Task) -> Body:
    """The JSON of the result of a task that has succeeded."""
    return await run_in_threadpool(lambda: _gather(_find_result(services, task)))


async def use_result(services: Services, task: Task, make: Callable[[JsonDict], Made]) -> Made:
    """What `make` makes of the result of a task that has succeeded, in a thread, when nothing else is being made."""
    return await to_thread.run_sync(lambda: make(_parse_result(services, task)), limiter=services.rendering)


def _see_task(services: Services, task_id: str, owner: str, known: str | None) -> Seen:
    task = _load_task(services, task_id, owner)
    if is_known(task, known):
        return Seen(task, b"")
    head = json.dumps(task, ensure_ascii=False, separators=(",", ":")).encode()
    if task["status"] is not Status.SUCCEEDED:
        return Seen(task, head)
    before, _, after = head.partition(b'"result":null')
    return Seen(task, _gather(chain([before, b'"result":'], _find_result(services, task), [after])))


def _parse_result(services: Services, task: Task) -> JsonDict:
    return cast("JsonDict", json.loads(b"".join(_find_result(services, task))))


def _find_result(services: Services, task: Task) -> Iterator[bytes]:
    """The stored result, before the rest of it the links to its other formats where it is a reading.

    Raises:
        OcrError: TASK_EXPIRED, between two looks.
    """
    result = services.jobs.result(task["task_id"])
    if result is None:
        raise OcrError(Code.TASK_EXPIRED, "The task's result has expired.")
    if task["progress"]["pages_total"] is None:
        return result
    formats = [name for name in FORMATS if name != "json"]
    if services.storage.searchable_pdf(task["task_id"]).exists():
        formats.append("pdf")
    links = {name: f"/ocr/{task['task_id']}/result?format={name}" for name in formats}
    return chain([b'{"links":', json.dumps(links).encode(), b",", next(result)[1:]], result)


def _gather(pieces: Iterator[bytes]) -> Body:
    """In one piece where it is small: it goes out at once then, and its client knows its length."""
    start = b""
    for piece in pieces:
        start += piece
        if len(start) > _WHOLE_BYTES:
            return chain([start], pieces)
    return start


def answer_json(body: Body, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    if isinstance(body, bytes):
        return Response(body, status, headers, media_type="application/json")
    return StreamingResponse(body, status, headers, media_type="application/json")


def make_etag(task: Task) -> str:
    progress, queue = task["progress"], task.get("queue", {"position": 0})
    return f'W/"{task["status"]}-{progress["pages_done"]}-{progress["pages_total"]}-{queue["position"]}"'


def is_known(task: Task, known: str | None) -> bool:
    """Whether `If-None-Match` names the task as it stands (RFC 9110, 13.1.2)."""
    known = (known or "").strip()
    return known == "*" or make_etag(task).removeprefix("W/") in _TAG.findall(known)


def format_moment(milliseconds: int) -> str:
    """RFC 3339 in UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _load_task(services: Services, task_id: str, owner: str) -> Task:
    job, position = services.jobs.look(task_id, owner)
    task = _describe(job)
    if position is not None:
        task["queue"] = {"position": position}
    return task


def _describe(job: Job) -> Task:
    total = job.pages_total
    stage = "recognizing" if job.status is Status.RUNNING else job.status.value
    percent = 100 if job.status is Status.SUCCEEDED else int(100 * job.pages_done / total) if total else 0
    return Task(
        task_id=job.task_id,
        status=job.status,
        partial=job.partial,
        attempts=job.attempts,
        created_at=format_moment(job.created),
        started_at=None if job.started is None else format_moment(job.started),
        finished_at=None if job.finished is None else format_moment(job.finished),
        expires_at=format_moment(job.expires),
        filename=job.filename,
        media_type=job.media_type,
        size_bytes=job.size_bytes,
        sha256=job.sha256,
        options=job.options.model_dump(),
        progress={"pages_done": job.pages_done, "pages_total": total, "percent": percent, "stage": stage},
        result=None,
        error=cast("Problem | None", job.error),
    )
