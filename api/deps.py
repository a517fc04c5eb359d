"""What a request handler may ask for."""

from dataclasses import dataclass, field
from typing import Annotated, cast

from anyio import CapacityLimiter
from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from api.auth import Caller, Gate
from api.doubts import Doubts
from api.fleet import Fleet
from api.notifications import Notifications
from shared.errors import Code, OcrError
from shared.jobs import Jobs
from shared.settings import Settings
from shared.storage import Storage


@dataclass(frozen=True, slots=True)
class Services:
    """What the API stands on; tests build it from parts of their own."""

    settings: Settings
    jobs: Jobs
    storage: Storage
    fleet: Fleet
    notifications: Notifications
    gate: Gate
    doubts: Doubts
    rendering: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(1))
    """A result takes twenty times its size while something is made of it, and two at a time would be no sooner done."""


# A dependency that is no coroutine would cost each request a thread of its own.
async def get_services(request: Request) -> Services:
    return cast("Services", request.app.state.services)


async def get_caller(request: Request, services: Annotated[Services, Depends(get_services)]) -> Caller:
    if services.gate.is_informed:
        return services.gate.admit(request.headers)
    return await run_in_threadpool(services.gate.admit, request.headers)


async def get_owner(caller: Annotated[Caller, Depends(get_caller)]) -> str:
    return caller.owner


def wants_html(request: Request) -> bool:
    """A browser names HTML first; an API client names JSON or nothing."""
    accepted = [part.partition(";")[0].strip() for part in request.headers.get("accept", "").split(",")]
    return "text/html" in accepted and "application/json" not in accepted


def refuse_other_origins(request: Request) -> None:
    """A page of another site must not make a browser submit here."""
    origin = request.headers.get("origin")
    if origin is not None and origin.partition("://")[2] != request.headers.get("host"):
        raise OcrError(Code.FORBIDDEN, "Forms of other origins are not accepted.")


GivenServices = Annotated[Services, Depends(get_services)]
GivenCaller = Annotated[Caller, Depends(get_caller)]
Owner = Annotated[str, Depends(get_owner)]
