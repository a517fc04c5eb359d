"""Runs parts as child processes: starts them, copies what they print, starts them again, stops them."""

import asyncio
import os
import signal
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from launcher import guard
from launcher.output import Output

LONGEST_DELAY_SECONDS = 30.0
STEADY_SECONDS = 30.0
"""A part that ran this long before it died is started again after the first delay."""


@dataclass(frozen=True, slots=True)
class Part:
    """One program of the service. `grace_seconds` is how long it may take over a SIGTERM."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    grace_seconds: float
    pass_fds: tuple[int, ...] = ()


@dataclass(slots=True)
class Supervisor:
    """Use as an async context manager; `hurry` set means that nothing is waited for any more."""

    output: Output
    first_delay_seconds: float = 0.5
    """Between a part's death and its next start; twice as long after each further death."""
    hurry: asyncio.Event = field(default_factory=asyncio.Event)
    scratch: Path = field(init=False)
    """A folder for sockets that goes when the supervisor goes, even by `kill -9`; its path is short."""
    _guard: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        self.scratch = Path(tempfile.mkdtemp(prefix="ocr-"))
        self._guard = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", str(Path(guard.__file__)), str(self.scratch)),
            stdin=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._guard is not None and self._guard.stdin is not None:
            self._guard.stdin.close()
            await self._guard.wait()

    async def keep(self, part: Part, stop: asyncio.Event) -> None:
        """Run the part, again and again if it dies, until `stop` is set; then stop it and all it started."""
        delay = self.first_delay_seconds
        while not stop.is_set():
            began = time.monotonic()
            status = await self._run_once(part, stop)
            if stop.is_set():
                return
            if time.monotonic() - began > STEADY_SECONDS:
                delay = self.first_delay_seconds
            self.output.write("launcher", f"{part.name} {_describe(status)}; it starts again in {delay:g} s")
            await wait_for_any(stop, timeout_seconds=delay)
            delay = min(2 * delay, LONGEST_DELAY_SECONDS)

    async def _run_once(self, part: Part, stop: asyncio.Event) -> int:
        source, sink = os.pipe()
        try:
            process = await asyncio.create_subprocess_exec(
                *part.command,
                env=part.environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                start_new_session=True,
                pass_fds=part.pass_fds,
            )
        finally:
            os.close(sink)
        self._tell_guard(f"+{process.pid}")
        copying = asyncio.create_task(self._copy(part.name, source))
        exited = asyncio.create_task(process.wait())
        await wait_for_any(stop, exited)
        if not exited.done():
            process.terminate()
            await wait_for_any(self.hurry, exited, timeout_seconds=part.grace_seconds)
        _kill_group(process.pid)
        status = await exited
        self._tell_guard(f"-{process.pid}")
        # A process that left the group may hold the pipe open; its last words are not waited for.
        await asyncio.wait([copying], timeout=1)
        copying.cancel()
        return status

    async def _copy(self, name: str, source: int) -> None:
        # Not a pipe of asyncio's own: with one, `wait` would wait for whoever holds it open, too.
        reader = asyncio.StreamReader()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(source, "rb", buffering=0)
        )
        try:
            await self.output.copy(name, reader)
        finally:
            transport.close()

    def _tell_guard(self, line: str) -> None:
        if self._guard is not None and self._guard.stdin is not None and self._guard.returncode is None:
            self._guard.stdin.write(f"{line}\n".encode())


async def wait_for_any(*events: asyncio.Event | asyncio.Task[int], timeout_seconds: float | None = None) -> None:
    """Return as soon as one of the events is set or one of the tasks is done, or the time is over."""
    waiting = [event if isinstance(event, asyncio.Task) else asyncio.create_task(event.wait()) for event in events]
    await asyncio.wait(waiting, timeout=timeout_seconds, return_when=asyncio.FIRST_COMPLETED)
    for task, event in zip(waiting, events, strict=True):
        if task is not event:
            task.cancel()


async def wait_until(ready: Callable[[], Awaitable[bool]], *, unless: asyncio.Event) -> bool:
    """Ask every 50 ms; gives False when `unless` was set first."""
    while not unless.is_set():
        if await ready():
            return True
        await wait_for_any(unless, timeout_seconds=0.05)
    return False


def _kill_group(group: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _describe(status: int) -> str:
    if status < 0:
        return f"was ended by {signal.Signals(-status).name}"
    return f"exited with status {status}"
