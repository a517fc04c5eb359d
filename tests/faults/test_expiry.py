"""Results that have had their time."""

import time
from collections.abc import Callable

import httpx

from tests.faults.campaign import Campaign


def test_expired_results(start: Callable[..., Campaign]) -> None:
    # Given
    campaign = start(OCR_RESULT_SECONDS="2")
    ids = [campaign.submitted() for _ in range(5)]
    for task_id in ids:
        httpx.get(f"{campaign.service.url}/ocr/{task_id}", params={"wait": 20}, timeout=30)
    # When
    time.sleep(2.5)
    campaign.fault("results expired")
    # Then
    for task_id in ids:
        for path in ("", "?wait=1", "/result", "/pages/1"):
            answer = httpx.get(f"{campaign.service.url}/ocr/{task_id}{path}", timeout=10)
            assert (answer.status_code, answer.json()["code"]) == (410, "task_expired"), path
        assert httpx.post(f"{campaign.service.url}/ocr/{task_id}/cancel", timeout=10).status_code == 410
    row = campaign.settle()
    assert row.ends == {"gone": 5}
