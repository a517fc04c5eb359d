"""Waking whoever waits for a task, whichever worker and API process the news comes from."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import redis.asyncio
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from shared.jobs import ENDED, EVENTS

_RECONNECT_SECONDS = 1.0
_SILENCE_SECONDS = 5.0
"""After which Redis is asked whether it is there; twice as long, and it is not."""

log = logging.getLogger(__name__)


class Notifications:
    """One Redis subscription for the whole process, shared by everybody who waits."""

    def __init__(self, redis_url: str) -> None:
        self._redis = redis.asyncio.Redis.from_url(redis_url, socket_connect_timeout=3)
        self._waiting: defaultdict[str, dict[asyncio.Event, bool]] = defaultdict(dict)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await self._redis.aclose()

    @contextmanager
    def news_of(self, task_id: str, *, end_only: bool = False) -> Iterator[asyncio.Event]:
        """An event that is set at every change, or at the task's end alone.

        A waiter looks at the record first and again after a while.
        """
        event = asyncio.Event()
        self._waiting[task_id][event] = end_only
        try:
            yield event
        finally:
            del self._waiting[task_id][event]
            if not self._waiting[task_id]:
                del self._waiting[task_id]

    async def _run(self) -> None:
        while True:
            try:
                await self._listen()
            except (RedisError, OSError) as error:
                log.warning("no news: %s", type(error).__name__)
                await asyncio.sleep(_RECONNECT_SECONDS)

    async def _listen(self) -> None:
        async with self._redis.pubsub() as pubsub:
            await pubsub.psubscribe(EVENTS + "*")
            for task_id in self._waiting:
                self._wake(task_id, ended=True)  # for all that is known
            asked = False
            while True:
                message = await pubsub.get_message(timeout=_SILENCE_SECONDS)
                if message is None and asked:
                    msg = "the connection is open, and nothing comes through"
                    raise RedisConnectionError(msg)
                if message is None:
                    await pubsub.ping()
                elif message["type"] == "pmessage":
                    self._wake(message["channel"].decode().removeprefix(EVENTS), ended=message["data"] == ENDED)
                asked = message is None

    def _wake(self, task_id: str, *, ended: bool) -> None:
        for event, end_only in self._waiting.get(task_id, {}).items():
            if ended or not end_only:
                event.set()
