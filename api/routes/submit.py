"""`POST /ocr`: an upload in, a task out."""

import hashlib
import math
import re
import uuid
from collections.abc import Callable
from typing import Annotated, Literal, NamedTuple

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool

from api.answers import SUBMITTED
from api.auth import Caller
from api.deps import GivenCaller, GivenServices, Services, refuse_other_origins, wants_html
from api.media import EXTENSIONS
from api.options import parse_options
from api.tasks import LONGEST_WAIT_SECONDS, answer_json, format_moment, load_task, wait_for_task
from api.uploads import Upload, receive_upload
from shared.errors import Code, OcrError
from shared.jobs import Idempotency
from shared.queue import make_message
from shared.records import Submission, cache_digest
from shared.schemas import Accepted, Options, Status
from shared.storage import Incoming

router = APIRouter()

_WAIT = re.compile(r'(?:^|,)\s*wait\s*=\s*"?(\d+)"?\s*(?:[,;]|$)', re.IGNORECASE)
_MOST_KEY_CHARACTERS = 255
_RETRY_AFTER_SECONDS = 1
_UNKNOWN_RETRY_AFTER_SECONDS, _LONGEST_RETRY_AFTER_SECONDS = 5, 60
_FORM = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {
                    "file": {"type": "string", "format": "binary"},
                    **Options.model_json_schema()["properties"],
                },
                "additionalProperties": False,
            }
        }
    },
}


class _Taken(NamedTuple):
    """The task that a client gets, and how that comes by its result: a replayed one is an earlier task itself.

    `expires` is there for a queued one, of which nothing else needs to be asked.
    """

    task_id: str
    how: Literal["queued", "reused", "replayed"]
    expires: int | None = None


@router.post(
    "/ocr", status_code=202, response_model=Accepted, responses=SUBMITTED, openapi_extra={"requestBody": _FORM}
)
async def submit_upload(
    request: Request,
    services: GivenServices,
    caller: GivenCaller,
    prefer: Annotated[str, Header()] = "",
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=_MOST_KEY_CHARACTERS)] = None,
) -> Response:
    """Store an upload and queue it.

    `Prefer: wait=10` answers 200 with the result if it is there within ten seconds. The same `Idempotency-Key` with
    the same request answers with the same task.
    """
    refuse_other_origins(request)
    if caller.key:
        await run_in_threadpool(services.gate.count_request, caller)
    limits = services.settings.limits
    with services.gate.uploading(caller, limits.max_uploads_per_key), services.storage.incoming() as incoming:
        inspect = await receive_upload(request, incoming, limits)
        task_id, how, expires = await run_in_threadpool(_accept, services, caller, inspect, incoming, idempotency_key)
    headers = {"Idempotent-Replayed": "true"} if how == "replayed" else {}
    if wants_html(request):
        return RedirectResponse(request.url_for("get_task", task_id=task_id), 303, headers)
    wait = _WAIT.search(prefer)
    if wait is None and expires is not None:
        return _answer(request, task_id, Status.QUEUED, format_moment(expires), headers)
    if wait is None:
        task = await load_task(services, task_id, caller.owner)
        return _answer(request, task_id, task["status"], task["expires_at"], headers)
    seconds = min(float(wait[1]), LONGEST_WAIT_SECONDS)
    task, body = await wait_for_task(services, task_id, caller.owner, seconds, is_new=how == "queued")
    headers["Preference-Applied"] = f"wait={seconds:.0f}"
    if not task["status"].is_final:
        return _answer(request, task_id, task["status"], task["expires_at"], headers)
    return answer_json(body, 200, headers)


def _describe(services: Services, upload: Upload, owner: str) -> Submission:
    wishes = parse_options(upload.fields, services.settings, services.fleet.languages(), services.fleet.engines())
    pipeline = services.fleet.pipeline() if services.settings.cache and not services.settings.has_own_processor else ""
    return Submission(
        task_id=str(uuid.uuid4()),
        owner=owner,
        filename=upload.filename,
        media_type=upload.media_type,
        size_bytes=upload.size_bytes,
        sha256=upload.sha256,
        options=wishes.options,
        priority=wishes.priority,
        cache_digest=cache_digest(upload.sha256, wishes.options, pipeline) if pipeline else "",
    )


def _accept(
    services: Services, caller: Caller, inspect: Callable[[], Upload], incoming: Incoming, key: str | None
) -> _Taken:
    """Store and queue an upload.

    The upload is in its place before the record and the queue name it: whatever dies in between, nothing accepted is
    lost and nothing refused stays.
    """
    submission = _describe(services, inspect(), caller.owner)
    if submission.cache_digest and key is None and _reuse(services, submission):
        return _Taken(submission.task_id, "reused")
    services.storage.keep(incoming, submission.task_id, EXTENSIONS[submission.media_type])
    try:
        taken = _record(services, caller, submission, key)
    except OcrError as error:
        if error.code is Code.BROKER_UNAVAILABLE:
            services.doubts.add(submission.task_id)
        else:
            services.storage.erase(submission.task_id)
        raise
    if taken.how == "replayed":
        services.storage.erase(submission.task_id)
    return taken


def _reuse(services: Services, submission: Submission) -> bool:
    sources = services.jobs.reuse(submission)
    services.storage.share_searchable_pdf(sources, submission.task_id)
    return bool(sources)


def _record(services: Services, caller: Caller, submission: Submission, key: str | None) -> _Taken:
    limits = services.settings.limits
    idempotency = Idempotency(hashlib.sha256(key.encode()).hexdigest(), _fingerprint(submission)) if key else None
    own_cap = caller.key.max_open if caller.key else None
    owners_most = limits.max_queue_per_key if own_cap is None else own_cap
    outcome, value, expires = services.jobs.submit(
        submission,
        make_message(submission.task_id),
        most=limits.max_queue,
        owners_most=owners_most,
        idempotency=idempotency,
    )
    if outcome == "mismatch":
        raise OcrError(Code.IDEMPOTENCY_MISMATCH, "This Idempotency-Key came with another file or other options.")
    if outcome in {"full", "busy"}:
        whose = "of this key " if outcome == "busy" else ""
        detail = f"{value} tasks {whose}wait or run; no more are taken until some have finished."
        raise OcrError(
            Code.QUEUE_FULL, detail, retry_after_seconds=_estimate_wait_seconds(services.jobs.pace_seconds())
        )
    return _Taken(value, "replayed" if outcome == "replayed" else "queued", expires)


def _estimate_wait_seconds(pace_seconds: float | None) -> int:
    """When the next task may end, and leave its place to another."""
    if pace_seconds is None:
        return _UNKNOWN_RETRY_AFTER_SECONDS
    return min(max(1, math.ceil(pace_seconds)), _LONGEST_RETRY_AFTER_SECONDS)


def _fingerprint(submission: Submission) -> str:
    """What must be the same for a request to be the same."""
    return f"{submission.sha256} {submission.options.model_dump_json()} {submission.priority}"


def _answer(request: Request, task_id: str, status: Status, expires_at: str, headers: dict[str, str]) -> Response:
    task_url = request.url_for("get_task", task_id=task_id)
    body = Accepted(
        task_id=task_id,
        status=status,
        status_url=str(task_url),
        result_url=str(request.url_for("get_result", task_id=task_id)),
        expires_at=expires_at,
    )
    retry = {} if status.is_final else {"Retry-After": str(_RETRY_AFTER_SECONDS)}
    located = {"Location": task_url.path, "Operation-Location": str(task_url)}
    return JSONResponse(body, 202, {**headers, **located, **retry})
