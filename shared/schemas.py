"""The JSON the service speaks: options in, pages and results out.

Results are typed dictionaries, so a worker builds them at no cost and FastAPI documents them. A box is
`[x0, y0, x1, y1]` in pixels of the page as uploaded; a confidence runs from 0 to 100.
"""

import re
from enum import StrEnum
from typing import Annotated, Any, Literal, NotRequired

from pydantic import BaseModel, ConfigDict, Field, field_validator
from typing_extensions import TypedDict

JsonDict = dict[str, Any]

STEPS = ("unstamp", "despeckle", "perspective", "clean", "deskew", "unrule", "upright", "scale")
"""The names `preprocess` accepts, in the order in which the pipeline applies them."""

_PAGE_RANGES = re.compile(r"[1-9]\d{0,5}(-[1-9]\d{0,5})?(,[1-9]\d{0,5}(-[1-9]\d{0,5})?)*")


class Status(StrEnum):
    """Where a task stands; it only ever moves to the right: queued, running, then one of the last three."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        return self in {Status.SUCCEEDED, Status.FAILED, Status.CANCELLED}


class Options(BaseModel):
    """How one document is to be read; every field has a default, an unknown one is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    lang: Annotated[str, Field(pattern=r"^(auto|[a-z][A-Za-z_]{1,19}(\+[a-z][A-Za-z_]{1,19}){0,4})$")] = "eng"
    """Languages joined by `+`, the most likely first; `auto` tells them by the script of the page."""
    pages: Annotated[str | None, Field(max_length=200)] = None
    """Pages to read, such as `1-3,7`; all of them when absent."""
    dpi: Annotated[int | None, Field(ge=36, le=2400)] = None
    """Resolution of a PDF's rendering, or of a picture that does not tell its own."""
    psm: Literal[1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13] | None = None
    """Tesseract's page segmentation mode; chosen by the layout of the page when absent."""
    engine: Literal["auto", "tesseract", "tesserocr", "pytesseract", "rapidocr"] = "auto"
    """`tesseract` in the form that is installed, one form of it, another engine, or the one that suits the page."""
    text_layer: Literal["auto", "force", "only"] = "auto"
    """`auto` uses a PDF page's own text where it is sound, `force` recognizes every page, `only` recognizes none."""
    preprocess: Annotated[str, Field(max_length=100)] = "auto"
    """`auto`, `none`, or step names joined by commas."""
    rotate: bool = True
    """Put a page upright that lies on its side or on its head."""
    deskew: bool = True
    """Level a page that is a few degrees off."""
    spelling: bool = True
    """Prefer words of the languages' dictionaries where the picture leaves a doubt."""

    @field_validator("pages")
    @classmethod
    def _check_pages(cls, value: str | None) -> str | None:
        if value is not None and not (_PAGE_RANGES.fullmatch(value) and all(map(_is_rising, value.split(",")))):
            msg = "expected page numbers and ranges such as 1-3,7"
            raise ValueError(msg)
        return value

    @field_validator("preprocess")
    @classmethod
    def _check_preprocess(cls, value: str) -> str:
        names = value.split(",")
        if value not in {"auto", "none"} and not (set(names) <= set(STEPS) and len(names) == len(set(names))):
            msg = f"expected auto, none, or any of {', '.join(STEPS)}, joined by commas"
            raise ValueError(msg)
        return value


def _is_rising(page_range: str) -> bool:
    first, _, last = page_range.partition("-")
    return not last or int(first) <= int(last)


class Word(TypedDict):
    text: str
    bbox: list[int]
    confidence: float


class Line(TypedDict):
    text: str
    bbox: list[int]
    confidence: float
    words: list[Word]


class Block(TypedDict):
    bbox: list[int]
    lines: list[Line]


class Timings(TypedDict):
    """Wall-clock milliseconds."""

    load: float
    preprocess: float
    recognise: float


class PageResult(TypedDict):
    """One page; `error` is a problem document when `status` is `failed`.

    It was `hurried` where it took so long that what makes a reading better was left out. It `lacks_print` where its own
    text was taken, which is not all: pictures beside that show print.
    """

    number: int
    status: Literal["succeeded", "failed"]
    width: int
    height: int
    dpi: int
    rotation: int
    skew_degrees: float
    confidence: float
    text_source: Literal["ocr", "text_layer"]
    text: str
    preprocessing: list[str]
    timings_ms: Timings
    blocks: list[Block]
    error: JsonDict | None
    hurried: NotRequired[Literal[True]]
    lacks_print: NotRequired[Literal[True]]


class Engine(TypedDict):
    name: str
    version: str


class Result(TypedDict):
    """What the built-in `process_image` returns; a user's own function may return any JSON object instead."""

    text: str
    language: list[str]
    confidence: float
    engine: Engine
    pages: list[PageResult]
    warnings: list[str]
    links: NotRequired[dict[str, str]]


class Progress(TypedDict):
    pages_done: int
    pages_total: int | None
    percent: int
    stage: str


class QueuePosition(TypedDict):
    position: int


class Problem(TypedDict):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    retryable: bool
    instance: NotRequired[str]
    request_id: NotRequired[str]


class Task(TypedDict):
    """What `GET /ocr/{task_id}` answers; timestamps are RFC 3339 in UTC."""

    task_id: str
    status: Status
    partial: bool
    attempts: int
    created_at: str
    started_at: str | None
    finished_at: str | None
    expires_at: str
    filename: str
    media_type: str
    size_bytes: int
    sha256: str
    options: JsonDict
    progress: Progress
    queue: NotRequired[QueuePosition]
    result: Result | JsonDict | None
    error: Problem | None


class Accepted(TypedDict):
    """What `POST /ocr` answers with 202."""

    task_id: str
    status: Status
    status_url: str
    result_url: NotRequired[str]
    events_url: NotRequired[str]
    expires_at: str
