"""The program that runs in a reader: `python -m worker.reader.child SOCKET LIFELINE`, both open descriptors."""

import functools
import importlib.util
import logging
import os
import resource
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from pydantic_core import from_json, to_json

from shared.errors import Code, OcrError
from shared.logs import configure_logs
from shared.schemas import JsonDict, Options
from shared.settings import Settings
from worker import tessdata
from worker.reader import kernel, lifeline, sandbox
from worker.reader.processor import call_processor, load_processor
from worker.reader.wire import Channel

_MAX_REQUEST_BYTES = 1 << 20
_STATM_BYTES = 200
_AHEAD_SECONDS = 0.1
"""What takes less is not worth being asked for."""
_NICENESS = 10
"""What answers clients goes before what reads pages: a core that is busy for seconds must not delay either."""

log = logging.getLogger("worker.reader.child")  # run as a program it has no other name


Results = Iterator[tuple[Any, bool]]
"""Each with whether another one follows."""


def main(connection: int, pipe: int) -> None:
    """Enter the sandbox, load all if that is wanted, say so, and answer requests until the worker hangs up."""
    for descriptor in (connection, pipe):
        os.set_inheritable(descriptor, False)  # noqa: FBT003 - a positional parameter of the standard library's
    dies_with_worker = lifeline.tie(pipe)
    os.nice(_NICENESS)
    channel = Channel(socket.socket(fileno=connection), _MAX_REQUEST_BYTES)
    setup = channel.receive() or {}
    settings = Settings()
    configure_logs(settings.log_level)
    threading.excepthook = lambda failed: log.error("a thread failed", exc_info=failed.exc_value)
    _look_around(settings)
    protections = sandbox.enter(setup["policy"], dies_with_worker=dies_with_worker)
    if setup["preloads"]:
        _preload(settings)
    channel.send({"protections": protections})
    results: Results = iter(())
    while request := channel.receive():
        if request["kind"] != "next":
            results = _HANDLERS[request["kind"]](request, settings)
        if request["kind"] != "stop":
            _serve(channel, request, results, settings)


def _serve(channel: Channel, request: JsonDict, results: Results, settings: Settings) -> None:
    """Answer with the next result, and for a moment with those after it, which the answers announce."""
    end = time.monotonic() + _AHEAD_SECONDS
    sandbox.allow_cpu(request["seconds"])
    goes_on = True
    while goes_on:
        answer, goes_on = _answer(request, results, settings, end)
        channel.send_bytes(answer)


def _look_around(settings: Settings) -> None:
    """Do what needs a look at folders that the sandbox closes; nothing of an upload is here yet."""
    tessdata.models_folder()
    top_level = settings.processor.partition(":")[0].partition(".")[0]
    importlib.util.find_spec(top_level)  # imports nothing, but remembers what is in each folder of the search path
    if not settings.has_own_processor:
        with suppress(ImportError):
            importlib.import_module("onnxruntime")  # it looks for devices, and warns of those that it may not see


def _preload(settings: Settings) -> None:
    """Load what the first request would have to wait for; a failure is the request's to report.

    There is no upload yet that an exception could quote, so the log may say what a user's module lacks.
    """
    try:
        if settings.has_own_processor:
            load_processor(settings.processor)
        else:
            from worker.reader.warmup import warm_up  # noqa: PLC0415 - a user's function may do without the libraries

            warm_up()
    except Exception:  # noqa: BLE001 - a user's module may raise anything
        traceback.print_exc()


def _answer(request: JsonDict, results: Results, settings: Settings, end: float) -> tuple[bytes, bool]:
    """The JSON of the next result, or of what went wrong, and whether it announces another; never raises."""
    spent = False
    code = Code.PROCESSOR_ERROR if request["kind"] == "process" else Code.ENGINE_ERROR
    try:
        result, is_followed = next(results)
        goes_on = is_followed and time.monotonic() < end
        data = _encode({"result": result, "goes_on": goes_on})
        if len(data) <= settings.limits.max_text_bytes:
            return data, goes_on
        failure = OcrError(code, f"The result is larger than the {settings.limits.max_text_bytes} bytes allowed.")
    except OcrError as error:
        failure = error
    except MemoryError:
        spent = True
        limit = settings.limits.reader_memory_bytes
        failure = OcrError(code, f"It takes more than the {limit} bytes of memory allowed.")
    except Exception as error:  # whatever a library raises, the worker gets a typed error
        log.exception("a request failed")
        failure = OcrError(code, f"It failed with {type(error).__name__}.")
    answer = {"code": failure.code, "detail": failure.detail, "extra": failure.extra, "spent": spent}
    try:
        return _encode(answer), False
    except ValueError:  # what a user's function says of itself need not be text
        return _encode({**answer, "detail": "It failed, and what it says of that is not JSON.", "extra": {}}), False


def _encode(answer: JsonDict) -> bytes:
    answer["memory_bytes"] = _resident_bytes()
    return to_json(answer, inf_nan_mode="null")


def _resident_bytes() -> int:
    if kernel.IS_LINUX:
        return int(os.pread(_statm(), _STATM_BYTES, 0).split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # macOS: bytes, and the most there ever was


@functools.cache
def _statm() -> int:
    """Stays open: each answer tells what it says."""
    return os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)


def _begin(request: JsonDict, _: Settings) -> Results:
    from worker.process import begin_document, is_read  # noqa: PLC0415 - loaded by the warm-up, inside the sandbox

    with closing(begin_document(request["upload"], Options(**request["options"]))) as steps:
        beginning = next(steps)
        if len(beginning["numbers"]) > 1:
            yield beginning, True
            beginning = next(steps)
    wants_pdf = bool(request["target"]) and is_read(beginning)
    yield beginning, wants_pdf
    if wants_pdf:
        _make_pdf(request, beginning["pages"])
        yield None, False


def _read_pages(request: JsonDict, _: Settings) -> Results:
    from worker.process import read_pages  # noqa: PLC0415 - loaded by the warm-up, inside the sandbox

    numbers = request["numbers"]
    for page in read_pages(request["upload"], numbers, Options(**request["options"])):
        yield page, page["number"] != numbers[-1]


def _process(request: JsonDict, settings: Settings) -> Results:
    yield call_processor(settings.processor, request["upload"]), False


def _write_pdf(request: JsonDict, _: Settings) -> Results:
    _make_pdf(request, from_json(Path(request["pages"]).read_bytes()))
    yield None, False


def _make_pdf(request: JsonDict, pages: list[Any]) -> None:
    from worker.searchable_pdf import write_searchable_pdf  # noqa: PLC0415 - not every task wants one

    write_searchable_pdf(Path(request["upload"]), pages, Path(request["target"]))


_HANDLERS: dict[str, Callable[[JsonDict, Settings], Results]] = {
    "begin": _begin,
    "read_pages": _read_pages,
    "process": _process,
    "write_pdf": _write_pdf,
    "stop": lambda *_: iter(()),
}
"""Each gives its results one by one: the first one answers the request, the others come by themselves while they are
quick, or answer `next`, until `stop`."""

if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
