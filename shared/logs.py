"""One line an event on standard error: moment, level, logger, the task it is about, and what happened.

What a log never holds: recognized text, file names, keys.
"""

import contextvars
import logging
import sys

task_id = contextvars.ContextVar("task_id", default="-")
"""The task that whatever is logged now is about."""


def configure_logs(level: str) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for noisy in ("celery", "kombu", "amqp", "httpx", "PIL", "uvicorn"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLogger().level))
    logging.getLogger("python_multipart").setLevel(logging.CRITICAL)  # its warnings quote what clients sent


class _Formatter(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("{asctime} {levelname:<7} {name:<16} {task_id:<36} {message}", style="{")

    def format(self, record: logging.LogRecord) -> str:
        record.task_id = task_id.get()
        return super().format(record).replace("\n", "\n    ")
