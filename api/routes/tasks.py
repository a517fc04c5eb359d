"""`GET /ocr/{task_id}`: where a task stands and, once it is there, its result; its pages; its end."""

import json
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from api.answers import CANCELLED, TASK
from api.deps import GivenServices, Owner, refuse_other_origins, wants_html
from api.pages import task_page
from api.tasks import (
    LONGEST_WAIT_SECONDS,
    answer_json,
    is_known,
    load_task,
    make_etag,
    see_task,
    use_result,
    wait_for_task,
)
from shared.errors import Code, OcrError
from shared.schemas import JsonDict, PageResult, Status, Task

router = APIRouter()

_RETRY_AFTER_SECONDS = 1


@router.get("/ocr/{task_id}", response_model=Task, responses=TASK, name="get_task")
async def get_task(
    request: Request,
    services: GivenServices,
    owner: Owner,
    task_id: str,
    *,
    wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT_SECONDS)] = 0,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """The task, with its result once it has succeeded.

    With `wait`, the answer comes when the task is over, at the latest after so many seconds; together with
    `If-None-Match` as soon as anything has changed.
    """
    task, body = await wait_for_task(services, task_id, owner, wait, if_none_match)
    if wants_html(request):
        if task["status"] is Status.SUCCEEDED:
            return await use_result(services, task, lambda result: task_page(request, {**task, "result": result}))
        return task_page(request, task)
    headers = {"ETag": make_etag(task), "Cache-Control": "no-store", "Vary": "Accept"}
    if not task["status"].is_final:
        headers["Retry-After"] = str(_RETRY_AFTER_SECONDS)
    if is_known(task, if_none_match):
        return Response(status_code=304, headers=headers)
    return answer_json(body, 200, headers)


@router.get("/ocr/{task_id}/pages/{number}", response_model=PageResult)
async def get_page(services: GivenServices, owner: Owner, task_id: str, number: int) -> Response:
    """One page, as soon as it is read and as long as the result is kept."""
    task = await load_task(services, task_id, owner)
    if task["status"] is Status.SUCCEEDED:
        page = await use_result(services, task, lambda result: _find_page(result, number))
    else:
        page = await run_in_threadpool(services.jobs.page, task_id, number)
    if page is None and _may_come(task, number):
        raise OcrError(Code.TASK_NOT_FINISHED, f"Page {number} has not been read yet.")
    if page is None:
        raise OcrError(Code.PAGE_NOT_FOUND, f"The task has no page {number}.")
    return Response(json.dumps(page, ensure_ascii=False), media_type="application/json")


def _may_come(task: Task, number: int) -> bool:
    """Whether the page may still be read; of some pages of a document, its total does not tell the last one."""
    total = None if task["options"]["pages"] else task["progress"]["pages_total"]
    return not task["status"].is_final and 1 <= number <= (total or number)


@router.post("/ocr/{task_id}/cancel", status_code=202, response_model=Task, responses=CANCELLED)
async def cancel_task(request: Request, services: GivenServices, owner: Owner, task_id: str) -> Response:
    """End a task that has not finished; a recognition under way is killed within two seconds."""
    refuse_other_origins(request)
    await load_task(services, task_id, owner)
    error = OcrError(Code.CANCELLED, "The client cancelled the task.").problem()
    if not await run_in_threadpool(services.jobs.finish, task_id, Status.CANCELLED, error=error):
        raise OcrError(Code.TASK_ALREADY_FINISHED, "The task had finished before.")
    if not services.settings.keep_upload:
        await run_in_threadpool(services.storage.erase_upload, task_id)
    if wants_html(request):
        return RedirectResponse(request.url_for("get_task", task_id=task_id), 303)
    cancelled = await see_task(services, task_id, owner)
    return answer_json(cancelled.body, 202)


@router.delete("/ocr/{task_id}", status_code=204)
async def delete_task(services: GivenServices, owner: Owner, task_id: str) -> None:
    """Erase all there is of a task: upload, pages, result, renderings. What runs is cancelled."""
    await load_task(services, task_id, owner)
    await run_in_threadpool(services.jobs.erase, task_id)
    await run_in_threadpool(services.storage.erase, task_id)


@router.post("/ocr/{task_id}/delete", include_in_schema=False)
async def delete_task_by_form(request: Request, services: GivenServices, owner: Owner, task_id: str) -> Response:
    """`DELETE` for the task's page, whose form knows no such method; leads to the upload form."""
    refuse_other_origins(request)
    await delete_task(services, owner, task_id)
    return RedirectResponse(request.url_for("get_form"), 303)


def _find_page(result: JsonDict, number: int) -> JsonDict | None:
    return next((page for page in result.get("pages") or [] if page.get("number") == number), None)
