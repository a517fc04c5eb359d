"""The pieces a long document leaves behind while it is worked on."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic_core import from_json

from shared.errors import Code, OcrError
from shared.jobs import Claim
from shared.queue import Queue
from shared.schemas import Options, Status
from shared.settings import Settings
from shared.storage import Storage
from tests.stores import Store, make_submission
from worker.document import Desk, work
from worker.drain import Drain
from worker.process import Beginning
from worker.reader.reader import ReaderStartError
from worker.results import failed_page, layer_page
from worker.text_layer import TextLayer


class BlankReader:
    """Finds three pages in every document, and nothing on any of them."""

    def begin(self, *_: Any) -> tuple[Beginning, list[str]]:
        return Beginning(numbers=[1, 2, 3], pixels=8_000_000, pages=[]), []

    def read_pages(self, _upload: Path, numbers: tuple[int, ...], _options: Options, _watch: Any) -> Any:
        for number in numbers:
            yield [failed_page(number, OcrError(Code.PAGE_TIMEOUT, "Blank."))]


class MortalReader(BlankReader):
    """Dies of page 3."""

    def read_pages(self, _upload: Path, numbers: tuple[int, ...], _options: Options, _watch: Any) -> Any:
        for number in numbers:
            if number == 3:
                raise OcrError(Code.ENGINE_ERROR, "Dead.")
            yield [{"number": number, "status": "succeeded"}]


@pytest.fixture
def desk(jobs: Store, redis_url: str, tmp_path: Path) -> Desk:
    settings = Settings(redis_url=redis_url, data_dir=tmp_path)
    storage = Storage(tmp_path)
    storage.prepare()
    return Desk(settings, jobs, Queue(jobs.client), storage, BlankReader(), Drain())


def give_upload(desk: Desk, task_id: str) -> None:
    desk.storage.folder(task_id).mkdir()
    (desk.storage.folder(task_id) / "upload.pdf").touch()


def test_a_long_document_is_done_with_when_its_slices_are_open(desk: Desk, jobs: Store) -> None:
    # Given
    task_id = jobs.queued()
    give_upload(desk, task_id)

    # When
    work(desk, task_id)

    # Then nobody will be sent to read its first page again
    assert not jobs.is_piece_open(task_id)
    assert set(jobs.orphans()) == {f"{task_id}/2", f"{task_id}/3"}


class QuickReader(BlankReader):
    """Has the first page by the time it has looked at the document."""

    def begin(self, *_: Any) -> tuple[Beginning, list[str]]:
        page = failed_page(1, OcrError(Code.PAGE_TIMEOUT, "Blank."))
        return Beginning(numbers=[1, 2, 3], pixels=300_000, pages=[page]), []


def test_a_first_page_that_came_at_once_is_kept(desk: Desk, jobs: Store) -> None:
    # Given
    task_id = jobs.queued()
    give_upload(desk, task_id)

    # When
    work(replace(desk, reader=QuickReader()), task_id)

    # Then
    assert desk.jobs.page_numbers(task_id) == {1}
    assert not jobs.is_piece_open(task_id)
    assert set(jobs.orphans()) == {f"{task_id}/2", f"{task_id}/3"}


def test_between_two_pages_of_a_slice_a_waiting_task_comes_first(desk: Desk, jobs: Store) -> None:
    # Given a slice of two pages, and a task that waits
    task_id = jobs.queued()
    give_upload(desk, task_id)
    desk.jobs.claim(task_id, "token", 10)
    desk.jobs.plan(task_id, 4, [f"{task_id}/2,3"])
    desk.queue.send("another", "interactive")

    # When
    work(desk, f"{task_id}/2,3")

    # Then the slice is open and queued again with what is left of it
    assert desk.jobs.page_numbers(task_id) == {2}
    assert f"{task_id}/2,3" in desk.queue.waiting()
    assert f"{task_id}/2,3" in jobs.orphans()
    # and at no cost
    assert desk.jobs.claim(f"{task_id}/2,3", "next", 10).attempts == 1


def test_a_page_that_ends_the_reader_leaves_the_others(desk: Desk, jobs: Store) -> None:
    # Given
    task_id = jobs.queued()
    give_upload(desk, task_id)
    desk.jobs.claim(task_id, "token", 10)
    desk.jobs.plan(task_id, 4, [f"{task_id}/2,3,4"])
    mortal = replace(desk, reader=MortalReader())

    # When
    work(mortal, f"{task_id}/2,3,4")

    # Then
    assert [page["status"] for page in desk.jobs.pages(task_id)] == ["succeeded", "failed", "succeeded"]


class OnePageReader(BlankReader):
    """Reads documents of one page; makes a searchable PDF where one is wanted, or fails to."""

    def __init__(self, *, makes_pdf: bool = True, is_hurried: bool = False) -> None:
        self._makes_pdf = makes_pdf
        self._is_hurried = is_hurried

    def begin(self, _upload: Path, _options: Options, _watch: Any, target: Path | None) -> tuple[Beginning, list[str]]:
        page = layer_page(1, TextLayer(1, 1, 72, 0, [], is_sound=True), 0.0)
        if self._is_hurried:
            page["hurried"] = True
        beginning = Beginning(numbers=[1], pixels=0, pages=[page])
        if target and self._makes_pdf:
            target.touch()
        return beginning, [] if self._makes_pdf else ["No searchable PDF could be made."]


@pytest.mark.parametrize(
    ("wants_pdf", "makes_pdf", "reused"), [(True, True, True), (True, False, False), (False, False, True)]
)
def test_a_result_without_the_pdf_it_should_have_is_not_reused(
    desk: Desk, jobs: Store, *, wants_pdf: bool, makes_pdf: bool, reused: bool
) -> None:
    # Given
    task_id = jobs.queued(cache_digest="digest")
    give_upload(desk, task_id)
    settings = desk.settings.model_copy(update={"searchable_pdf": wants_pdf})

    # When
    work(replace(desk, settings=settings, reader=OnePageReader(makes_pdf=makes_pdf)), task_id)

    # Then
    assert jobs.find(task_id).status is Status.SUCCEEDED
    assert bool(jobs.reuse(make_submission(cache_digest="digest"))) is reused


def test_a_result_that_had_no_time_to_be_good_is_not_reused(desk: Desk, jobs: Store) -> None:
    # Given
    task_id = jobs.queued(cache_digest="digest")
    give_upload(desk, task_id)

    # When
    work(replace(desk, reader=OnePageReader(is_hurried=True)), task_id)

    # Then
    result = from_json(b"".join(jobs.result(task_id) or ()))
    assert result["warnings"] == ["Page 1 took so long that what makes a reading better was left out."]
    assert jobs.reuse(make_submission(cache_digest="digest")) == []


class NoReader(BlankReader):
    """Cannot be started."""

    def begin(self, *_: Any) -> tuple[Beginning, list[str]]:
        raise ReaderStartError


def test_a_slot_without_a_reader_leaves_the_task_to_another(desk: Desk, jobs: Store) -> None:
    # Given
    task_id = jobs.queued()
    give_upload(desk, task_id)

    # When
    with pytest.raises(ReaderStartError):
        work(replace(desk, reader=NoReader()), task_id)

    # Then it counts as an attempt
    assert desk.storage.upload(task_id).exists()
    assert desk.jobs.claim(task_id, "next", 10).attempts == 2


@pytest.mark.parametrize(
    ("pages", "priority", "queue"),
    [(3, "interactive", "interactive"), (3, "bulk", "bulk"), (40, "interactive", "bulk"), (40, "bulk", "bulk")],
)
def test_pages_of_short_documents_wait_with_the_tasks_of_one_page(
    desk: Desk, jobs: Store, pages: int, priority: str, queue: str
) -> None:
    # Given
    task_id = jobs.queued(priority=priority)
    give_upload(desk, task_id)

    # When
    work(replace(desk, reader=LongReader(pages)), task_id)

    # Then
    assert jobs.client.llen(queue) == pages - 1


class LongReader(BlankReader):
    """Finds so many pages in every document."""

    def __init__(self, pages: int) -> None:
        self._pages = pages

    def begin(self, *_: Any) -> tuple[Beginning, list[str]]:
        return Beginning(numbers=list(range(1, self._pages + 1)), pixels=8_000_000, pages=[]), []


def test_a_claim_whose_answer_was_lost_costs_no_attempt(desk: Desk, jobs: Store) -> None:
    # Given
    task_id = jobs.queued()
    give_upload(desk, task_id)

    class Deaf(Store):
        """Does what it is told, and hears no answer to a claim."""

        def claim(self, piece: str, token: str, lease_seconds: float) -> Claim:
            super().claim(piece, token, lease_seconds)
            raise OcrError(Code.BROKER_UNAVAILABLE, "No answer.")

    # When
    work(replace(desk, jobs=Deaf(jobs.client)), task_id)

    # Then
    assert desk.jobs.claim(task_id, "next", 10).attempts == 1
