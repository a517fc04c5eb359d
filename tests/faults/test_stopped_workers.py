"""A worker that is told to stop, and tasks that are told to, in the middle of a long page."""

import time
from collections.abc import Callable

import httpx
import psutil
import pytest

from tests.faults import kills
from tests.faults.campaign import Campaign
from tests.faults.pictures import draw_document, draw_slow_page
from tests.service import is_ready, wait_until

_GRACE_SECONDS = 24
"""Less than a worker waits before it ends by force."""
_BY_ITSELF, _BY_FORCE = 0, 1
"""What a worker that was told to stop ends with."""
_KILL_SECONDS = 2.5
"""Two, and what it takes to look."""


def test_stop_with_a_long_task(start: Callable[..., Campaign]) -> None:
    # Given
    campaign = start()
    task_id = campaign.submitted(draw_slow_page(), "")
    campaign.wait_for(task_id, "running")
    # When
    began = time.monotonic()
    status = campaign.service.parts["worker0"].stop()
    campaign.fault("worker stopped")
    # Then it hands the task back, which is begun anew at once and at no cost
    assert (status, time.monotonic() - began < _GRACE_SECONDS) == (_BY_ITSELF, True)
    campaign.service.parts["worker0"].start()
    store = campaign.service.redis
    wait_until(lambda: bool(store.hget(f"ocr:lease:{task_id}", "token")), "it runs again", 30)
    store.close()
    assert campaign.find(task_id)["attempts"] == 1
    assert httpx.post(f"{campaign.service.url}/ocr/{task_id}/cancel").status_code == 202
    campaign.settle()


def test_stop_lets_short_tasks_end(start: Callable[..., Campaign]) -> None:
    # Given
    campaign = start(slots=2)
    campaign.submit_many(20)
    # When
    status = campaign.service.parts["worker0"].stop()
    campaign.fault("worker stopped")
    # Then
    assert status == _BY_ITSELF
    campaign.service.parts["worker0"].start()
    row = campaign.settle()
    assert (row.extra_runs, row.ends) == (0, {"succeeded": 20})


def test_stop_while_a_slot_begins_a_task(start: Callable[..., Campaign]) -> None:
    # Given a task that the slot has and that its worker does not know to be begun
    campaign = start()
    worker = campaign.service.parts["worker0"]
    (slot,) = kills.slots(worker)
    slot.suspend()
    campaign.submit_many(1)
    store = campaign.service.redis
    wait_until(lambda: not store.llen("interactive"), "the worker has taken the task")
    store.close()
    # When
    assert worker.process is not None
    worker.process.terminate()
    time.sleep(1)
    slot.resume()
    campaign.fault("worker stopped")
    # Then
    assert worker.process.wait(_GRACE_SECONDS) == _BY_ITSELF
    worker.start()
    row = campaign.settle()
    assert (row.extra_runs, row.ends) == (0, {"succeeded": 1})


@pytest.mark.long
def test_slot_that_cannot_stop(start: Callable[..., Campaign]) -> None:
    # Given
    campaign = start(slots=2)
    worker = campaign.service.parts["worker0"]
    stuck, *_ = kills.slots(worker)
    stuck.suspend()
    # When
    status = worker.stop()
    campaign.fault("slot frozen while its worker stops")
    # Then the worker ends without it
    assert status == _BY_FORCE
    stuck.kill()
    worker.start()
    campaign.submit_many(3)
    campaign.settle()


def test_task_over_its_time(start: Callable[..., Campaign]) -> None:
    # Given
    campaign = start(OCR_TASK_SECONDS="6")
    # When
    task_id = campaign.submitted(draw_slow_page(), "")
    campaign.fault("task too long")
    campaign.wait_for(task_id, "running")
    readers = kills.readers(campaign.service.parts["worker0"])
    # Then
    assert campaign.wait_for(task_id, "failed", 30)["error"]["code"] == "task_timeout"
    _check_slot_is_free(campaign, readers)


@pytest.mark.long
def test_page_over_its_time(start: Callable[..., Campaign]) -> None:
    # Given
    campaign = start(OCR_PAGE_SECONDS="3")
    # When
    task_id = campaign.submitted(draw_slow_page(), "")
    campaign.fault("page too long")
    campaign.wait_for(task_id, "running")
    readers = kills.readers(campaign.service.parts["worker0"])
    # Then
    assert campaign.wait_for(task_id, "failed", 30)["error"]["code"] == "page_timeout"
    _check_slot_is_free(campaign, readers)


@pytest.mark.parametrize(("method", "path", "status"), [("POST", "/cancel", 202), ("DELETE", "", 204)])
def test_running_task_ended_by_its_client(start: Callable[..., Campaign], method: str, path: str, status: int) -> None:
    # Given
    campaign = start()
    task_id = campaign.submitted(draw_slow_page(), "")
    campaign.wait_for(task_id, "running")
    time.sleep(1)
    readers = kills.readers(campaign.service.parts["worker0"])
    # When
    answer = httpx.request(method, f"{campaign.service.url}/ocr/{task_id}{path}", timeout=10)
    campaign.fault(f"{method} {path}".strip())
    campaign.gone.update({task_id} if method == "DELETE" else ())
    # Then
    assert answer.status_code == status
    _check_slot_is_free(campaign, readers)


def test_document_cancelled_while_many_slots_read_it(start: Callable[..., Campaign]) -> None:
    # Given
    campaign = start(slots=2)
    task_id = campaign.submitted(draw_document([f"Page {number}" for number in range(1_500)]), "")
    campaign.wait_for(task_id, "running")
    time.sleep(1)
    # When
    assert httpx.post(f"{campaign.service.url}/ocr/{task_id}/cancel", timeout=10).status_code == 202
    campaign.fault("cancelled")
    # Then its pages, each short, are not read any more
    _check_slot_is_free(campaign, [])
    assert 0 < campaign.find(task_id)["progress"]["pages_done"] < 1_500


@pytest.mark.long
def test_result_larger_than_it_may_be(start: Callable[..., Campaign]) -> None:
    # Given
    campaign = start(OCR_MAX_TEXT_BYTES="2000")
    # When
    task_id = campaign.submitted(draw_slow_page(5), "")
    campaign.fault("result too large")
    # Then
    assert campaign.wait_for(task_id, "failed")["error"]["code"] == "engine_error"
    campaign.settle()


@pytest.mark.long
def test_no_worker_left(start: Callable[..., Campaign]) -> None:
    # Given
    campaign = start()
    # When
    campaign.service.parts["worker0"].kill()
    campaign.fault("worker killed")
    # Then the service says that it is not ready, and keeps what it accepts for whoever comes
    wait_until(lambda: not is_ready(campaign.service), "it is not ready", 20)
    assert httpx.get(f"{campaign.service.url}/health/ready").json()["reason"] == "no_worker"
    campaign.submit_many(5)
    campaign.service.parts["worker0"].start()
    row = campaign.settle()
    assert row.ends == {"succeeded": 5}


def _check_slot_is_free(campaign: Campaign, readers: list[psutil.Process]) -> None:
    """What read a page that nobody wants any more is dead; the slot works on."""
    _, alive = psutil.wait_procs(readers, timeout=_KILL_SECONDS)
    assert alive == []
    campaign.wait_for(campaign.submitted(), "succeeded")
    campaign.settle()
