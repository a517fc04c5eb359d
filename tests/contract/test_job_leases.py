"""Claim, renew, release: who works on a piece, and for how long."""

import pytest

from shared.jobs import MOST_ATTEMPTS, Claim
from shared.schemas import Status
from tests.stores import Store


def test_a_claim_sets_the_task_running(jobs: Store) -> None:
    # Given
    task_id = jobs.queued()
    # When
    claim = jobs.claim(task_id, "first", 10)
    # Then
    assert (claim.outcome, claim.attempts) == ("claimed", 1)
    job, position = jobs.look(task_id)
    assert (job.status, position) == (Status.RUNNING, None)


def test_a_leased_piece_is_busy_for_others(jobs: Store) -> None:
    # Given
    task_id = jobs.running()
    # When / Then
    assert jobs.claim(task_id, "second", 10) == Claim("busy")


def test_a_claim_that_is_repeated_for_want_of_an_answer_stands(jobs: Store) -> None:
    # Given
    task_id = jobs.running()
    # When
    again = jobs.claim(task_id, "first", 10)
    # Then
    assert (again.outcome, again.attempts) == ("claimed", 1)


def test_a_claim_tells_how_long_the_task_runs(jobs: Store) -> None:
    # Given
    task_id = jobs.running()
    jobs.client.hincrby(f"ocr:job:{task_id}", "started", -5_000)
    jobs.expire_lease(task_id)
    # When / Then
    assert 5 <= jobs.claim(task_id, "second", 10).running_seconds < 6


def test_an_expired_lease_is_anybodys(jobs: Store) -> None:
    # Given
    task_id = jobs.running()
    jobs.expire_lease(task_id)
    # When
    claim = jobs.claim(task_id, "second", 10)
    # Then
    assert (claim.outcome, claim.attempts) == ("claimed", 2)
    assert jobs.find(task_id).attempts == 2


def test_the_holder_of_an_expired_lease_keeps_it_while_nobody_else_came(jobs: Store) -> None:
    # Given
    task_id = jobs.running()
    jobs.expire_lease(task_id)
    # When / Then
    assert jobs.renew(task_id, "first", 10) == "kept"
    assert jobs.claim(task_id, "second", 10).outcome == "busy"


def test_a_lease_that_another_took_is_lost(jobs: Store) -> None:
    # Given
    task_id = jobs.running()
    jobs.expire_lease(task_id)
    jobs.claim(task_id, "second", 10)
    # When / Then
    assert jobs.renew(task_id, "first", 10) == "lost"
    assert jobs.renew(task_id, "second", 10) == "kept"


@pytest.mark.parametrize("status", [Status.SUCCEEDED, Status.FAILED, Status.CANCELLED])
def test_whoever_renews_learns_how_the_task_ended(jobs: Store, status: Status) -> None:
    # Given
    task_id = jobs.ended_with(status)
    # When / Then
    assert jobs.renew(task_id, "first", 10) == status


def test_whoever_renews_learns_that_the_task_was_erased(jobs: Store) -> None:
    # Given
    task_id = jobs.running()
    jobs.erase(task_id)
    # When / Then
    assert jobs.renew(task_id, "first", 10) == "lost"


@pytest.mark.parametrize("piece", ["unknown", "", "/", "/1", "unknown/1", "x" * 10_000, "юникод/\n"])
def test_what_was_never_open_is_gone_and_leaves_no_trace(jobs: Store, piece: str) -> None:
    # When / Then
    assert jobs.claim(piece, "first", 10) == Claim("gone")
    assert jobs.client.keys("ocr:*") == []


def test_an_ended_task_is_gone(jobs: Store) -> None:
    # Given
    task_id = jobs.ended_with(Status.SUCCEEDED)
    # When / Then
    assert jobs.claim(task_id, "second", 10) == Claim("gone")
    assert not jobs.client.exists(f"ocr:lease:{task_id}")


def test_a_released_piece_can_be_claimed_at_once(jobs: Store) -> None:
    # Given
    task_id = jobs.running()
    jobs.release(task_id, "first")
    # When
    claim = jobs.claim(task_id, "second", 10)
    # Then
    assert (claim.outcome, claim.attempts) == ("claimed", 2)


def test_only_the_holder_can_release(jobs: Store) -> None:
    # Given
    task_id = jobs.running()
    jobs.release(task_id, "second", forgiven=True)
    # When / Then
    assert jobs.claim(task_id, "third", 10).outcome == "busy"


def test_a_forgiven_attempt_does_not_count_however_often_it_is_released(jobs: Store) -> None:
    # Given
    task_id = jobs.running()
    jobs.release(task_id, "first", forgiven=True)
    jobs.release(task_id, "first", forgiven=True)
    # When / Then
    assert jobs.claim(task_id, "second", 10).attempts == 1


def test_after_the_last_attempt_a_piece_is_exhausted_and_its_last_error_is_told(jobs: Store) -> None:
    # Given
    task_id = jobs.queued()
    for attempt in range(MOST_ATTEMPTS):
        jobs.claim(task_id, str(attempt), 10)
        jobs.release(task_id, str(attempt), error="ValueError")
    # When / Then
    assert jobs.claim(task_id, "late", 10) == Claim("exhausted", MOST_ATTEMPTS, error="ValueError")


def test_a_piece_whose_holders_all_died_has_no_error(jobs: Store) -> None:
    # Given
    task_id = jobs.queued()
    for attempt in range(MOST_ATTEMPTS):
        jobs.claim(task_id, str(attempt), 10)
        jobs.expire_lease(task_id)
    # When / Then
    assert jobs.claim(task_id, "late", 10) == Claim("exhausted", MOST_ATTEMPTS, error="")


def test_a_claim_and_a_renewal_show_that_workers_consume(jobs: Store) -> None:
    # Given
    task_id = jobs.running()
    jobs.client.set("ocr:consumed", 0)
    # When
    jobs.renew(task_id, "first", 10)
    # Then
    consumed = jobs.waiting().consumed_seconds_ago
    assert consumed is not None
    assert consumed < 5
