"""Exits with 0 if a worker of this host has told lately that it lives: `python -m worker.health`."""

import socket
import sys

from shared.errors import OcrError
from shared.jobs import connect
from shared.settings import Settings
from shared.workers import Workers


def is_alive(workers: Workers, host: str) -> bool:
    """Whether any worker of the host has a fresh beat. Raises `OcrError` where Redis does not answer."""
    return any(worker.name.startswith(f"{host}-") for worker in workers.alive())


def main() -> int:
    try:
        return 0 if is_alive(Workers(connect(Settings().redis_url)), socket.gethostname()) else 1
    except OcrError:
        return 1


if __name__ == "__main__":
    sys.exit(main())
