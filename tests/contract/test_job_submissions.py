"""From nothing to queued: caps, idempotency, repetition, and the answer from an earlier result."""

import time

import pytest
import redis

from shared.errors import Code, OcrError
from shared.jobs import Idempotency
from shared.schemas import Status
from tests.stores import Store, make_submission


def test_a_submitted_task_is_queued_and_open(jobs: Store) -> None:
    # When
    task_id = jobs.queued()
    # Then
    assert jobs.find(task_id).status is Status.QUEUED
    assert jobs.orphans() == [task_id]


def test_a_repeated_submit_does_not_take_a_running_task_back(jobs: Store) -> None:
    # Given a client of Redis that got no answer and asks again
    submission = make_submission()
    first = jobs.submit(submission, "message", most=9, owners_most=9)
    jobs.claim(submission.task_id, "first", 10)
    # When
    again = jobs.submit(submission, "message", most=9, owners_most=9)
    # Then
    assert again == first == ("accepted", submission.task_id, jobs.find(submission.task_id).expires)
    assert jobs.find(submission.task_id).status is Status.RUNNING
    assert jobs.client.hget("ocr:owned", "someone") == b"1"


def test_a_submitted_task_is_sent_once(jobs: Store) -> None:
    # Given
    submission = make_submission(priority="bulk")
    # When
    for _ in range(2):
        jobs.submit(submission, "message", most=9, owners_most=9)
    # Then
    assert jobs.client.lrange("bulk", 0, -1) == [b"message"]


def test_a_refused_task_is_not_sent(jobs: Store) -> None:
    # When
    jobs.submit(make_submission(), "message", most=0, owners_most=9)
    # Then
    assert jobs.client.llen("interactive") == 0


def test_the_queue_takes_no_more_than_its_cap(jobs: Store) -> None:
    # Given
    jobs.queued()
    jobs.running()
    # When / Then
    assert jobs.take(most=2)[:2] == ("full", "2")
    assert jobs.client.zcard("ocr:active") == 2


def test_one_owners_flood_leaves_room_for_another(jobs: Store) -> None:
    # Given
    jobs.queued(owner="flood")
    # When
    flood, other = jobs.take(owner="flood", own=1), jobs.take(owner="other", own=1)
    # Then
    assert flood[:2] == ("busy", "1")
    assert other.outcome == "accepted"


@pytest.mark.parametrize("status", [Status.SUCCEEDED, Status.FAILED, Status.CANCELLED])
def test_an_ended_task_makes_room(jobs: Store, status: Status) -> None:
    # Given
    jobs.ended_with(status)
    # When / Then
    assert jobs.take(most=1, own=1).outcome == "accepted"


def test_an_erased_task_makes_room(jobs: Store) -> None:
    # Given
    jobs.erase(jobs.queued())
    # When / Then
    assert jobs.take(most=1, own=1).outcome == "accepted"


def test_an_idempotency_key_gives_the_first_task_again(jobs: Store) -> None:
    # Given
    first = jobs.queued(idempotency=Idempotency("key", "print"))
    # When / Then
    assert jobs.take(idempotency=Idempotency("key", "print"))[:2] == ("replayed", first)
    assert jobs.client.zcard("ocr:active") == 1


def test_an_idempotency_key_is_not_for_another_request(jobs: Store) -> None:
    # Given
    jobs.queued(idempotency=Idempotency("key", "print"))
    # When / Then
    assert jobs.take(idempotency=Idempotency("key", "other print")).outcome == "mismatch"


def test_an_idempotency_key_is_its_owners(jobs: Store) -> None:
    # Given
    first = jobs.queued(idempotency=Idempotency("key", "print"), owner="one")
    # When
    second = jobs.take(idempotency=Idempotency("key", "print"), owner="two")
    # Then
    assert second.outcome == "accepted"
    assert second.value != first


def test_a_refused_submit_keeps_no_idempotency_key(jobs: Store) -> None:
    # Given
    other = jobs.queued()
    jobs.take(idempotency=Idempotency("key", "print"), most=1)
    jobs.erase(other)
    # When / Then
    assert jobs.take(idempotency=Idempotency("key", "print"), most=1).outcome == "accepted"


def test_the_same_bytes_and_options_are_answered_from_the_earlier_result(jobs: Store) -> None:
    # Given
    source = jobs.ended_with(Status.SUCCEEDED, cache_digest="digest")
    copy = make_submission(cache_digest="digest")
    # When
    answer = jobs.reuse(copy)
    # Then
    assert set(answer) == {source}
    assert jobs.find(copy.task_id).status is Status.SUCCEEDED
    assert list(jobs.result(copy.task_id) or ()) == [b'{"text":"read"}']


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        ({"cache_digest": "other"}, Status.SUCCEEDED),
        ({"cache_digest": "digest", "owner": "other"}, Status.SUCCEEDED),
        ({"cache_digest": "digest"}, Status.FAILED),
    ],
)
def test_no_other_result_is_reused(jobs: Store, facts: dict[str, str], status: Status) -> None:
    # Given
    jobs.ended_with(status, cache_digest="digest")
    # When / Then
    assert jobs.reuse(make_submission(**facts)) == []


@pytest.mark.parametrize("flaw", [{"partial": True}, {"reusable": False}])
def test_a_flawed_result_is_not_reused(jobs: Store, flaw: dict[str, bool]) -> None:
    # Given
    task_id = jobs.running(cache_digest="digest")
    jobs.finish(task_id, Status.SUCCEEDED, result=b"{}", **flaw)
    # When / Then
    assert jobs.reuse(make_submission(cache_digest="digest")) == []


def test_a_result_is_kept_once_however_often_it_is_asked_for(jobs: Store) -> None:
    # Given
    jobs.ended_with(Status.SUCCEEDED, cache_digest="digest")
    # When
    for _ in range(3):
        jobs.reuse(make_submission(cache_digest="digest"))
    # Then
    assert len(_results(jobs)) == 1


@pytest.mark.parametrize("erased", [0, 1, 2])
def test_a_task_keeps_its_result_when_another_with_the_same_is_erased(jobs: Store, erased: int) -> None:
    # Given
    copies = [make_submission(cache_digest="digest") for _ in range(2)]
    tasks = [jobs.ended_with(Status.SUCCEEDED, cache_digest="digest"), *(copy.task_id for copy in copies)]
    for copy in copies:
        jobs.reuse(copy)
    # When
    jobs.erase(tasks.pop(erased))
    # Then
    assert [list(jobs.result(task_id) or ()) for task_id in tasks] == [[b'{"text":"read"}']] * 2
    assert jobs.reuse(make_submission(cache_digest="digest"))[0] in tasks


def test_a_result_is_erased_with_the_last_task_that_has_it(jobs: Store) -> None:
    # Given
    copy = make_submission(cache_digest="digest")
    tasks = [jobs.ended_with(Status.SUCCEEDED, cache_digest="digest"), copy.task_id]
    jobs.reuse(copy)
    # When
    for task_id in tasks:
        jobs.erase(task_id)
    # Then
    assert _results(jobs) == []
    assert jobs.reuse(make_submission(cache_digest="digest")) == []


def test_a_result_outlives_the_task_that_it_was_read_for(store: redis.Redis) -> None:
    # Given
    jobs = Store(store, result_seconds=2)
    source, copy = jobs.ended_with(Status.SUCCEEDED, cache_digest="digest"), make_submission(cache_digest="digest")
    time.sleep(1.2)
    jobs.reuse(copy)
    # When
    time.sleep(1.2)
    # Then
    assert not store.exists(f"ocr:job:{source}")
    assert list(jobs.result(copy.task_id) or ()) == [b'{"text":"read"}']
    assert jobs.reuse(make_submission(cache_digest="digest"))[0] == copy.task_id


def test_a_result_goes_with_the_last_task_that_is_left(store: redis.Redis) -> None:
    # Given
    jobs = Store(store, result_seconds=2)
    source, copy = jobs.ended_with(Status.SUCCEEDED, cache_digest="digest"), make_submission(cache_digest="digest")
    time.sleep(1.2)
    jobs.reuse(copy)
    # When
    jobs.erase(copy.task_id)
    time.sleep(1.2)
    # Then
    assert not store.exists(f"ocr:job:{source}")
    assert _results(jobs) == []


def test_a_result_is_there_as_long_as_its_task(store: redis.Redis) -> None:
    # Given a task whose result was made less than half a second before
    jobs = Store(store, result_seconds=3)
    source, copy = jobs.ended_with(Status.SUCCEEDED, cache_digest="digest"), make_submission(cache_digest="digest")
    time.sleep(0.4)
    # When
    jobs.reuse(copy)
    # Then
    assert store.pttl(f"ocr:result:{source}") >= store.pttl(f"ocr:job:{copy.task_id}")


def test_a_task_erased_in_its_last_moment_leaves_nothing(store: redis.Redis) -> None:
    # Given
    jobs = Store(store, result_seconds=2)
    jobs.ended_with(Status.SUCCEEDED, cache_digest="digest")
    copy = make_submission(cache_digest="digest")
    jobs.reuse(copy)
    time.sleep(1.8)
    # When
    jobs.erase(copy.task_id)
    # Then
    assert not store.exists(f"ocr:job:{copy.task_id}")


def test_a_repeated_request_for_reuse_changes_nothing(store: redis.Redis) -> None:
    # Given
    jobs = Store(store)
    source, copy = jobs.ended_with(Status.SUCCEEDED, cache_digest="digest"), make_submission(cache_digest="digest")
    jobs.reuse(copy)
    ended = store.get("ocr:count:succeeded")
    # When
    answer = jobs.reuse(copy)
    # Then
    assert answer == [source]
    assert store.get("ocr:count:succeeded") == ended


def test_a_copy_of_a_copy_knows_the_task_that_was_read(jobs: Store) -> None:
    # Given
    source = jobs.ended_with(Status.SUCCEEDED, cache_digest="digest")
    first, second = (make_submission(cache_digest="digest") for _ in range(2))
    jobs.reuse(first)
    # When / Then
    assert jobs.reuse(second) == [first.task_id, source]


def _results(jobs: Store) -> list[bytes]:
    return list(jobs.client.scan_iter("ocr:result:*"))


def test_an_erased_result_is_not_reused(jobs: Store) -> None:
    # Given
    jobs.erase(jobs.ended_with(Status.SUCCEEDED, cache_digest="digest"))
    # When / Then
    assert jobs.reuse(make_submission(cache_digest="digest")) == []


def test_another_owners_task_looks_like_an_unknown_one(jobs: Store) -> None:
    # Given
    task_id = jobs.queued(owner="one")
    # When
    with pytest.raises(OcrError) as foreign:
        jobs.find(task_id, "two")
    with pytest.raises(OcrError) as unknown:
        jobs.find("unknown", "two")
    # Then
    assert foreign.value.problem() == unknown.value.problem()
    assert foreign.value.code is Code.TASK_NOT_FOUND


def test_a_submission_that_comes_after_its_upload_was_given_up_is_refused(jobs: Store) -> None:
    # Given
    submission = make_submission()
    assert jobs.refuse(submission.task_id)
    # When
    with pytest.raises(OcrError) as caught:
        jobs.submit(submission, "message", most=9, owners_most=9)
    # Then
    assert caught.value.code is Code.BROKER_UNAVAILABLE
    assert jobs.traces(submission.task_id) == {"refused"}


def test_a_submission_that_comes_after_its_task_was_erased_does_not_revive_it(jobs: Store) -> None:
    # Given
    task_id = jobs.queued()
    jobs.erase(task_id)
    # When
    with pytest.raises(OcrError):
        jobs.submit(make_submission(task_id=task_id), "message", most=9, owners_most=9)
    # Then
    with pytest.raises(OcrError) as caught:
        jobs.find(task_id)
    assert caught.value.code is Code.TASK_DELETED


def test_an_upload_whose_task_is_recorded_is_not_given_up(jobs: Store) -> None:
    # Given
    task_id = jobs.queued()
    # When / Then
    assert not jobs.refuse(task_id)
    assert jobs.find(task_id).status is Status.QUEUED


def test_interactive_tasks_wait_before_bulk_ones(jobs: Store) -> None:
    # Given
    bulk, interactive = jobs.queued(priority="bulk"), jobs.queued()
    # When / Then
    assert [jobs.look(task_id)[1] for task_id in (interactive, bulk)] == [1, 2]


def test_a_store_without_room_takes_no_task(jobs: Store) -> None:
    # Given
    jobs.client.config_set("maxmemory", 1)
    # When
    try:
        with pytest.raises(OcrError) as caught:
            jobs.take()
    finally:
        jobs.client.config_set("maxmemory", 0)
    # Then
    assert caught.value.code is Code.BROKER_UNAVAILABLE
    assert jobs.take().outcome == "accepted"
