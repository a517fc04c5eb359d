"""Small files that ask for much end in a result or a typed error, and within the memory that a reader may have."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from shared.settings import Limits
from tests.faults import bombs, kills
from tests.faults.campaign import Campaign

_LONGEST_BREATH_SECONDS = 5.0
"""What the containers' health check waits."""
_CAP_BYTES = Limits().reader_memory_bytes

_REFUSED = {
    bombs.make_pixel_flood: "image_too_large",
    bombs.make_frame_flood: "too_many_pages",
    bombs.make_page_flood: "too_many_pages",
}

_LYING = {
    bombs.make_lying_png: {"succeeded", "corrupt_file"},
    bombs.make_lying_tiff: {"corrupt_file"},
    bombs.make_lying_jpeg2000: {"corrupt_file"},
    bombs.make_lying_webp: {"corrupt_file"},
    bombs.make_text_chunk: {"corrupt_file"},
    bombs.make_color_profile: {"corrupt_file"},
    bombs.make_directory_loop: {"succeeded", "corrupt_file"},
    bombs.make_huge_page: {"image_too_large"},
    bombs.make_nested_arrays: {"succeeded", "corrupt_file"},
    bombs.make_picture_bomb: {"succeeded"},
}
"""How each may end; one that has nothing on it may as well be read."""

_COSTLY = {
    bombs.make_curve_flood: {"succeeded", "page_timeout"},
    bombs.make_letter_flood: {"succeeded", "page_timeout"},
    bombs.make_lying_jpeg: {"succeeded", "corrupt_file", "engine_error", "page_timeout"},
    bombs.make_canvas_flood: {"succeeded", "page_timeout"},
    bombs.make_longest_document: {"succeeded"},
}

_TOO_LARGE = (
    bombs.make_flate_bomb,
    pytest.param(bombs.make_shallow_flate_bomb, marks=pytest.mark.long),
    bombs.make_path_bomb,
    pytest.param(bombs.make_long_path, marks=pytest.mark.long),
    pytest.param(bombs.make_nested_forms, marks=pytest.mark.long),
)


def _name(make_bomb: Callable[[], bytes]) -> str:
    return make_bomb.__name__.removeprefix("make_")


def test_bombs_that_the_header_gives_away(campaign: Campaign) -> None:
    for make_bomb, code in _REFUSED.items():
        # When
        answer = campaign.submit(make_bomb())
        campaign.fault("bomb")
        # Then
        assert answer is not None
        assert (answer.status_code, answer.json()["code"]) == (422, code), _name(make_bomb)
    campaign.settle()


@pytest.mark.long
def test_bombs_that_hold_less_than_they_say(campaign: Campaign) -> None:
    for make_bomb, ends in _LYING.items():
        # When
        task = _explode(campaign, make_bomb)
        # Then
        assert _end(task) in ends, _name(make_bomb)
    _check_aftermath(campaign)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_formats_of_the_largest_result(start: Callable[..., Campaign]) -> None:
    # Given a service of its own: its API gives back late what it has taken
    campaign = start(slots=2, OCR_MAX_TEXT_BYTES=str(Limits().max_text_bytes))
    campaign.memory.others_most_bytes = 3 << 30
    task_id = campaign.submitted(bombs.make_much_text(), text_layer="only")
    assert campaign.wait_for_end(task_id, 100)["status"] == "succeeded"
    result = f"{campaign.service.url}/ocr/{task_id}/result"
    # When
    with ThreadPoolExecutor() as pool:
        asked = [pool.submit(httpx.get, result, params={"format": "alto"}, timeout=500) for _ in range(4)]
        campaign.fault("bomb")
        waits = []
        while not all(answer.done() for answer in asked):
            waits.append(httpx.get(f"{campaign.service.url}/health/live", timeout=30).elapsed.total_seconds())
            time.sleep(0.2)
    # Then the API is never out of breath
    assert [answer.result().status_code for answer in asked] == [200] * 4
    assert max(waits) < _LONGEST_BREATH_SECONDS
    campaign.settle()


@pytest.mark.long
@pytest.mark.parametrize("make_bomb", _COSTLY, ids=_name)
def test_bombs_that_cost_time(campaign: Campaign, make_bomb: Callable[[], bytes]) -> None:
    # When
    task = _explode(campaign, make_bomb)
    # Then
    assert _end(task) in _COSTLY[make_bomb]
    _check_aftermath(campaign)


@pytest.mark.parametrize("make_bomb", _TOO_LARGE, ids=_name)
def test_bombs_larger_than_a_readers_memory(campaign: Campaign, make_bomb: Callable[[], bytes]) -> None:
    # Given
    slots = _slots(campaign)
    # When
    task = _explode(campaign, make_bomb)
    # Then the reader came to its limit, which buffers that grow by doubling meet anywhere above its half
    assert _end(task) == "engine_error"
    assert "memory" in task["error"]["detail"]
    _check_aftermath(campaign)
    assert campaign.memory.readers_bytes > _CAP_BYTES // 2
    assert _slots(campaign) == slots


def test_picture_larger_than_a_readers_memory_is_told_so(campaign: Campaign) -> None:
    # When
    task = _explode(campaign, bombs.make_deep_picture)
    # Then
    assert task["error"]["detail"] == f"It takes more than the {_CAP_BYTES} bytes of memory allowed."
    _check_aftermath(campaign)
    assert campaign.memory.readers_bytes > _CAP_BYTES // 2


def _explode(campaign: Campaign, make_bomb: Callable[[], bytes]) -> dict[str, Any]:
    task = campaign.wait_for_end(campaign.submitted(make_bomb()), 150)
    campaign.fault("bomb")
    return task


def _end(task: dict[str, Any]) -> str:
    return str(task["error"]["code"] if task["error"] else task["status"])


def _check_aftermath(campaign: Campaign) -> None:
    campaign.wait_for(campaign.submitted(), "succeeded")
    campaign.settle()


def _slots(campaign: Campaign) -> set[int]:
    return {process.pid for process in kills.slots(campaign.service.parts["worker0"])}
