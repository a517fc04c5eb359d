"""A job record as the task that a client sees."""

import asyncio
import json
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import NamedTuple, TypeVar, cast

from anyio import to_thread
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

Made = TypeVar("Made")

_TAG = re.compile(r'(?:W/)?("[^"]*")')


class Seen(NamedTuple):
    """A task at some moment, and its JSON with its result, which is passed on as it is stored."""

    task: Task
    body: bytes


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


async def use_result(services: Services, task: Task, make: Callable[[JsonDict], Made]) -> Made:
    """What `make` makes of the result of a task that has succeeded, in a thread, when nothing else is being made."""
    return await to_thread.run_sync(lambda: make(_parse_result(services, task)), limiter=services.rendering)


def _see_task(services: Services, task_id: str, owner: str, known: str | None) -> Seen:
    task = _load_task(services, task_id, owner)
    if is_known(task, known):
        return Seen(task, b"")
    head = json.dumps(task, ensure_ascii=False, separators=(",", ":")).encode()
    result = _load_result(services, task)
    return Seen(task, head if result is None else head.replace(b'"result":null', b'"result":' + result, 1))


def _parse_result(services: Services, task: Task) -> JsonDict:
    result = _load_result(services, task)
    if result is None:  # it expired between two looks
        raise OcrError(Code.TASK_EXPIRED, "The task's result has expired.")
    return cast("JsonDict", json.loads(result))


def _load_result(services: Services, task: Task) -> bytes | None:
    """The stored result and, where it is a reading, the links to its other formats."""
    if task["status"] is not Status.SUCCEEDED:
        return None
    result = services.jobs.result(task["task_id"])
    if result is None or task["progress"]["pages_total"] is None:
        return result
    formats = [name for name in FORMATS if name != "json"]
    if services.storage.searchable_pdf(task["task_id"]).exists():
        formats.append("pdf")
    links = {name: f"/ocr/{task['task_id']}/result?format={name}" for name in formats}
    return result[:-1] + b',"links":' + json.dumps(links).encode() + b"}"


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
    job = services.jobs.find(task_id, owner)
    task = _describe(job)
    if job.status is Status.QUEUED:
        position = services.jobs.position(task_id)
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
