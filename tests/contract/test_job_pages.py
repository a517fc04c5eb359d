"""A document in pieces: planned once, each page counted once, finished by exactly one piece."""

import pytest

from shared.errors import Code, OcrError
from shared.schemas import JsonDict, Status
from tests.stores import PAGE, Store


def test_a_plan_opens_a_piece_for_each_slice(jobs: Store) -> None:
    # Given
    task_id = jobs.running()
    # When
    planned = jobs.plan(task_id, 3, [f"{task_id}/2", f"{task_id}/3"])
    # Then
    assert planned
    assert jobs.find(task_id).pages_total == 3
    assert set(jobs.orphans()) == {f"{task_id}/2", f"{task_id}/3"}


def test_a_second_plan_changes_nothing(jobs: Store) -> None:
    # Given
    task_id = jobs.planned(2)
    # When
    planned = jobs.plan(task_id, 9, [f"{task_id}/9"])
    # Then
    assert not planned
    assert jobs.find(task_id).pages_total == 2
    assert not jobs.is_piece_open(f"{task_id}/9")


def test_a_page_counts_once_and_its_first_reading_stands(jobs: Store) -> None:
    # Given
    task_id = jobs.planned(3)
    jobs.keep_pages(task_id, {2: PAGE})
    # When
    counted = jobs.keep_pages(task_id, {2: {"text": "other"}})
    # Then
    assert counted == (1, 3)
    assert jobs.page(task_id, 2) == PAGE


def test_pages_that_are_too_large_together_are_an_error(jobs: Store) -> None:
    # Given
    task_id = jobs.planned(3)
    page: JsonDict = {"text": "т" * 3000}
    jobs.keep_pages(task_id, {1: page}, most_bytes=10_000)
    jobs.keep_pages(task_id, {1: page}, most_bytes=10_000)
    # When
    with pytest.raises(OcrError) as caught:
        jobs.keep_pages(task_id, {2: page}, most_bytes=10_000)
    # Then
    assert caught.value.code is Code.ENGINE_ERROR


def test_the_last_page_opens_the_finish(jobs: Store) -> None:
    # Given
    task_id = jobs.planned(2)
    # When
    jobs.keep_pages(task_id, {1: PAGE})
    before = jobs.is_piece_open(f"{task_id}/finish")
    jobs.keep_pages(task_id, {2: PAGE})
    # Then
    assert (before, jobs.is_piece_open(f"{task_id}/finish")) == (False, True)


def test_the_finish_is_opened_once_however_often_the_last_page_is_read(jobs: Store) -> None:
    # Given the finish was claimed and closed
    task_id = jobs.planned(1)
    jobs.keep_pages(task_id, {1: PAGE})
    jobs.claim(f"{task_id}/finish", "finisher", 10)
    jobs.close(f"{task_id}/finish", "finisher")
    # When
    jobs.keep_pages(task_id, {1: PAGE})
    # Then
    assert not jobs.is_piece_open(f"{task_id}/finish")


def test_pages_come_back_in_the_order_of_the_document(jobs: Store) -> None:
    # Given
    task_id = jobs.planned(11)
    # When
    for number in (10, 2, 11, 1):
        jobs.keep_pages(task_id, {number: {"number": number}})
    # Then
    assert [page["number"] for page in jobs.pages(task_id)] == [1, 2, 10, 11]
    assert jobs.page_numbers(task_id) == {1, 2, 10, 11}


def test_a_large_page_comes_back_as_it_was(jobs: Store) -> None:
    # Given
    task_id = jobs.planned(2)
    page = {"text": "Ж" * 100_000}
    # When
    jobs.keep_pages(task_id, {1: page})
    # Then
    assert jobs.page(task_id, 1) == page


def test_a_page_of_an_ended_task_is_not_kept(jobs: Store) -> None:
    # Given
    task_id = jobs.ended_with(Status.CANCELLED)
    # When / Then
    assert jobs.keep_pages(task_id, {1: PAGE}) == (-1, -1)
    assert not jobs.client.exists(f"ocr:pages:{task_id}")


def test_an_ended_task_is_not_planned(jobs: Store) -> None:
    # Given
    task_id = jobs.ended_with(Status.CANCELLED)
    # When / Then
    assert not jobs.plan(task_id, 2, [f"{task_id}/2"])
    assert not jobs.is_piece_open(f"{task_id}/2")


def test_only_the_holder_closes_a_slice(jobs: Store) -> None:
    # Given
    task_id = jobs.planned(2)
    jobs.claim(f"{task_id}/2", "first", 10)
    # When
    jobs.close(f"{task_id}/2", "second")
    before = jobs.is_piece_open(f"{task_id}/2")
    jobs.close(f"{task_id}/2", "first")
    # Then
    assert (before, jobs.is_piece_open(f"{task_id}/2")) == (True, False)


def test_an_exhausted_slice_is_closed_by_whoever_gives_it_up(jobs: Store) -> None:
    # Given
    task_id = jobs.planned(2)
    for attempt in range(4):
        jobs.claim(f"{task_id}/2", str(attempt), 10)
        jobs.expire_lease(f"{task_id}/2")
    # When
    jobs.close(f"{task_id}/2", "")
    # Then
    assert not jobs.is_piece_open(f"{task_id}/2")
