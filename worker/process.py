"""An upload in, its text as JSON out; also page by page, for documents that several slots share."""

import functools
import logging
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypedDict

from shared.errors import Code, OcrError
from shared.schemas import Engine as EngineInfo
from shared.schemas import Options, PageResult, Result
from shared.settings import Limits, Settings
from worker import pipeline
from worker.engines.base import Engine, mean_over_characters
from worker.engines.choice import open_engine
from worker.languages import WITHOUT_LATIN, check_languages, languages_of
from worker.load import Document, Source, open_document, open_source
from worker.memory import lacks_memory
from worker.results import failed_page, layer_page, ocr_page

log = logging.getLogger(__name__)

_LAYER_GAIN = 30
"""How many times faster a page's own text is taken than the page is recognized, about."""
_MOMENT_SECONDS = 0.25
"""What takes no longer is not worth being shared with other slots."""


class Beginning(TypedDict):
    """What is known of a document before it is read: the numbers of the pages to read, and how much work a page is.

    `pages` are there already: the only one, or as many as their own text could be taken of in a moment.
    `pixels` is how many are to be recognized for a page, or what takes as long; 0 where that cannot be told.
    """

    numbers: list[int]
    pixels: int
    pages: list[PageResult]


def process_image(path: str | Path, options: Options | None = None) -> Result:
    """Read a whole document.

    Raises:
        OcrError: The upload cannot be opened, an option does not fit it, or not one of its pages could be read.
    """
    chosen = options or default_options()
    with _opened(path) as document:
        pages = [_read(document, number, chosen) for number in _plan(document, chosen)]
    return assemble(pages, chosen)


def begin_document(source: Source, options: Options, most_seconds: float = _MOMENT_SECONDS) -> Generator[Beginning]:
    """Count the pages to read; then read the only one, or take the text of as many as `most_seconds` are enough for.

    Yields:
        What is known in the end. Of several pages it first yields their numbers, for taking their text may be the end
        of this process.

    Raises:
        OcrError: The upload cannot be opened, or an option does not fit it.
    """
    with _opened(source) as document:
        numbers = _plan(document, options)
        if len(numbers) == 1:
            yield Beginning(numbers=numbers, pixels=0, pages=[_read(document, numbers[0], options)])
        else:
            yield Beginning(numbers=numbers, pixels=0, pages=[])
            yield _look_into(document, numbers, options, most_seconds)


def is_read(beginning: Beginning) -> bool:
    """Whether all pages of a document were read while it was looked at."""
    pages = beginning["pages"]
    return len(pages) == len(beginning["numbers"]) and all(page["status"] == "succeeded" for page in pages)


def read_pages(source: Source, numbers: Sequence[int], options: Options) -> Iterator[PageResult]:
    """Read some pages of a document, one after the other; what fails on one is in the `error` of its result.

    Raises:
        OcrError: The upload cannot be opened.
    """
    with _opened(source) as document:
        for number in numbers:
            yield _read(document, number, options)


def assemble(pages: list[PageResult], options: Options) -> Result:
    """One result of all pages.

    Raises:
        OcrError: Not one page could be read; the first one's failure.
    """
    read = [page for page in pages if page["status"] == "succeeded"]
    if not read:
        raise _first_failure(pages)
    engine = open_engine(options.engine)
    text = "\n\n".join(page["text"] for page in read if page["text"])
    return Result(
        text=text,
        language=languages_of(options.lang, text),
        confidence=round(mean_over_characters((page["text"], page["confidence"]) for page in read), 1),
        engine=EngineInfo(name=engine.name, version=engine.version),
        pages=sorted(pages, key=lambda page: page["number"]),
        warnings=_warn(pages, options),
    )


def _warn(pages: list[PageResult], options: Options) -> list[str]:
    warnings = [f"Page {page['number']} could not be read." for page in pages if page["status"] == "failed"]
    warnings += [
        f"Page {page['number']} took so long that what makes a reading better was left out."
        for page in pages
        if "hurried" in page
    ]
    warnings += [
        f"Page {page['number']} has pictures with print that is not in its own text; text_layer=force reads all of it."
        for page in pages
        if "lacks_print" in page
    ]
    if missing := _missing_pages({page["number"] for page in pages}, options):
        warnings.append(f"Not in the document: {', '.join(missing)} of the pages asked for.")
    unknown = WITHOUT_LATIN.intersection(options.lang.split("+"))
    if options.engine == "rapidocr" and unknown:
        warnings.append(f"The engine rapidocr does not know the letters of: {', '.join(sorted(unknown))}.")
    return warnings


def default_options() -> Options:
    """What the settings say where a client says nothing."""
    settings = Settings()
    return Options(lang=settings.lang, engine=settings.engine)


@functools.cache
def _limits() -> Limits:
    return Limits()


@contextmanager
def _opened(source: Source) -> Iterator[Document]:
    with open_source(source) as file, closing(open_document(file, _limits())) as document:
        yield document


def _look_into(document: Document, numbers: list[int], options: Options, most_seconds: float) -> Beginning:
    """Judges all pages by the first, the middle and the last one: a scan may have a cover with text."""
    end = time.monotonic() + most_seconds
    samples = sorted({numbers[0], numbers[len(numbers) // 2], numbers[-1]})
    pages: list[PageResult] = []
    pixels = 0
    try:
        pixels = document.count_pixels(numbers[0], options.dpi)
        for number in dict.fromkeys([*samples, *numbers]):
            if len(pages) >= len(samples) and time.monotonic() >= end:
                pixels //= _LAYER_GAIN
                break
            page = _take_layer(document, number, options)
            if page is None:
                break
            pages.append(page)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - reading the page will say what is wrong with it
        log.debug("not looked into: %s", type(error).__name__)
        pixels = 0
    return Beginning(numbers=numbers, pixels=pixels, pages=sorted(pages, key=lambda page: page["number"]))


def _plan(document: Document, options: Options) -> list[int]:
    check_languages(options.lang)
    if not options.pages:
        return list(range(1, document.page_count + 1))
    numbers: set[int] = set()
    for first, last in _page_ranges(options):
        numbers.update(range(first, min(last, document.page_count) + 1))
    wanted = sorted(number for number in numbers if number <= document.page_count)
    if not wanted:
        detail = f"The document has {document.page_count} pages, none of those asked for."
        raise OcrError(Code.INVALID_OPTION, detail, option="pages")
    return wanted


def _page_ranges(options: Options) -> Iterator[tuple[int, int]]:
    """The first and the last page of each part of the option `pages`."""
    for part in options.pages.split(",") if options.pages else ():
        first, _, last = part.partition("-")
        yield int(first), int(last or first)


def _missing_pages(there: set[int], options: Options) -> list[str]:
    """What is asked for and not among the pages that are there, which end where the document does."""
    missing, named = [], 0
    for first, last in sorted(_page_ranges(options)):
        start = max(named + 1, first, *(number + 1 for number in there if first <= number <= last))
        if start <= last:
            missing.append(str(last) if start == last else f"{start}-{last}")
            named = last
    return missing


def _read(document: Document, number: int, options: Options) -> PageResult:
    try:
        return _recognize(document, number, open_engine(options.engine), options)
    except OcrError as error:
        return failed_page(number, error)
    except Exception as error:  # whatever a library raises on one page, the others stand
        if lacks_memory(error):
            raise MemoryError from error
        log.exception("page %d", number)
        return failed_page(number, OcrError(Code.ENGINE_ERROR, f"It failed with {type(error).__name__}."))


def _recognize(document: Document, number: int, engine: Engine, options: Options) -> PageResult:
    if layered := _take_layer(document, number, options):
        return layered
    started = time.perf_counter()
    page = document.load(number, options.dpi)
    loaded = time.perf_counter()
    is_wanted = options.text_layer != "only"
    reading = pipeline.read(page, engine, options) if is_wanted else pipeline.Reading(page, [])
    if not reading.tokens:
        document.check(number)
    return ocr_page(number, page, reading, loaded - started)


def _take_layer(document: Document, number: int, options: Options) -> PageResult | None:
    """The page as its own text gives it; None if it has none, or that is not to be relied on."""
    if options.text_layer == "force":
        return None
    started = time.perf_counter()
    layer = document.read_text_layer(number, options.dpi)
    if layer and (layer.is_sound or options.text_layer == "only"):
        return layer_page(number, layer, time.perf_counter() - started)
    return None


def _first_failure(pages: list[PageResult]) -> OcrError:
    for page in pages:
        if page["error"]:
            return OcrError(Code(page["error"]["code"]), page["error"]["detail"])
    return OcrError(Code.CORRUPT_FILE, "The document has no pages.")
