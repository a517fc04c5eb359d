"""Which formats there are, and which of them a task can be rendered to."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from shared.errors import Code, OcrError
from shared.render.alto import render_alto
from shared.render.hocr import render_hocr
from shared.render.markdown import render_markdown
from shared.render.text import render_text
from shared.render.tsv import render_tsv
from shared.schemas import Result


class Format(NamedTuple):
    media_type: str
    extension: str


FORMATS = {
    "json": Format("application/json", "json"),
    "text": Format("text/plain; charset=utf-8", "txt"),
    "tsv": Format("text/tab-separated-values; charset=utf-8", "tsv"),
    "hocr": Format("application/xhtml+xml", "hocr"),
    "alto": Format("application/alto+xml", "xml"),
    "md": Format("text/markdown; charset=utf-8", "md"),
}
"""In the order of preference where a client takes anything; `render` makes all but the first, which is stored."""

_RENDERERS: Mapping[str, Callable[[Result, str], str]] = {
    "text": render_text,
    "tsv": render_tsv,
    "hocr": render_hocr,
    "alto": render_alto,
    "md": render_markdown,
}


def render(task: Mapping[str, Any], name: str) -> bytes:
    """A finished task's result in the format `name`, in UTF-8.

    Raises:
        OcrError: `not_acceptable`, with the formats there are in `available`: the name is unknown, or a
            `process_image` of the user's own returned something that only JSON can hold.
    """
    if name not in _RENDERERS:
        raise _UnavailableError(FORMATS)
    try:
        document = _result_type().validate_python(task["result"])
    except ValidationError as error:
        raise _UnavailableError(["json"]) from error
    # A lone surrogate is legal in JSON and has no UTF-8.
    return _RENDERERS[name](document, str(task.get("filename", ""))).encode(errors="replace")


@cache
def _result_type() -> TypeAdapter[Result]:
    return TypeAdapter(Result)


class _UnavailableError(OcrError):
    def __init__(self, available: Iterable[str]) -> None:
        names = list(available)
        super().__init__(Code.NOT_ACCEPTABLE, f"This result is available as {', '.join(names)}.", available=names)
