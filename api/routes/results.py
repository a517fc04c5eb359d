"""`GET /ocr/{task_id}/result`: a finished task's result in any format, made from the one recognition."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse
from starlette.concurrency import run_in_threadpool

from api.answers import RESULT
from api.deps import GivenServices, Owner
from api.tasks import load_result, load_task
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
    """The result in the named format, or in the first one that `Accept` names."""
    name = chosen or _negotiate(request.headers.get("accept", ""))
    task = await load_task(services, task_id, owner)
    _check_success(task)
    headers = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff", "Vary": "Accept"}
    if name == "pdf":
        path = services.storage.searchable_pdf(task_id)
        if not path.exists():
            raise OcrError(Code.NOT_ACCEPTABLE, "This task has no searchable PDF.", available=list(FORMATS))
        return FileResponse(path, media_type=_PDF, filename=f"{task_id}.pdf", headers=headers)
    result = await load_result(services, task)
    body = await run_in_threadpool(render, {**task, "result": result}, name)
    kind = FORMATS[name]
    headers["Content-Disposition"] = f'attachment; filename="{task_id}.{kind.extension}"'
    return Response(body, 200, headers, media_type=kind.media_type)


def _negotiate(accept: str) -> str:
    """The format that `Accept` prefers; JSON where it takes anything."""
    kinds = {kind.media_type.partition(";")[0]: name for name, kind in FORMATS.items()} | {_PDF: "pdf"}
    weighed = []
    for order, part in enumerate(accept.split(",")):
        media_type, _, parameters = part.strip().partition(";")
        weighed.append((-_quality(parameters), order, media_type.strip()))
    for negative_quality, _, media_type in sorted(weighed):
        if not negative_quality:
            continue
        if media_type in {"*/*", "application/*", ""}:
            return "json"
        if media_type == "text/*":
            return "text"
        if media_type in kinds:
            return kinds[media_type]
    raise OcrError(Code.NOT_ACCEPTABLE, f"The result is available as {', '.join(kinds)}.", available=list(kinds))


def _quality(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.strip().partition("=")
        if name == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


def _check_success(task: Task) -> None:
    if task["status"] is Status.SUCCEEDED:
        return
    if not task["status"].is_final:
        raise OcrError(Code.TASK_NOT_FINISHED, "The task has not finished.", retry_after_seconds=1)
    detail = task["error"]["detail"] if task["error"] else ""
    raise OcrError(Code.TASK_ALREADY_FINISHED, f"The task has no result, it has {task['status']}. {detail}")
