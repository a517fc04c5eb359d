"""What a launcher must have to itself: a port to listen on and a folder of data."""

import asyncio
import fcntl
import os
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from launcher.config import Config, LaunchError

LOCK_WAIT_SECONDS = 6.0
"""Longer than the guard takes to end what a killed launcher left."""


def check_port(config: Config) -> None:
    """See that the API will be able to listen.

    Raises:
        LaunchError: the host is not of this machine, or the port is taken or forbidden.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            config.host, config.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except OSError as error:
        msg = (
            f"cannot listen on {config.host}, port {config.port}: {error.strerror}; "
            f"choose another port with PORT=... (or another address with HOST=...)"
        )
        raise LaunchError(msg) from error


@asynccontextmanager
async def lock_folder(folder: Path, *, wait_seconds: float = LOCK_WAIT_SECONDS) -> AsyncIterator[int]:
    """Make the folder and hold a lock on it; gives the lock's descriptor.

    Redis inherits the descriptor, so that the folder stays locked for as long as either of the two lives: a second
    Redis on the same append-only file would spoil it.

    Raises:
        LaunchError: the folder cannot be written, or another launcher or its Redis uses it.
    """
    lock = _open_lock(folder)
    try:
        await _take(lock, folder, wait_seconds)
        yield lock
    finally:
        os.close(lock)


def _open_lock(folder: Path) -> int:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        msg = f"cannot write to {folder}: {error.strerror}; choose another folder with DATA_DIR=..."
        raise LaunchError(msg) from error


async def _take(lock: int, folder: Path, wait_seconds: float) -> None:
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > deadline:
                msg = f"{folder} is in use by a service that runs already; stop it, or choose another DATA_DIR=..."
                raise LaunchError(msg) from error
            await asyncio.sleep(0.1)
        else:
            return
