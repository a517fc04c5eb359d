"""What the person who starts the service may choose, read from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

HIGHEST_PORT = 65_535


class LaunchError(Exception):
    """The service cannot be started; the message says why, and what to do about it."""


@dataclass(frozen=True, slots=True)
class Config:
    """`redis_url` is None where the launcher is to start a Redis of its own."""

    host: str
    port: int
    workers: int
    data_dir: Path
    redis_url: str | None

    @property
    def url(self) -> str:
        """Where a browser on this machine finds the service."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - compared, not bound
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


def read_config(environment: Mapping[str, str]) -> Config:
    """Read HOST, PORT, WORKERS, DATA_DIR and REDIS_URL; an empty one counts as absent.

    Raises:
        LaunchError: a value makes no sense.
    """
    return Config(
        host=environment.get("HOST") or "127.0.0.1",
        port=_read_number(environment, "PORT", default=8000, highest=HIGHEST_PORT),
        workers=_read_number(environment, "WORKERS", default=count_cpus(), highest=1024),
        data_dir=Path(environment.get("DATA_DIR") or ".data").absolute(),
        redis_url=environment.get("REDIS_URL") or None,
    )


def count_cpus() -> int:
    """CPUs this process may use, which a container or `taskset` can make fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _read_number(environment: Mapping[str, str], name: str, *, default: int, highest: int) -> int:
    text = environment.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= highest):
        msg = f"{name}={text} is not a whole number from 1 to {highest}"
        raise LaunchError(msg)
    return int(text)
