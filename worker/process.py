"""An upload in, its text as JSON out; also page by page, for documents that several slots share."""

import functools
import time
from pathlib import Path

from shared.errors import Code, OcrError
from shared.schemas import Engine as EngineInfo
from shared.schemas import Options, PageResult, Result, Timings
from shared.settings import Limits, Settings
from worker import pipeline, tessdata
from worker.engines.base import Engine
from worker.engines.choice import open_engine
from worker.load import Document, Source, open_document, open_source
from worker.postprocess import arrange, mean_confidence, text_of


def process_image(path: str | Path, options: Options | None = None) -> Result:
    """Read a whole document.

    Raises:
        OcrError: The upload cannot be opened, an option does not fit it, or not one of its pages could be read.
    """
    chosen = options or default_options()
    with open_source(path) as file:
        document = open_document(file, _limits())
        try:
            numbers = _plan(document, chosen)
            pages = [_read(document, number, chosen) for number in numbers]
        finally:
            document.close()
    return assemble(pages, chosen)


def plan_document(source: Source, options: Options) -> list[int]:
    """The numbers of the pages to read, counted from 1, in the order of the document.

    Raises:
        OcrError: The upload cannot be opened, or an option does not fit it.
    """
    with open_source(source) as file:
        document = open_document(file, _limits())
        try:
            return _plan(document, options)
        finally:
            document.close()


def read_page(source: Source, number: int, options: Options) -> PageResult:
    """Read one page; what fails on it is in the `error` of its result.

    Raises:
        OcrError: The upload cannot be opened.
    """
    with open_source(source) as file:
        document = open_document(file, _limits())
        try:
            return _read(document, number, options)
        finally:
            document.close()


def assemble(pages: list[PageResult], options: Options) -> Result:
    """One result of all pages.

    Raises:
        OcrError: Not one page could be read; the first one's failure.
    """
    read = [page for page in pages if page["status"] == "succeeded"]
    if not read:
        raise _first_failure(pages)
    characters = sum(len(page["text"]) for page in read)
    weighted = sum(page["confidence"] * len(page["text"]) for page in read)
    engine = open_engine(options.engine)
    return Result(
        text="\n\n".join(page["text"] for page in read if page["text"]),
        language=options.lang.split("+"),
        confidence=round(weighted / characters, 1) if characters else 0.0,
        engine=EngineInfo(name=engine.name, version=engine.version),
        pages=sorted(pages, key=lambda page: page["number"]),
        warnings=[f"Page {page['number']} could not be read." for page in pages if page["status"] == "failed"],
    )


def default_options() -> Options:
    """What the settings say where a client says nothing."""
    settings = Settings()
    return Options(lang=settings.lang, engine=settings.engine)


def failed_page(number: int, error: OcrError) -> PageResult:
    """The result of a page that could not be read."""
    return PageResult(
        number=number,
        status="failed",
        width=0,
        height=0,
        dpi=0,
        rotation=0,
        skew_degrees=0.0,
        confidence=0.0,
        text_source="ocr",
        text="",
        preprocessing=[],
        timings_ms=Timings(load=0.0, preprocess=0.0, recognise=0.0),
        blocks=[],
        error=error.problem(),
    )


@functools.cache
def _limits() -> Limits:
    return Limits()


def _plan(document: Document, options: Options) -> list[int]:
    tessdata.check_languages(options.lang.split("+"))
    if not options.pages:
        return list(range(1, document.page_count + 1))
    numbers: set[int] = set()
    for part in options.pages.split(","):
        first, _, last = part.partition("-")
        if int(last or first) < int(first):
            raise OcrError(Code.INVALID_OPTION, f"The page range {part} runs backwards.", option="pages")
        numbers.update(range(int(first), min(int(last or first), document.page_count) + 1))
    wanted = sorted(number for number in numbers if number <= document.page_count)
    if not wanted:
        detail = f"The document has {document.page_count} pages, none of those asked for."
        raise OcrError(Code.INVALID_OPTION, detail, option="pages")
    return wanted


def _read(document: Document, number: int, options: Options) -> PageResult:
    try:
        return _recognize(document, number, open_engine(options.engine), options)
    except OcrError as error:
        return failed_page(number, error)


def _recognize(document: Document, number: int, engine: Engine, options: Options) -> PageResult:
    started = time.perf_counter()
    page = document.load(number, options.dpi)
    loaded = time.perf_counter()
    reading = pipeline.read(page, engine, options.lang, options)
    blocks = arrange(reading.page, reading.tokens)
    done = time.perf_counter()
    return PageResult(
        number=number,
        status="succeeded",
        width=page.width,
        height=page.height,
        dpi=page.dpi,
        rotation=reading.page.rotation,
        skew_degrees=reading.page.skew_degrees,
        confidence=mean_confidence(blocks),
        text_source="ocr",
        text=text_of(blocks),
        preprocessing=list(reading.page.steps),
        timings_ms=Timings(load=_ms(loaded - started), preprocess=0.0, recognise=_ms(done - loaded)),
        blocks=blocks,
        error=None,
    )


def _first_failure(pages: list[PageResult]) -> OcrError:
    for page in pages:
        if page["error"]:
            return OcrError(Code(page["error"]["code"]), page["error"]["detail"])
    return OcrError(Code.CORRUPT_FILE, "The document has no pages.")


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)
