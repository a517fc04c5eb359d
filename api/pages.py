"""What a person sees: the upload form, the page of a task, the page of an error and that of the API.

Each page works without JavaScript. Nothing on a page comes from another origin, no script or style is inline.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from api.texts import KIND_NAMES, MODEL_NAMES, TEXTS, TITLES, choose_language
from shared.schemas import Task

FOLDER = Path(__file__).parent

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # `no-referrer` would make browsers send `Origin: null` with the form, which a same-origin check refuses.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "Accept, Accept-Language",
}

FORMATS = ("text", "pdf", "md", "hocr", "alto", "tsv", "json")
"""The formats a page can offer, in the order in which it does."""

GOOD_CONFIDENCE = 85
"""From here on, a page is likely to need no proof-reading."""

FAIR_CONFIDENCE = 60

PLAIN_FROM = 10
"""Sizes from here on are shown without a decimal."""


@dataclass(frozen=True, slots=True)
class FormOptions:
    """What the form offers; `accept` are media types, `languages` Tesseract's names of models."""

    languages: list[str]
    default_lang: str
    engines: list[str]
    max_upload_bytes: int
    accept: list[str]


class Assets(StaticFiles):
    """The pages' scripts and styles, kept by browsers for a year when the URL names the content (`?v=`)."""

    def __init__(self) -> None:
        super().__init__(directory=FOLDER / "static")

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        version = parse_qs(scope["query_string"].decode("latin-1")).get("v")
        lasting = response.status_code == HTTPStatus.OK and version == [_digest(path)]
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if lasting else "no-cache"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


def form_page(request: Request, options: FormOptions) -> HTMLResponse:
    text = TEXTS[_language(request)]
    kinds = ", ".join(dict.fromkeys(map(_kind_name, options.accept)))
    return _render(
        request,
        "form.html",
        options=options,
        models=_offered_models(options, text),
        engines=[(name, name) for name in options.engines],
        limits=text["form.limits"].format(kinds=kinds, size=_size(options.max_upload_bytes, text)),
    )


def task_page(request: Request, task: Task) -> HTMLResponse:
    """The page of one task; while the task is not final, it refreshes itself."""
    text = TEXTS[_language(request)]
    result = task["result"]
    recognized = result if result is not None and _is_recognized(result) else None
    expires = datetime.fromisoformat(task["expires_at"])
    return _render(
        request,
        "task.html",
        task=task,
        url=f"{_root(request)}/ocr/{task['task_id']}",
        final=task["status"].is_final,
        status=_status_line(task, text),
        size=_size(task["size_bytes"], text),
        model=_model_name(str(task["options"].get("lang", "")), text),
        expires=text["task.expires"].split("{time}"),
        expires_utc=f"{expires:%Y-%m-%d %H:%M} UTC",
        formats=FORMATS,
        level=_level,
        good=GOOD_CONFIDENCE,
        fair=FAIR_CONFIDENCE,
        offered={"json", *(recognized or {}).get("links", {})},
        warnings=(recognized or {}).get("warnings", []),
        pages=recognized["pages"] if recognized else [],
        raw=None if recognized or result is None else json.dumps(result, ensure_ascii=False, indent=2),
    )


def docs_page(request: Request, schema: Mapping[str, Any]) -> HTMLResponse:
    """What the OpenAPI document `schema` says, for a person."""
    return _render(request, "docs.html", schema=schema)


def error_page(request: Request, problem: Mapping[str, Any]) -> HTMLResponse:
    """A problem document for a person; a page that may appear later is asked for again."""
    retry = bool(problem["retryable"]) and request.method == "GET"
    return _render(request, "error.html", status_code=problem["status"], problem=problem, retry=retry)


@cache
def make_templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _render(request: Request, template: str, status_code: int = 200, **context: Any) -> HTMLResponse:
    language = _language(request)
    root = _root(request)
    page = (
        make_templates()
        .get_template(template)
        .render(
            language=language,
            t=TEXTS[language],
            titles=TITLES[language],
            title=lambda problem: TITLES[language].get(problem["code"], problem["title"]),
            root=root,
            asset=lambda name: f"{root}/static/{name}?v={_digest(name)}",
            **context,
        )
    )
    return HTMLResponse(page, status_code, headers=SECURITY_HEADERS)


def _language(request: Request) -> str:
    return choose_language(request.headers.get("accept-language", ""))


def _root(request: Request) -> str:
    return str(request.scope.get("root_path", "")).rstrip("/")


@cache
def _digest(name: str) -> str:
    return sha256((FOLDER / "static" / name).read_bytes()).hexdigest()[:16]


def _status_line(task: Task, text: Mapping[str, str]) -> str:
    progress = task["progress"]
    if task["partial"]:
        return text["status.partial"]
    if task["status"] == "queued" and "queue" in task:
        return text["status.position"].format(position=task["queue"]["position"])
    if task["status"] == "running" and progress["pages_total"]:
        return text["status.pages"].format(done=progress["pages_done"], total=progress["pages_total"])
    return text[f"status.{task['status']}"]


def _is_recognized(result: Mapping[str, Any]) -> bool:
    """Whether this is a reading; a user's own `process_image` may return any JSON object."""
    pages = result.get("pages")
    return isinstance(pages, list) and all(
        isinstance(page, dict) and {"number", "text", "confidence", "error"} <= page.keys() for page in pages
    )


def _level(confidence: float) -> str:
    if confidence >= GOOD_CONFIDENCE:
        return "good"
    return "fair" if confidence >= FAIR_CONFIDENCE else "poor"


def _offered_models(options: FormOptions, text: Mapping[str, str]) -> list[tuple[str, str]]:
    """Each model alone and, since documents often mix the two, together with English."""
    pairs = [f"{name}+eng" for name in options.languages if name != "eng" and "eng" in options.languages]
    values = dict.fromkeys([options.default_lang, "auto", *options.languages, *pairs])
    return [(value, _model_name(value, text)) for value in values]


def _kind_name(media_type: str) -> str:
    return KIND_NAMES.get(media_type, media_type.rpartition("/")[2].upper())


def _model_name(lang: str, text: Mapping[str, str]) -> str:
    if lang == "auto":
        return text["form.lang_auto"]
    return " + ".join(MODEL_NAMES.get(name, name) for name in lang.split("+"))


def _size(size_bytes: int, text: Mapping[str, str]) -> str:
    """A size for people, in binary units, such as `37 KiB` or `1.5 MiB`."""
    units = text["size.units"].split()
    power = min((max(size_bytes, 1).bit_length() - 1) // 10, len(units) - 1)
    size = size_bytes / 1024**power
    number = f"{size:.1f}" if power and size < PLAIN_FROM else f"{size:.0f}"
    return f"{number.removesuffix('.0').replace('.', text['size.point'])}\N{NO-BREAK SPACE}{units[power]}"
