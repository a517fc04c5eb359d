"""Half-open connections: every open socket to Redis falls silent, and neither end is told."""

import asyncio
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
import redis

from api.notifications import Notifications
from shared.jobs import EVENTS
from tests.faults.campaign import Campaign
from tests.faults.proxies import Proxy


@pytest.mark.parametrize(("tasks", "silences"), [(40, 2), pytest.param(300, 10, marks=pytest.mark.long)])
def test_silent_sockets(start: Callable[..., Campaign], tasks: int, silences: int) -> None:
    # Given
    proxies = []

    def route(url: str) -> str:
        proxies.append(Proxy(urlsplit(url).port or 0))
        return f"redis://127.0.0.1:{proxies[0].port}/0"

    campaign = start(workers=2, route=route)
    # When
    for _ in range(silences):
        campaign.submit_many(tasks // silences)
        time.sleep(campaign.chance.uniform(0, 0.5))
        proxies[0].silence()
        campaign.fault("all sockets silent")
        began = time.monotonic()
        campaign.submit_many(1)
        assert time.monotonic() - began < 15
    # Then
    campaign.await_quiet()
    proxies[0].bury()
    row = campaign.settle(workers=2)
    campaign.await_tidy()
    proxies[0].close()
    assert row.ends == {"succeeded": row.accepted}


def test_news_come_again_after_silence(redis_url: str) -> None:
    # Given
    proxy = Proxy(urlsplit(redis_url).port or 0)
    notifications = Notifications(f"redis://127.0.0.1:{proxy.port}/0")

    async def hear() -> None:
        async with notifications.listening():
            with notifications.news_of("task") as news:
                await asyncio.wait_for(news.wait(), 5)
                # When
                proxy.silence()
                news.clear()
                # Then: it is woken once for all that it may have missed, and then by the news itself
                await asyncio.wait_for(news.wait(), 20)
                news.clear()
                with redis.Redis.from_url(redis_url) as client:
                    client.publish(f"{EVENTS}task", "progress")
                await asyncio.wait_for(news.wait(), 5)

    asyncio.run(hear())
    proxy.close()
