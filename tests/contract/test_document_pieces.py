"""The pieces a long document leaves behind while it is worked on."""

from pathlib import Path
from typing import Any

import pytest

from shared.errors import Code, OcrError
from shared.queue import Queue, make_celery
from shared.schemas import Options
from shared.settings import Settings
from shared.storage import Storage
from tests.stores import Store
from worker.document import Desk, work
from worker.drain import Drain
from worker.reader.reader import Beginning
from worker.results import failed_page


class BlankReader:
    """Finds three pages in every document, and nothing on any of them."""

    def begin(self, *_: Any) -> Beginning:
        return Beginning([1, 2, 3], None)

    def read_page(self, _upload: Path, number: int, _options: Options, _watch: Any) -> Any:
        return failed_page(number, OcrError(Code.PAGE_TIMEOUT, "Blank."))


@pytest.fixture
def desk(jobs: Store, redis_url: str, tmp_path: Path) -> Desk:
    settings = Settings(redis_url=redis_url, data_dir=tmp_path)
    storage = Storage(tmp_path)
    storage.prepare()
    return Desk(settings, jobs, Queue(make_celery(settings), jobs.client), storage, BlankReader(), Drain())


def test_a_long_document_is_done_with_when_its_slices_are_open(desk: Desk, jobs: Store) -> None:
    # Given
    task_id = jobs.queued()
    desk.storage.folder(task_id).mkdir()
    (desk.storage.folder(task_id) / "upload.pdf").touch()

    # When
    work(desk, task_id)

    # Then nobody will be sent to read its first page again
    assert not jobs.is_piece_open(task_id)
    assert set(jobs.orphans()) == {f"{task_id}/2", f"{task_id}/3"}
