"""Results that have had their time."""

import time
from collections.abc import Callable

import httpx
import pytest

from tests.faults.campaign import Campaign

_RESULT_SECONDS = 8
"""Longer than it takes a worker to look after a task that has ended."""


@pytest.mark.long
def test_expired_results(start: Callable[..., Campaign]) -> None:
    # Given
    campaign = start(OCR_RESULT_SECONDS=str(_RESULT_SECONDS), OCR_KEEP_UPLOAD="true")
    ids = [campaign.submitted() for _ in range(5)]
    for task_id in ids:
        httpx.get(f"{campaign.service.url}/ocr/{task_id}", params={"wait": 20}, timeout=30)
    assert [len(_find_files(campaign, task_id)) for task_id in ids] == [2] * 5
    # When
    time.sleep(_RESULT_SECONDS + 0.5)
    campaign.fault("results expired")
    campaign.gone.update(ids)
    # Then
    for task_id in ids:
        for path in ("", "?wait=1", "/result", "/pages/1"):
            answer = httpx.get(f"{campaign.service.url}/ocr/{task_id}{path}", timeout=10)
            assert (answer.status_code, answer.json()["code"]) == (410, "task_expired"), path
        assert httpx.post(f"{campaign.service.url}/ocr/{task_id}/cancel", timeout=10).status_code == 410
    row = campaign.settle()  # which finds no files any more
    assert row.ends == {"gone": 5}


def _find_files(campaign: Campaign, task_id: str) -> list[str]:
    return [path.name for path in (campaign.service.data_dir / "data" / "tmp" / task_id).iterdir()]
