"""Lost pieces are sent again, and only those; files and records without each other do not stay."""

import os
import pickle
import time
from pathlib import Path

import pytest
import redis

from shared.errors import OcrError
from shared.queue import Queue
from shared.schemas import Status
from shared.storage import Storage
from tests.service import wait_until
from tests.stores import Store, make_submission
from worker.housekeeping import clean, reconcile, tidy


@pytest.fixture
def queue(store: redis.Redis) -> Queue:
    return Queue(store)


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    storage = Storage(tmp_path)
    storage.prepare()
    return storage


def test_an_open_piece_is_sent_again_after_three_misses_only(jobs: Store, queue: Queue) -> None:
    # Given
    task_id = jobs.queued()
    # When
    seen = []
    for _ in range(4):
        reconcile(jobs, queue)
        seen.append(queue.waiting())
    # Then
    assert seen == [set(), set(), {task_id}, {task_id}]


def test_a_piece_that_a_queue_carries_is_not_doubled(jobs: Store, queue: Queue) -> None:
    # Given
    queue.send(jobs.queued(), "interactive")
    # When
    for _ in range(9):
        reconcile(jobs, queue)
    # Then
    assert jobs.client.llen("interactive") == 1


def test_a_piece_that_is_held_is_not_sent(jobs: Store, queue: Queue) -> None:
    # Given
    jobs.running()
    # When
    for _ in range(9):
        reconcile(jobs, queue)
    # Then
    assert queue.waiting() == set()


def test_misses_count_in_a_row(jobs: Store, queue: Queue) -> None:
    # Given two misses, then a claim that came to nothing
    task_id = jobs.queued()
    reconcile(jobs, queue)
    reconcile(jobs, queue)
    jobs.claim(task_id, "first", 10)
    jobs.release(task_id, "first")
    # When
    reconcile(jobs, queue)
    # Then
    assert queue.waiting() == set()


def test_a_piece_that_is_closed_meanwhile_is_not_noted(jobs: Store) -> None:
    # Given
    task_id = jobs.ended_with(Status.SUCCEEDED)
    # When
    lost = jobs.missed([task_id], 1)
    # Then
    assert lost == []
    assert not jobs.client.exists("ocr:misses")


@pytest.mark.parametrize("priority", ["interactive", "bulk"])
def test_a_lost_document_goes_back_to_its_own_queue(jobs: Store, queue: Queue, priority: str) -> None:
    # Given
    jobs.queued(priority=priority)
    # When
    for _ in range(3):
        reconcile(jobs, queue)
    # Then
    assert jobs.client.llen(priority) == 1


@pytest.mark.parametrize(
    "garbage", [b"", b"\x00\xff", b"[]", b"null", b'{"headers":null}', b'{"headers":{"id":7}}', pickle.dumps({"a": 1})]
)
def test_garbage_in_a_queue_hides_nothing(jobs: Store, queue: Queue, garbage: bytes) -> None:
    # Given
    task_id = jobs.queued()
    jobs.client.lpush("interactive", garbage)
    # When
    for _ in range(3):
        reconcile(jobs, queue)
    # Then
    assert task_id in queue.waiting()


def test_only_one_worker_at_a_time_has_a_duty(jobs: Store) -> None:
    # When / Then
    assert [jobs.take_turn("reconcile", 60), jobs.take_turn("reconcile", 60), jobs.take_turn("clean", 60)] == [
        True,
        False,
        True,
    ]


def test_old_files_without_a_record_are_erased(jobs: Store, storage: Storage) -> None:
    # Given
    _put_upload(storage, "unknown", hours_old=2)
    # When
    clean(jobs, storage, keep_uploads=False)
    # Then
    assert not storage.folder("unknown").exists()


def test_young_files_without_a_record_stay(jobs: Store, storage: Storage) -> None:
    # Given
    _put_upload(storage, "unknown", hours_old=0)
    # When
    clean(jobs, storage, keep_uploads=False)
    # Then
    assert storage.upload("unknown").exists()


def test_the_files_of_an_open_task_stay_however_old(jobs: Store, storage: Storage) -> None:
    # Given
    task_id = jobs.queued()
    _put_upload(storage, task_id, hours_old=100)
    # When
    clean(jobs, storage, keep_uploads=False)
    # Then
    assert storage.upload(task_id).exists()


@pytest.mark.parametrize("keep_uploads", [True, False])
def test_an_ended_tasks_upload_goes_unless_it_is_to_be_kept(jobs: Store, storage: Storage, keep_uploads: bool) -> None:  # noqa: FBT001 - a test's parameter
    # Given
    task_id = jobs.ended_with(Status.FAILED)
    _put_upload(storage, task_id, hours_old=2)
    # When
    clean(jobs, storage, keep_uploads=keep_uploads)
    # Then
    assert storage.folder(task_id).exists() is keep_uploads


def test_nothing_is_erased_while_redis_is_away(tmp_path: Path, storage: Storage) -> None:
    # Given
    _put_upload(storage, "somebodys", hours_old=2)
    jobs = Store(redis.Redis(unix_socket_path=str(tmp_path / "nobody")))
    # When
    with pytest.raises(OcrError):
        clean(jobs, storage, keep_uploads=False)
    # Then
    assert storage.upload("somebodys").exists()


@pytest.mark.parametrize("status", [Status.SUCCEEDED, Status.FAILED, Status.CANCELLED])
def test_the_upload_that_a_dying_worker_left_goes_within_seconds(jobs: Store, storage: Storage, status: Status) -> None:
    # Given
    task_id = jobs.ended_with(status)
    _put_upload(storage, task_id, hours_old=0)
    # When
    tidy(jobs, storage, keep_uploads=False, seconds_ago=0)
    # Then
    assert not storage.folder(task_id).exists()
    assert jobs.ended(0) == []


def test_what_a_deleted_task_left_goes_within_seconds(jobs: Store, storage: Storage) -> None:
    # Given
    task_id = jobs.running()
    jobs.erase(task_id)
    _put_upload(storage, task_id, hours_old=0)
    storage.searchable_pdf(task_id).write_bytes(b"%PDF")
    # When
    tidy(jobs, storage, keep_uploads=True, seconds_ago=0)
    # Then
    assert not storage.folder(task_id).exists()


def test_a_task_that_just_ended_is_left_to_whoever_ended_it(jobs: Store, storage: Storage) -> None:
    # Given
    task_id = jobs.ended_with(Status.SUCCEEDED)
    _put_upload(storage, task_id, hours_old=0)
    # When
    tidy(jobs, storage, keep_uploads=False, seconds_ago=60)
    # Then
    assert storage.upload(task_id).exists()


@pytest.mark.parametrize("keep_uploads", [True, False])
def test_the_files_of_an_expired_task_go_within_seconds(
    store: redis.Redis, storage: Storage, *, keep_uploads: bool
) -> None:
    # Given
    jobs = Store(store, result_seconds=1)
    task_id = jobs.ended_with(Status.SUCCEEDED)
    _put_upload(storage, task_id, hours_old=0)
    storage.searchable_pdf(task_id).write_bytes(b"%PDF")
    # When
    tidy(jobs, storage, keep_uploads=keep_uploads, seconds_ago=0)
    # Then
    assert storage.searchable_pdf(task_id).exists()
    time.sleep(1.1)
    tidy(jobs, storage, keep_uploads=keep_uploads, seconds_ago=0)
    assert not storage.folder(task_id).exists()
    assert not store.exists("ocr:ended")


def test_the_shared_searchable_pdf_of_an_expired_task_goes_within_seconds(store: redis.Redis, storage: Storage) -> None:
    # Given a task that was answered from the result of another
    jobs = Store(store, result_seconds=1)
    jobs.ended_with(Status.SUCCEEDED, cache_digest="digest")
    reused = make_submission(cache_digest="digest")
    jobs.reuse(reused)
    _put_upload(storage, reused.task_id, hours_old=0)
    # When
    time.sleep(1.1)
    tidy(jobs, storage, keep_uploads=True, seconds_ago=0)
    # Then
    assert not storage.folder(reused.task_id).exists()


def _put_upload(storage: Storage, task_id: str, hours_old: int) -> None:
    with storage.incoming() as incoming:
        incoming.write(b"bytes")
        storage.keep(incoming, task_id, ".png")
    folder = storage.folder(task_id)
    moment = folder.stat().st_mtime - hours_old * 3600
    os.utime(folder, (moment, moment))


def test_a_piece_without_sense_keeps_no_other_from_being_sent(jobs: Store, queue: Queue, store: redis.Redis) -> None:
    # Given
    task_id = jobs.queued()
    store.zadd("ocr:open", {"nonsense/x": 0})
    # When
    for _ in range(3):
        reconcile(jobs, queue)
    # Then
    assert task_id in queue.waiting()


@pytest.mark.parametrize(("field", "value"), [("status", "no status"), ("expires", "no number")])
def test_a_record_that_cannot_be_read_keeps_no_other_task_from_being_looked_after(
    jobs: Store, storage: Storage, field: str, value: str
) -> None:
    # Given
    broken, ended = jobs.ended_with(Status.SUCCEEDED), jobs.ended_with(Status.SUCCEEDED)
    jobs.client.hset(f"ocr:job:{broken}", field, value)
    for task_id in (broken, ended):
        storage.folder(task_id).mkdir()
        (storage.folder(task_id) / "upload.png").touch()
    # When
    tidy(jobs, storage, keep_uploads=False, seconds_ago=0)
    # Then
    assert not storage.folder(ended).exists()
    assert storage.folder(broken).exists()
    assert jobs.ended(0) == []


def test_what_was_erased_is_gone_from_the_disk_of_redis(jobs: Store) -> None:
    # Given
    text = "a secret of somebody"
    task_id = jobs.queued(filename=text)
    jobs.erase(task_id)
    folder = Path(str(jobs.client.config_get("dir")["dir"]))
    assert _is_on_disk(folder, text)
    # When
    jobs.compact()
    # Then
    wait_until(lambda: not _is_on_disk(folder, text), "the log is written anew")


def _is_on_disk(folder: Path, text: str) -> bool:
    return any(text.encode() in path.read_bytes() for path in folder.glob("append*/*"))
