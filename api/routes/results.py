"""`GET /ocr/{task_id}/result`: a finished task's result in any format, made from the one recognition."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse

from api.answers import RESULT
from api.deps import GivenServices, Owner
from api.tasks import answer_json, load_result, load_task, use_result
from shared.errors import Code, OcrError
from shared.render import FORMATS, render
from shared.schemas import Status, Task

router = APIRouter()

_PDF = "application/pdf"


@router.get("/ocr/{task_id}/result", name="get_result", response_class=Response, responses=RESULT)
async def get_result(
    request: Request,
    services: GivenServices,
    owner: Owner,
    task_id: str,
    chosen: Annotated[str | None, Query(alias="format")] = None,
) -> Response:
    """The result in the named format, or in the one that `Accept` prefers."""
    name = chosen or _negotiate(request.headers.get("accept", ""))
    task = await load_task(services, task_id, owner)
    _check_success(task)
    headers = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff", "Vary": "Accept"}
    if name == "pdf":
        path = services.storage.searchable_pdf(task_id)
        if not path.exists():
            raise OcrError(Code.NOT_ACCEPTABLE, "This task has no searchable PDF.", available=list(FORMATS))
        return FileResponse(path, media_type=_PDF, filename=f"{task_id}.pdf", headers=headers)
    if name == "json":
        return answer_json(await load_result(services, task), 200, headers | _attach(task_id, name))
    body = await use_result(services, task, lambda result: render({**task, "result": result}, name))
    return Response(body, 200, headers | _attach(task_id, name), media_type=FORMATS[name].media_type)


def _attach(task_id: str, name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{task_id}.{FORMATS[name].extension}"'}


def _negotiate(accept: str) -> str:
    """The format that `Accept` weighs most, then the one it names first, then the first we have (RFC 9110, 12.5.1)."""
    kinds = {kind.media_type.partition(";")[0]: name for name, kind in FORMATS.items()} | {_PDF: "pdf"}
    weights: dict[str, tuple[float, int]] = {}
    for order, part in enumerate((accept or "*/*").split(",")):
        media_type, _, parameters = part.partition(";")
        weights[media_type.strip().lower()] = (_quality(parameters), -order)

    def weigh(media_type: str) -> tuple[float, int]:
        """By the most specific range alone, so that one of weight 0 shuts out what a wider one lets in."""
        ranges = (media_type, f"{media_type.partition('/')[0]}/*", "*/*")
        return next((weights[name] for name in ranges if name in weights), (0, 0))

    best = max(kinds, key=weigh)
    if weigh(best)[0] == 0:
        raise OcrError(Code.NOT_ACCEPTABLE, f"The result is available as {', '.join(kinds)}.", available=list(kinds))
    return kinds[best]


def _quality(parameters: str) -> float:
    """1 where there is no `q`, 0 where it is malformed, as `nan` is."""
    for parameter in parameters.split(";"):
        name, _, value = parameter.strip().partition("=")
        if name.strip().lower() == "q":
            try:
                quality = float(value)
            except ValueError:
                return 0.0
            return quality if 0 <= quality <= 1 else 0.0
    return 1.0


def _check_success(task: Task) -> None:
    if task["status"] is Status.SUCCEEDED:
        return
    if not task["status"].is_final:
        raise OcrError(Code.TASK_NOT_FINISHED, "The task has not finished.", retry_after_seconds=1)
    what = "was cancelled" if task["status"] is Status.CANCELLED else "has failed"
    detail = task["error"]["detail"] if task["error"] else ""
    raise OcrError(Code.TASK_ALREADY_FINISHED, f"The task has no result, it {what}. {detail}")
