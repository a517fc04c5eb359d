"""What a worker slot reads uploads with: a child process kept warm, killed when in doubt, and started anew."""

import functools
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from pydantic_core import to_json

from shared.errors import Code, OcrError
from shared.schemas import JsonDict, Options, PageResult, Result
from shared.settings import Settings
from worker.process import Beginning, is_read
from worker.reader.handle import Handle
from worker.reader.pulse import Pulse
from worker.reader.sandbox import Protections
from worker.reader.scratch import Scratch

_START_SECONDS = 60.0
_TICK_SECONDS = 0.25
_MOST_UPLOADS = 2_000
"""Of one child."""
_PDF_SECONDS, _PDF_PAGE_SECONDS = 60.0, 1.0
"""For a searchable PDF at most, and for each of its pages besides; one costs a tenth of that."""
_NOT_THE_READERS = frozenset({Code.BROKER_UNAVAILABLE, Code.TASK_TIMEOUT})
"""What only the worker may say: it would try again, or end the task."""


@dataclass(frozen=True, slots=True)
class Watch:
    """How long one request may take, and what to do meanwhile: `poll` is called four times a second.

    Whatever `poll` raises ends the request: the child is killed, then the exception goes on to the caller.
    """

    seconds: float
    poll: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class _Kind:
    """A request's name, the type of its result, and the codes of its two ways to end without an answer."""

    name: str
    result: type
    timeout: Code
    death: Code


_START = _Kind("start", dict, Code.INTERNAL_ERROR, Code.INTERNAL_ERROR)
_BEGIN = _Kind("begin", dict, Code.PAGE_TIMEOUT, Code.ENGINE_ERROR)
_READ_PAGES = _Kind("read_pages", dict, Code.PAGE_TIMEOUT, Code.ENGINE_ERROR)
_PROCESS = _Kind("process", dict, Code.TASK_TIMEOUT, Code.PROCESSOR_ERROR)
_WRITE_PDF = _Kind("write_pdf", type(None), Code.PAGE_TIMEOUT, Code.ENGINE_ERROR)


class ReaderStartError(Exception):
    """No reader can be had here now: whatever is to be read is not to blame."""


class Reader:
    """One sandboxed child and its folder; for one thread of one process, made after that process was forked.

    Every request raises `OcrError`: what the child found wrong, `page_timeout` or `task_timeout`, and `engine_error` or
    `processor_error` when the child died of it. The request after that one finds a new child, or raises
    `ReaderStartError`.
    """

    def __init__(self, settings: Settings, *, preloads: bool = True, most_uploads: int = _MOST_UPLOADS) -> None:
        """With `preloads`, a child has loaded what the first request would have to wait for."""
        self._settings = settings
        self._most_uploads = most_uploads
        self._preloads = preloads
        self._scratch: Scratch | None = None
        self._child: Handle | None = None

    @property
    def protections(self) -> JsonDict:
        """What the child found to hold, see `Protections`; waits until it is warm.

        Raises:
            ReaderStartError: It did not start.
        """
        return dict(self._warm_child(Watch(_START_SECONDS)).protections or {})

    def start(self) -> None:
        """Start a child without waiting, so that the first request finds it warm or on its way."""
        if self._child is None:
            self._spawn()

    def close(self) -> None:
        self._kill()
        if self._scratch:
            self._scratch.remove()
            self._scratch = None

    def begin(
        self, upload: Path, options: Options, watch: Watch, target: Path | None = None
    ) -> tuple[Beginning, list[str]]:
        """See `worker.process.begin_document`; what is read by then is made the searchable PDF `target` as well.

        Returns:
            The beginning, and as warnings why there is no PDF.
        """
        with self._admitted(upload) as path:
            made = self._open_scratch().reserve(".pdf")
            arguments = {"upload": path, "options": options.model_dump(), "target": str(made) if target else ""}
            child = self._warm_child(watch)
            beginning = _checked_beginning(self._ask(child, _BEGIN, watch, **arguments))
            try:
                if len(beginning["numbers"]) > 1:
                    beginning = _checked_beginning(self._go_on(child, _BEGIN, watch))
            except OcrError as error:
                if error.code in {Code.TASK_TIMEOUT, Code.BROKER_UNAVAILABLE}:
                    raise
                return beginning, []  # the page that it died of fails by itself
            if target is None or not is_read(beginning):
                return beginning, []
            seconds = pdf_seconds(len(beginning["pages"]))
            write = functools.partial(self._go_on, child, _WRITE_PDF, replace(watch, seconds=seconds))
            return beginning, self._obtain(write, made, target)

    def read_pages(
        self, upload: Path, numbers: Sequence[int], options: Options, watch: Watch
    ) -> Generator[list[PageResult]]:
        """Read pages as they are asked for, see `worker.process.read_pages`; `watch` is for each of them.

        Small ones come several at a time: what is read in a moment is not worth a way through Redis of its own.
        """
        arguments = {"upload": "", "numbers": list(numbers), "options": options.model_dump()}
        with self._admitted(upload) as arguments["upload"]:
            child = self._warm_child(watch)
            read = functools.partial(self._ask, child, _READ_PAGES, watch, **arguments)
            pages: list[PageResult] = []
            try:
                for number in numbers:
                    pages.append(_checked(read(), number))
                    read = functools.partial(self._go_on, child, _READ_PAGES, watch)
                    if not child.goes_on:
                        yield pages
                        pages = []
            except OcrError:
                if pages:
                    yield pages
                raise
            finally:
                if child is self._child:
                    child.send({"kind": "stop"})

    def process(self, upload: Path, watch: Watch) -> JsonDict:
        """Call the configured function with the path of the upload."""
        with self._admitted(upload) as path:
            result: JsonDict = self._request(_PROCESS, watch, upload=path)
        return result

    def write_pdf(self, upload: Path, result: Result, target: Path, watch: Watch) -> list[str]:
        """Make `target`, the searchable PDF of a result; the warnings say why there is none."""
        used = [page if page["text_source"] == "ocr" else {**page, "blocks": []} for page in result["pages"]]
        with self._admitted(upload) as path:
            scratch = self._open_scratch()
            pages = scratch.admit_bytes(to_json(used))
            made = scratch.reserve(".pdf")
            arguments = {"upload": path, "pages": str(pages), "target": str(made)}
            write = functools.partial(self._request, _WRITE_PDF, watch, **arguments)
            return self._obtain(write, made, target)

    def _obtain(self, write: Callable[[], None], made: Path, target: Path) -> list[str]:
        """The text is the task's purpose: without this rendering it is still a success."""
        try:
            write()
            self._open_scratch().claim(made, target)
        except OcrError as error:
            if error.code in {Code.TASK_TIMEOUT, Code.BROKER_UNAVAILABLE}:
                raise
            return [f"No searchable PDF could be made: {error.detail}"]
        return []

    @contextmanager
    def _admitted(self, upload: Path) -> Iterator[str]:
        """The upload's path as the child sees it; afterwards nothing of the request is left, and no worn child."""
        scratch = self._open_scratch()
        path = None
        try:
            path = scratch.admit(upload)
            yield str(path)
        finally:
            scratch.clear()
            if path:
                self._count_upload()

    def _count_upload(self) -> None:
        if self._child:
            self._child.count_upload()
            if self._child.is_worn:
                self._kill()
                with suppress(ReaderStartError):  # the next request tries again
                    self._spawn()

    def _request(self, kind: _Kind, watch: Watch, **arguments: Any) -> Any:
        return self._ask(self._warm_child(watch), kind, watch, **arguments)

    def _ask(self, child: Handle, kind: _Kind, watch: Watch, **arguments: Any) -> Any:
        child.send({"kind": kind.name, "seconds": watch.seconds, **arguments})
        return self._take(child, kind, watch)

    def _go_on(self, child: Handle, kind: _Kind, watch: Watch) -> Any:
        """The next result of the last request."""
        if not child.goes_on:
            watch.poll()  # quick results would come without one
            child.send({"kind": "next", "seconds": watch.seconds})
        return self._take(child, kind, watch)

    def _take(self, child: Handle, kind: _Kind, watch: Watch) -> Any:
        answer = self._await(child, kind, watch)
        child.note(answer)
        return _unpack(answer, kind)

    def _warm_child(self, watch: Watch) -> Handle:
        if self._child and not self._child.is_alive():
            self._kill()
        child = self._child or self._spawn()
        if child.protections is None:
            child.protections = self._await_start(child, watch)
        return child

    def _await_start(self, child: Handle, watch: Watch) -> Protections:
        try:
            greeting = self._await(child, _START, replace(watch, seconds=_START_SECONDS))
        except OcrError as error:
            if error.code is _START.death:
                raise ReaderStartError(error.detail) from error
            raise
        protections: Protections = greeting["protections"]
        return protections

    def _await(self, child: Handle, kind: _Kind, watch: Watch) -> JsonDict:
        end = time.monotonic() + watch.seconds
        pulse = child.take_pulse()
        try:
            while (answer := _receive(child, kind, end)) is None:
                _check_time(kind, watch, end)
                self._check_pulse(kind, pulse)
                watch.poll()
        except BaseException:
            self._kill()
            raise
        return answer

    def _check_pulse(self, kind: _Kind, pulse: Pulse) -> None:
        most_seconds, still_seconds = self._settings.limits.stall_seconds, pulse.still_seconds()
        if 0 < most_seconds <= still_seconds:
            raise OcrError(kind.timeout, f"It did nothing for {most_seconds:g} seconds, and used no processor time.")

    def _spawn(self) -> Handle:
        try:
            self._child = Handle(self._settings, self._open_scratch(), self._most_uploads, preloads=self._preloads)
        except OSError as error:
            raise ReaderStartError from error
        return self._child

    def _kill(self) -> None:
        if self._child:
            self._child.kill()
            self._child = None

    def _open_scratch(self) -> Scratch:
        self._scratch = self._scratch or Scratch(self._settings.data_dir)
        return self._scratch


def pdf_seconds(pages: int) -> float:
    """How long a searchable PDF of so many pages may take."""
    return _PDF_SECONDS + _PDF_PAGE_SECONDS * pages


def _checked(page: PageResult, number: int) -> PageResult:
    if page.get("number") != number:
        raise OcrError(Code.ENGINE_ERROR, "The reader's answer cannot be understood.")
    return page


def _checked_beginning(answer: JsonDict) -> Beginning:
    numbers, pages = answer.get("numbers"), answer.get("pages")
    if not (
        isinstance(numbers, list)
        and isinstance(pages, list)
        and isinstance(answer.get("pixels"), int)
        and numbers
        and all(isinstance(number, int) for number in numbers)
        and all(isinstance(page, dict) and page.get("number") in numbers for page in pages)
    ):
        raise OcrError(Code.ENGINE_ERROR, "The reader's answer cannot be understood.")
    return cast("Beginning", answer)


def _receive(child: Handle, kind: _Kind, end: float) -> JsonDict | None:
    try:
        return child.receive(min(_TICK_SECONDS, max(0.0, end - time.monotonic())))
    except ConnectionError as error:
        raise OcrError(kind.death, f"The process that read the upload {child.cause_of_death()}.") from error


def _check_time(kind: _Kind, watch: Watch, end: float) -> None:
    if time.monotonic() >= end:
        raise OcrError(kind.timeout, f"It took longer than {watch.seconds:g} seconds.")


def _unpack(answer: JsonDict, kind: _Kind) -> Any:
    """The result in an answer; the child is not to be trusted, so an answer in another form is an error as well."""
    if "result" in answer and isinstance(answer["result"], kind.result):
        return answer["result"]
    try:
        error = OcrError(Code(answer["code"]), str(answer["detail"]), **answer["extra"])
    except (KeyError, TypeError, ValueError) as cause:
        raise OcrError(kind.death, "The reader's answer cannot be understood.") from cause
    if error.code in _NOT_THE_READERS:
        raise OcrError(kind.death, error.detail)
    raise error
