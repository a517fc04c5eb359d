"""Failures as problem+json (RFC 9457), or as a page for a browser; one shape everywhere."""

import json
import logging
from typing import Any, cast

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from api.deps import wants_html
from api.pages import error_page
from shared.errors import Code, OcrError

_CODES = {400: Code.MALFORMED_REQUEST, 404: Code.NOT_FOUND, 405: Code.METHOD_NOT_ALLOWED, 406: Code.NOT_ACCEPTABLE}
_RETRY_AFTER_SECONDS = 2

log = logging.getLogger(__name__)


def problem_response(request: Request, error: OcrError) -> Response:
    problem = {**error.problem(), "instance": request.url.path, "request_id": request.state.request_id}
    headers = {"Cache-Control": "no-store"}
    if error.kind.retryable:
        headers["Retry-After"] = str(error.extra.get("retry_after_seconds", _RETRY_AFTER_SECONDS))
    if error.code is Code.UNAUTHENTICATED:
        browser, program = 'Basic realm="OCR", charset="UTF-8"', 'Bearer realm="OCR"'
        headers["WWW-Authenticate"] = browser if wants_html(request) else program
    if wants_html(request):
        page = error_page(request, problem)
        page.headers.update(headers)
        return page
    body = json.dumps(problem, ensure_ascii=False)
    return Response(body, error.kind.status, headers, media_type="application/problem+json")


def handle_failures(app: FastAPI) -> None:
    """Every failure that leaves a handler becomes a problem document."""

    @app.exception_handler(OcrError)
    def ours(request: Request, error: Exception) -> Response:
        return problem_response(request, cast("OcrError", error))

    @app.exception_handler(HTTPException)
    def starlettes(request: Request, error: Exception) -> Response:
        error = cast("HTTPException", error)
        code = _CODES.get(error.status_code, Code.MALFORMED_REQUEST)
        response = problem_response(request, OcrError(code, f"{error.detail}."))
        response.headers.update(error.headers or {})
        return response

    @app.exception_handler(RequestValidationError)
    def pydantics(request: Request, error: Exception) -> Response:
        first: dict[str, Any] = cast("RequestValidationError", error).errors()[0]
        name = str(first["loc"][-1])
        return problem_response(request, OcrError(Code.INVALID_OPTION, f"{name}: {first['msg']}.", field=name))

    @app.exception_handler(Exception)
    def unforeseen(request: Request, error: Exception) -> Response:
        log.error("unforeseen failure at %s", request.url.path, exc_info=error)
        return problem_response(request, OcrError(Code.INTERNAL_ERROR, "The service failed; its log says more."))
