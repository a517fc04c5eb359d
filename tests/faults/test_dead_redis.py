"""Redis killed, gone for a while, or not there yet."""

import time
from collections.abc import Callable

import httpx
import pytest

from tests.faults.campaign import Campaign
from tests.faults.pictures import draw_slow_page
from tests.service import is_ready, wait_until

_RECOVERY_SECONDS = 10.0


@pytest.mark.parametrize(("tasks", "kills"), [(40, 4), pytest.param(200, 10, marks=pytest.mark.long)])
def test_killed_redis(start: Callable[..., Campaign], tasks: int, kills: int) -> None:
    # Given
    campaign = start(workers=2)
    redis = campaign.service.parts["redis"]
    # When
    for _ in range(kills):
        campaign.submit_many(tasks // kills)
        redis.kill()
        campaign.fault("Redis killed")
        assert _submit_fails_well(campaign)
        time.sleep(campaign.chance.uniform(0, 1.5))
        redis.start()
    # Then
    row = campaign.settle(workers=2)
    assert row.ends == {"succeeded": row.accepted}


@pytest.mark.parametrize("seconds", [5, pytest.param(20, marks=pytest.mark.long)])
def test_redis_away(start: Callable[..., Campaign], seconds: int) -> None:
    # Given
    campaign = start()
    known = campaign.submitted()
    campaign.wait_for(known, "succeeded")
    # When
    campaign.service.parts["redis"].kill()
    campaign.fault(f"Redis away for {seconds} s")
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        # Then
        assert _submit_fails_well(campaign)
        assert _status(campaign, f"/ocr/{known}") == 503
        assert _status(campaign, f"/ocr/{known}?wait=5") == 503
        assert _status(campaign, f"/ocr/{known}/result") == 503
        assert _status(campaign, "/health/live") == 200
        assert _status(campaign, "/health/ready") == 503
        time.sleep(1)
    campaign.service.parts["redis"].start()
    back = time.monotonic()
    wait_until(lambda: is_ready(campaign.service), "it is ready again", 30)
    campaign.wait_for(campaign.submitted(), "succeeded")
    assert time.monotonic() - back < _RECOVERY_SECONDS
    campaign.settle()


@pytest.mark.long
def test_redis_away_in_mid_recognition(start: Callable[..., Campaign]) -> None:
    # Given
    campaign = start()
    task_id = campaign.submitted(draw_slow_page(15))
    campaign.wait_for(task_id, "running")
    time.sleep(1)
    # When Redis is away until after the page is read
    campaign.service.parts["redis"].kill()
    campaign.fault("Redis away for 20 s")
    time.sleep(20)
    campaign.service.parts["redis"].start()
    # Then what was read is not read again
    wait_until(lambda: _status(campaign, f"/ocr/{task_id}") == 200, "Redis is back", 30)
    assert campaign.wait_for(task_id, "succeeded", 90)["attempts"] == 1
    campaign.settle()


@pytest.mark.long
def test_start_without_redis(start: Callable[..., Campaign]) -> None:
    # Given all but Redis stopped and started anew, and Redis down
    campaign = start()
    parts = campaign.service.parts
    for name in ("worker0", "api", "redis"):
        parts[name].kill()
        campaign.fault(f"{name} killed")
    parts["api"].start()
    parts["worker0"].start()
    # Then the API says so
    wait_until(lambda: _answers(campaign), "the API answers")
    assert _status(campaign, "/health/live") == 200
    assert _status(campaign, "/health/ready") == 503
    assert _submit_fails_well(campaign)
    # When
    time.sleep(8)
    parts["redis"].start()
    # Then both go on by themselves
    wait_until(lambda: is_ready(campaign.service), "it is ready", 40)
    campaign.wait_for(campaign.submitted(), "succeeded")
    campaign.settle()


def _submit_fails_well(campaign: Campaign) -> bool:
    """Within seconds, with a 503 that says when to come again."""
    began = time.monotonic()
    answer = campaign.submit()
    assert answer is not None
    assert answer.status_code == 503, answer.text
    assert answer.json()["code"] == "broker_unavailable"
    assert int(answer.headers["retry-after"]) > 0
    return time.monotonic() - began < 5


def _status(campaign: Campaign, path: str) -> int:
    return httpx.get(campaign.service.url + path, timeout=10).status_code


def _answers(campaign: Campaign) -> bool:
    try:
        return _status(campaign, "/health/live") > 0
    except httpx.TransportError:
        return False
