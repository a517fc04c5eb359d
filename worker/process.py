"""An upload in, its text as JSON out; also page by page, for documents that several slots share."""

import functools
import time
from pathlib import Path

from shared.errors import Code, OcrError
from shared.schemas import Engine as EngineInfo
from shared.schemas import Options, PageResult, Result
from shared.settings import Limits, Settings
from worker import pipeline
from worker.engines.base import Engine
from worker.engines.choice import open_engine
from worker.languages import check_languages, languages_of
from worker.load import Document, Source, open_document, open_source
from worker.results import failed_page, layer_page, ocr_page


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
    text = "\n\n".join(page["text"] for page in read if page["text"])
    return Result(
        text=text,
        language=languages_of(options.lang, text),
        confidence=round(weighted / characters, 1) if characters else 0.0,
        engine=EngineInfo(name=engine.name, version=engine.version),
        pages=sorted(pages, key=lambda page: page["number"]),
        warnings=[f"Page {page['number']} could not be read." for page in pages if page["status"] == "failed"],
    )


def default_options() -> Options:
    """What the settings say where a client says nothing."""
    settings = Settings()
    return Options(lang=settings.lang, engine=settings.engine)


@functools.cache
def _limits() -> Limits:
    return Limits()


def _plan(document: Document, options: Options) -> list[int]:
    check_languages(options.lang)
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
    if options.text_layer != "force":
        layer = document.read_text_layer(number, options.dpi)
        if layer and (layer.is_sound or options.text_layer == "only"):
            return layer_page(number, layer, time.perf_counter() - started)
    page = document.load(number, options.dpi)
    loaded = time.perf_counter()
    if options.text_layer == "only":
        return ocr_page(number, page, pipeline.Reading(page, []), loaded - started)
    return ocr_page(number, page, pipeline.read(page, engine, options), loaded - started)


def _first_failure(pages: list[PageResult]) -> OcrError:
    for page in pages:
        if page["error"]:
            return OcrError(Code(page["error"]["code"]), page["error"]["detail"])
    return OcrError(Code.CORRUPT_FILE, "The document has no pages.")
