"""`GET /ocr/{task_id}` and what else is asked of a task."""

import re
import threading
import time
from collections.abc import Callable

import pytest

from shared.errors import Code, OcrError
from shared.schemas import Status
from tests.api.conftest import Site

MakeSite = Callable[..., Site]
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def test_a_queued_task_tells_its_place(site: Site) -> None:
    # Given
    site.submitted()
    second = site.submitted(psm="6")

    # When
    answer = site.http.get(f"/ocr/{second}")

    # Then
    task = answer.json()
    assert answer.status_code == 200
    assert task["status"] == "queued"
    assert task["queue"] == {"position": 2}
    assert task["result"] is None
    assert task["filename"] == "scan.png"
    assert task["media_type"] == "image/png"
    assert task["created_at"].endswith("Z")
    assert answer.headers["cache-control"] == "no-store"
    assert "retry-after" in answer.headers


def test_a_running_task_tells_its_progress(site: Site) -> None:
    # Given
    task_id = site.submitted()
    site.services.jobs.claim(task_id, "token", 10)
    site.services.jobs.plan(task_id, 4, [])
    site.services.jobs.keep_pages(task_id, {1: {"number": 1}})

    # When
    task = site.http.get(f"/ocr/{task_id}").json()

    # Then
    assert task["status"] == "running"
    assert task["progress"] == {"pages_done": 1, "pages_total": 4, "percent": 25, "stage": "recognizing"}
    assert task["started_at"] is not None


def test_a_finished_task_holds_its_result(site: Site) -> None:
    # Given
    task_id = site.submitted()
    site.succeed(task_id, '{"text":"Привет"}'.encode())

    # When
    answer = site.http.get(f"/ocr/{task_id}")

    # Then
    assert answer.json()["status"] == "succeeded"
    assert answer.json()["result"] == {"text": "Привет"}
    assert answer.json()["finished_at"] is not None
    assert "retry-after" not in answer.headers


def test_a_failed_task_holds_a_problem(site: Site) -> None:
    # Given
    task_id = site.submitted()
    error = OcrError(Code.CORRUPT_FILE, "The picture ends early.")
    site.services.jobs.finish(task_id, Status.FAILED, error=error.problem())

    # When
    task = site.http.get(f"/ocr/{task_id}").json()

    # Then
    assert task["status"] == "failed"
    assert task["error"]["code"] == "corrupt_file"


@pytest.mark.parametrize("task_id", ["nonsense", "1dc67d0e-e166-4b10-bd1a-fc450e4b1906", "x" * 5000, "a%2Fb", "*"])
def test_an_unknown_id_is_not_found(site: Site, task_id: str) -> None:
    # When
    answer = site.http.get(f"/ocr/{task_id}")

    # Then
    assert answer.status_code == 404
    assert answer.json()["code"] in {"task_not_found", "not_found"}


def test_a_browser_gets_a_page(site: Site) -> None:
    # Given
    task_id = site.submitted()

    # When
    answer = site.http.get(f"/ocr/{task_id}", headers=BROWSER)

    # Then
    assert answer.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("known", ["{tag}", "W/{tag}", '"another", W/{tag}', "*"])
def test_an_unchanged_task_answers_304(site: Site, known: str) -> None:
    # Given
    task_id = site.submitted()
    tag = site.http.get(f"/ocr/{task_id}").headers["etag"].removeprefix("W/")

    # When
    answer = site.http.get(f"/ocr/{task_id}", headers={"If-None-Match": known.format(tag=tag)})

    # Then
    assert answer.status_code == 304


def test_tags_on_several_lines_are_one_list(site: Site) -> None:
    # Given
    task_id = site.submitted()
    etag = site.http.get(f"/ocr/{task_id}").headers["etag"]

    # When
    answer = site.http.get(f"/ocr/{task_id}", headers=[("If-None-Match", '"another"'), ("If-None-Match", etag)])

    # Then
    assert answer.status_code == 304


def test_a_changed_task_is_told_anew(site: Site) -> None:
    # Given
    task_id = site.submitted()
    etag = site.http.get(f"/ocr/{task_id}").headers["etag"]
    site.succeed(task_id)

    # When
    answer = site.http.get(f"/ocr/{task_id}", headers={"If-None-Match": f'{etag}, "another"'})

    # Then
    assert answer.json()["status"] == "succeeded"


def test_a_long_poll_ends_with_the_task(site: Site) -> None:
    # Given
    task_id = site.submitted()
    timer = threading.Timer(0.5, site.succeed, [task_id])
    timer.start()
    began = time.monotonic()

    # When
    answer = site.http.get(f"/ocr/{task_id}", params={"wait": 20})
    timer.join()

    # Then
    assert answer.json()["status"] == "succeeded"
    assert time.monotonic() - began < 5


def test_a_page_can_be_read_before_the_others(site: Site) -> None:
    # Given
    task_id = site.submitted()
    site.services.jobs.claim(task_id, "token", 10)
    site.services.jobs.plan(task_id, 2, [])
    site.services.jobs.keep_pages(task_id, {2: {"number": 2, "text": "second"}})

    # When
    ready, missing = (site.http.get(f"/ocr/{task_id}/pages/{number}") for number in (2, 1))

    # Then
    assert ready.json()["text"] == "second"
    assert (missing.status_code, missing.json()["code"]) == (409, "task_not_finished")


@pytest.mark.parametrize(("fields", "number", "status"), [({}, 3, 404), ({}, 0, 404), ({"pages": "3,7"}, 7, 409)])
def test_a_page_that_will_never_come_is_not_found(site: Site, fields: dict[str, str], number: int, status: int) -> None:
    # Given
    task_id = site.submitted(**fields)
    site.services.jobs.claim(task_id, "token", 10)
    site.services.jobs.plan(task_id, 2, [])

    # When
    answer = site.http.get(f"/ocr/{task_id}/pages/{number}")

    # Then
    assert answer.status_code == status


def test_a_cancelled_task_stays_cancelled(site: Site) -> None:
    # Given
    task_id = site.submitted()

    # When
    answer = site.http.post(f"/ocr/{task_id}/cancel")
    site.succeed(task_id)

    # Then
    task = site.http.get(f"/ocr/{task_id}").json()
    assert answer.status_code == 202
    assert (task["status"], task["error"]["code"]) == ("cancelled", "cancelled")
    assert site.uploads() == []


def test_a_finished_task_cannot_be_cancelled(site: Site) -> None:
    # Given
    task_id = site.submitted()
    site.succeed(task_id)

    # When
    answer = site.http.post(f"/ocr/{task_id}/cancel")

    # Then
    assert (answer.status_code, answer.json()["code"]) == (409, "task_already_finished")


def test_a_deleted_task_is_gone_with_all_its_files(site: Site) -> None:
    # Given
    task_id = site.submitted()

    # When
    answer = site.http.delete(f"/ocr/{task_id}")

    # Then
    after = site.http.get(f"/ocr/{task_id}")
    assert answer.status_code == 204
    assert (after.status_code, after.json()["code"]) == (410, "task_deleted")
    assert site.uploads() == []


def test_an_expired_result_is_gone(make_site: MakeSite) -> None:
    # Given
    site = make_site(result_seconds=1)
    task_id = site.submitted()
    site.succeed(task_id)
    time.sleep(1.2)

    # When
    answer = site.http.get(f"/ocr/{task_id}")

    # Then
    assert (answer.status_code, answer.json()["code"]) == (410, "task_expired")


@pytest.mark.parametrize(
    ("verb", "is_over", "leads_to", "then"), [("cancel", False, "/ocr/{id}", 200), ("delete", True, "/", 410)]
)
def test_a_task_is_ended_and_erased_by_a_plain_form(
    site: Site, verb: str, leads_to: str, then: int, *, is_over: bool
) -> None:
    # Given
    task_id = site.submitted()
    if is_over:
        site.succeed(task_id)
    page = site.http.get(f"/ocr/{task_id}", headers=BROWSER).text
    button = re.search(rf'<button id="{verb}"[^>]* formaction="([^"]+)">', page)
    assert button is not None

    # When
    answer = site.http.post(button[1], headers=BROWSER)

    # Then
    assert answer.status_code == 303
    assert answer.headers["location"] == str(site.http.base_url.join(leads_to.format(id=task_id)))
    assert site.http.get(f"/ocr/{task_id}").status_code == then
    assert site.uploads() == []


@pytest.mark.parametrize("verb", ["cancel", "delete"])
def test_a_page_of_another_origin_ends_no_task(site: Site, verb: str) -> None:
    # Given
    task_id = site.submitted()

    # When
    answer = site.http.post(f"/ocr/{task_id}/{verb}", headers={**BROWSER, "Origin": "http://evil.example"})

    # Then
    assert answer.status_code == 403
    assert site.http.get(f"/ocr/{task_id}").json()["status"] == "queued"
