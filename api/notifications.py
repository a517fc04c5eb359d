"""Waking whoever waits for a task, whichever worker and API process the news comes from."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import redis.asyncio
from redis.exceptions import RedisError

from shared.jobs import EVENTS

_RECONNECT_SECONDS = 1.0

log = logging.getLogger(__name__)


class Notifications:
    """One Redis subscription for the whole process, shared by everybody who waits."""

    def __init__(self, redis_url: str) -> None:
        self._redis = redis.asyncio.Redis.from_url(redis_url, socket_connect_timeout=3, health_check_interval=5)
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

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
    def news_of(self, task_id: str) -> Iterator[asyncio.Event]:
        """An event that is set at every change; a waiter looks at the record first and again after a while."""
        event = asyncio.Event()
        self._waiting[task_id].add(event)
        try:
            yield event
        finally:
            self._waiting[task_id].discard(event)
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
            self._wake(*self._waiting)
            async for message in pubsub.listen():
                if message["type"] == "pmessage":
                    self._wake(message["channel"].decode().removeprefix(EVENTS))

    def _wake(self, *task_ids: str) -> None:
        for task_id in task_ids:
            for event in self._waiting.get(task_id, ()):
                event.set()
