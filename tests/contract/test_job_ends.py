"""Finish, erase, expire: the first writer wins, and nothing but what was promised is left."""

import time

import pytest
import redis

from shared.errors import Code, OcrError
from shared.jobs import Idempotency
from shared.schemas import Status
from tests.stores import PAGE, Store


def test_the_first_finish_wins(jobs: Store) -> None:
    # Given
    task_id = jobs.running()
    # When
    answers = [
        jobs.finish(task_id, Status.SUCCEEDED, result=b'{"text":"first"}'),
        jobs.finish(task_id, Status.SUCCEEDED, result=b'{"text":"second"}'),
        jobs.finish(task_id, Status.FAILED, error={"code": "late"}),
    ]
    # Then
    assert answers == [True, False, False]
    assert jobs.find(task_id).error is None
    assert list(jobs.result(task_id) or ()) == [b'{"text":"first"}']


def test_a_queued_task_can_be_cancelled(jobs: Store) -> None:
    # Given
    task_id = jobs.queued()
    # When
    jobs.finish(task_id, Status.CANCELLED, error={"code": "cancelled"})
    # Then
    job, position = jobs.look(task_id)
    assert (job.status, position) == (Status.CANCELLED, None)


@pytest.mark.parametrize("status", [Status.SUCCEEDED, Status.FAILED, Status.CANCELLED])
def test_an_ended_task_leaves_only_its_record_and_result(jobs: Store, status: Status) -> None:
    # Given
    task_id = jobs.planned(3)
    jobs.keep_pages(task_id, {1: PAGE})
    jobs.claim(f"{task_id}/2", "second", 10)
    jobs.missed([f"{task_id}/3"], 3)
    # When
    jobs.finish(task_id, status, result=b"{}" if status is Status.SUCCEEDED else b"")
    # Then
    result = {"result"} if status is Status.SUCCEEDED else set()
    assert jobs.traces(task_id) == {"job", "gone", "tasks"} | result
    assert not jobs.client.hexists("ocr:owned", "someone")


def test_an_erased_task_leaves_only_a_tombstone(jobs: Store) -> None:
    # Given
    task_id = jobs.planned(3)
    jobs.keep_pages(task_id, {1: PAGE})
    # When
    jobs.erase(task_id)
    # Then
    assert jobs.traces(task_id) == {"gone"}
    with pytest.raises(OcrError) as error:
        jobs.find(task_id)
    assert error.value.code is Code.TASK_DELETED


def test_the_key_of_an_erased_task_begins_a_new_one(jobs: Store) -> None:
    # Given
    task_id = jobs.queued(idempotency=Idempotency("key", "print"))
    # When
    jobs.erase(task_id)
    # Then
    assert not list(jobs.client.scan_iter("ocr:idempotency:*"))
    assert jobs.take(idempotency=Idempotency("key", "print")).outcome == "accepted"


def test_an_erased_task_cannot_be_finished(jobs: Store) -> None:
    # Given
    task_id = jobs.running()
    jobs.erase(task_id)
    # When / Then
    assert not jobs.finish(task_id, Status.SUCCEEDED, result=b"{}")
    assert jobs.traces(task_id) == {"gone"}


def test_an_unknown_task_cannot_be_erased(jobs: Store) -> None:
    # When / Then
    assert not jobs.erase("unknown")
    assert jobs.client.keys("ocr:*") == []


def test_an_expired_task_is_gone_and_not_unknown(store: redis.Redis) -> None:
    # Given
    jobs = Store(store, result_seconds=1)
    task_id = jobs.ended_with(Status.SUCCEEDED)
    # When
    time.sleep(1.1)
    # Then
    with pytest.raises(OcrError) as error:
        jobs.find(task_id)
    assert error.value.code is Code.TASK_EXPIRED
    assert jobs.result(task_id) is None


def test_an_expired_task_of_another_owner_looks_like_an_unknown_one(store: redis.Redis) -> None:
    # Given
    jobs = Store(store, result_seconds=1)
    task_id = jobs.ended_with(Status.SUCCEEDED, owner="one")
    # When
    time.sleep(1.1)
    # Then
    with pytest.raises(OcrError) as error:
        jobs.find(task_id, "two")
    assert error.value.code is Code.TASK_NOT_FOUND


def test_nothing_but_tombstones_and_counters_outlives_the_results(store: redis.Redis) -> None:
    # Given
    jobs = Store(store, result_seconds=1)
    for status in (Status.SUCCEEDED, Status.FAILED, Status.CANCELLED):
        jobs.ended_with(status, cache_digest="digest")
    # When
    time.sleep(1.1)
    # Then
    kinds = {key.decode().split(":")[1] for key in store.scan_iter("ocr:*")}
    assert kinds == {"gone", "count", "consumed", "ended"}


def test_an_owners_list_sheds_expired_tasks_as_it_grows(store: redis.Redis) -> None:
    # Given
    jobs = Store(store, result_seconds=1)
    jobs.ended_with(Status.SUCCEEDED)
    jobs.ended_with(Status.SUCCEEDED)
    open_task = jobs.queued()
    # When
    time.sleep(1.1)
    new_task = jobs.queued()
    # Then
    assert store.zrange("ocr:tasks:someone", 0, -1) == [open_task.encode(), new_task.encode()]


def test_a_document_that_was_never_planned_ends_with_its_pages_counted(jobs: Store) -> None:
    # Given
    task_id = jobs.running()
    # When
    jobs.finish(task_id, Status.SUCCEEDED, result=b"{}", pages_total=1)
    # Then
    job = jobs.find(task_id)
    assert (job.pages_done, job.pages_total) == (1, 1)


def test_a_waiting_clients_channel_hears_of_every_change(jobs: Store) -> None:
    # Given
    with jobs.client.pubsub(ignore_subscribe_messages=True) as listener:
        task_id = jobs.queued()
        listener.subscribe(f"ocr:events:{task_id}")
        listener.get_message(timeout=1)
        # When
        jobs.claim(task_id, "first", 10)
        jobs.plan(task_id, 1, [])
        jobs.keep_pages(task_id, {1: PAGE})
        jobs.finish(task_id, Status.SUCCEEDED, result=b"{}")
        # Then
        events = [listener.get_message(timeout=1)["data"] for _ in range(4)]
    assert events == [b"status", b"progress", b"page:1", b"done"]
