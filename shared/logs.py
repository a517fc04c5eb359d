"""One line an event on standard error: moment, level, logger, the task it is about, and what happened.

What a log never holds: recognized text, file names, keys. So an exception is told by its type and its places alone:
its message, or a line of a user's code, may quote what was read.
"""

import contextvars
import logging
import sys
import traceback
from types import TracebackType

task_id = contextvars.ContextVar("task_id", default="-")
"""The task that whatever is logged now is about."""

_MOST_FRAMES = 50
_OURS = ("api", "shared", "worker")


def configure_logs(level: str) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter())
    logging.basicConfig(level=max(logging.WARNING, getattr(logging, level.upper())), handlers=[handler], force=True)
    for name in _OURS:
        logging.getLogger(name).setLevel(level.upper())
    logging.getLogger("python_multipart").setLevel(logging.CRITICAL)  # its warnings quote what clients sent


class _Formatter(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("{asctime} {levelname:<7} {name:<16} {task_id:<36} {message}", style="{")

    def format(self, record: logging.LogRecord) -> str:
        record.task_id = task_id.get()
        return super().format(record).replace("\n", "\n    ")

    def formatException(  # noqa: N802 - the standard library's name
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        return "\nafter ".join(map(_locate, _chain(ei[1])))


def _chain(error: BaseException | None) -> list[BaseException]:
    """An exception and those it was raised from or after; a user's may come back to the first."""
    errors: dict[int, BaseException] = {}
    while error is not None and id(error) not in errors:
        errors[id(error)] = error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return list(errors.values())


def _locate(error: BaseException) -> str:
    trace = traceback.walk_tb(error.__traceback__)
    frames = traceback.StackSummary.extract(trace, limit=-_MOST_FRAMES, lookup_lines=False)
    places = [f"{frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
    return "\n  ".join([type(error).__name__, *places])
