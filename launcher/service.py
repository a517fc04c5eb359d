"""The order in which the parts begin and end."""

import asyncio
import math
import os
import signal
from contextlib import AsyncExitStack

from launcher.claims import check_port, lock_folder
from launcher.config import Config
from launcher.output import Output
from launcher.parts import api_answers, api_part, redis_answers, redis_part, worker_part
from launcher.supervisor import Supervisor, wait_for_any, wait_until

PARENT_CHECK_SECONDS = 0.5
REPEAT_SECONDS = 1.0


async def serve(config: Config, output: Output, *, parent: int | None) -> None:
    """Run the service until a signal, or the end of the process `parent`, stops it.

    Raises:
        LaunchError: it cannot be started.
    """
    check_port(config)
    stop = asyncio.Event()
    async with Supervisor(output) as supervisor, AsyncExitStack() as stack:
        _stop_on_signals(stop, supervisor)
        if parent is not None:
            watching = asyncio.create_task(_stop_after_parent(parent, stop))
            stack.callback(watching.cancel)
        redis_url = config.redis_url or await _start_redis(config, supervisor, stack, stop)
        parts = (worker_part(config, redis_url), api_part(config, redis_url))
        keepers = [asyncio.create_task(supervisor.keep(part, stop)) for part in parts]
        if await wait_until(lambda: api_answers(config), unless=stop):
            output.write("launcher", f"open {config.url} (Ctrl-C stops the service)")
        await wait_for_any(stop)
        output.write("launcher", "stopping; once more Ctrl-C stops at once what is still busy")
        await asyncio.gather(*keepers)
    output.write("launcher", "stopped")


async def _start_redis(config: Config, supervisor: Supervisor, stack: AsyncExitStack, stop: asyncio.Event) -> str:
    """Start a Redis that `stack` stops at its end, when those who use it are gone; gives its URL."""
    folder = config.data_dir / "redis"
    lock = await stack.enter_async_context(lock_folder(folder))
    # The path of a socket may have a hundred characters or so, which that of the data folder may pass.
    socket = supervisor.scratch / "redis.sock"
    stop_redis = asyncio.Event()
    keeper = asyncio.create_task(supervisor.keep(redis_part(folder, socket, lock), stop_redis))

    async def end() -> None:
        stop_redis.set()
        await keeper

    stack.push_async_callback(end)
    await wait_until(lambda: redis_answers(socket), unless=stop)
    return f"unix://{socket}"


def _stop_on_signals(stop: asyncio.Event, supervisor: Supervisor) -> None:
    loop = asyncio.get_running_loop()
    first = math.inf

    def handle() -> None:
        nonlocal first
        # One request may come twice at once: to the whole group, and passed on by make.
        if loop.time() > first + REPEAT_SECONDS:
            supervisor.hurry.set()
        first = min(first, loop.time())
        stop.set()

    loop.add_signal_handler(signal.SIGINT, handle)
    loop.add_signal_handler(signal.SIGTERM, handle)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as it is under nohup
        loop.add_signal_handler(signal.SIGHUP, handle)


async def _stop_after_parent(parent: int, stop: asyncio.Event) -> None:
    while os.getppid() == parent and not stop.is_set():
        await wait_for_any(stop, timeout_seconds=PARENT_CHECK_SECONDS)
    stop.set()
