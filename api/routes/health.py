"""What orchestrators ask: does the process live, can it take work, what is it."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from api.answers import UNREADY
from api.deps import GivenServices
from shared.errors import OcrError
from shared.version import VERSION

router = APIRouter()

_STALLED_SECONDS = 30


@router.get("/health/live")
async def get_live() -> dict[str, str]:
    """The process answers; nothing else is asked, not even a thread of those that may all wait for Redis."""
    return {"status": "live"}


@router.get("/health/ready", response_model=dict[str, Any], responses=UNREADY)
def get_ready(services: GivenServices) -> JSONResponse:
    """Redis answers, a worker lives, and what waits is being taken: 200; else 503 that says what is missing."""
    try:
        waiting = services.jobs.waiting()
    except OcrError as error:
        return JSONResponse({"status": "unready", "reason": error.code}, 503)
    workers = services.fleet.alive()
    report = {
        "workers": [
            {"name": worker.name, "slots": worker.slots, "protections": worker.protections} for worker in workers
        ],
        "waiting": waiting.tasks,
        "oldest_seconds": waiting.oldest_seconds,
        "consumed_seconds_ago": waiting.consumed_seconds_ago,
    }
    reason = None
    if not workers:
        reason = "no_worker"
    elif waiting.is_stalled(_STALLED_SECONDS):
        reason = "workers_do_not_consume"
    status = {"status": "ready"} if reason is None else {"status": "unready", "reason": reason}
    return JSONResponse({**status, **report}, 200 if reason is None else 503)


@router.get("/version")
def get_version(services: GivenServices) -> dict[str, Any]:
    """This API's version and what its workers run with."""
    workers = services.fleet.members()
    return {
        "version": VERSION,
        "pipelines": sorted({worker.pipeline for worker in workers}),
        "protections": {worker.name: worker.protections for worker in workers},
    }
