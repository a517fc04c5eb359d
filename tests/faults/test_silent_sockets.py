"""Half-open connections: every open socket to Redis falls silent, and neither end is told."""

import time
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

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
    row = campaign.settle(workers=2)
    proxies[0].close()
    assert row.ends == {"succeeded": row.accepted}
