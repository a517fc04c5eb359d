"""`POST /ocr`."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import redis

from shared.errors import Code, OcrError
from shared.jobs import PREFIX, Jobs
from tests.api.conftest import Site, draw_picture
from tests.service import wait_until

MakeSite = Callable[..., Site]


def test_an_upload_is_accepted_and_queued(site: Site) -> None:
    # When
    answer = site.submit()

    # Then
    task_id = answer.json()["task_id"]
    assert answer.status_code == 202
    assert answer.json()["status"] == "queued"
    assert answer.headers["location"] == f"/ocr/{task_id}"
    assert (
        answer.headers["operation-location"]
        == answer.json()["status_url"]
        == str(site.http.base_url.join(f"/ocr/{task_id}"))
    )
    assert int(answer.headers["retry-after"]) >= 1
    assert site.queue.waiting() == {task_id}


def test_the_upload_is_kept_as_it_was_sent(site: Site) -> None:
    # When
    task_id = site.submit(draw_picture()).json()["task_id"]

    # Then
    assert site.services.storage.upload(task_id).read_bytes() == draw_picture()


def test_a_browser_is_sent_to_the_task_page(site: Site) -> None:
    # When
    answer = site.http.post(
        "/ocr", files={"file": ("a.png", draw_picture())}, headers={"Accept": "text/html"}, follow_redirects=False
    )

    # Then
    assert answer.status_code == 303
    assert "/ocr/" in answer.headers["location"]


def test_a_form_of_another_origin_is_refused(site: Site) -> None:
    # When
    answer = site.http.post(
        "/ocr", files={"file": ("a.png", draw_picture())}, headers={"Origin": "https://elsewhere.example"}
    )

    # Then
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert site.uploads() == []


@pytest.mark.parametrize(
    ("wished", "applied"), [("wait=20", "wait=20"), ("wait=999999", "wait=60"), ('respond-async, Wait="5"', "wait=5")]
)
def test_waiting_gives_the_result_when_it_comes_in_time(site: Site, wished: str, applied: str) -> None:
    # Given a worker that finishes whatever is queued
    def work() -> None:
        while not (waiting := site.queue.waiting()):
            time.sleep(0.01)
        site.succeed(waiting.pop())

    worker = threading.Thread(target=work)
    worker.start()

    # When
    answer = site.http.post("/ocr", files={"file": ("a.png", draw_picture())}, headers={"Prefer": wished})
    worker.join()

    # Then
    assert answer.status_code == 200
    assert answer.headers["preference-applied"] == applied
    assert answer.json()["result"] == {"answer": 42}


def test_a_parameter_of_another_preference_is_no_wish_to_wait(site: Site) -> None:
    # Given
    headers = {"Prefer": "respond-async; x-wait=3; wait=3"}

    # When
    answer = site.http.post("/ocr", files={"file": ("a.png", draw_picture())}, headers=headers)

    # Then
    assert answer.status_code == 202
    assert "preference-applied" not in answer.headers


def test_preferences_may_stand_on_several_lines(site: Site) -> None:
    # Given
    lines = [("Prefer", "respond-async"), ("Prefer", "wait=1")]

    # When
    answer = site.http.post("/ocr", files={"file": ("a.png", draw_picture())}, headers=lines)

    # Then
    assert answer.headers["preference-applied"] == "wait=1"


def test_waiting_in_vain_ends_in_202(site: Site) -> None:
    # When
    answer = site.http.post("/ocr", files={"file": ("a.png", draw_picture())}, headers={"Prefer": "wait=1"})

    # Then
    assert answer.status_code == 202


def test_the_same_idempotency_key_gives_the_same_task(site: Site) -> None:
    # Given
    request = {"files": {"file": ("a.png", draw_picture())}, "headers": {"Idempotency-Key": "order-1"}}
    first = site.http.post("/ocr", **request)

    # When
    second = site.http.post("/ocr", **request)

    # Then
    assert second.json()["task_id"] == first.json()["task_id"]
    assert second.headers["idempotent-replayed"] == "true"
    assert len(site.uploads()) == 1


def test_an_idempotency_key_belongs_to_one_request(site: Site) -> None:
    # Given
    headers = {"Idempotency-Key": "order-1"}
    site.http.post("/ocr", files={"file": ("a.png", draw_picture())}, headers=headers)

    # When
    answer = site.http.post("/ocr", files={"file": ("a.png", draw_picture(0))}, headers=headers)

    # Then
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_mismatch")


@pytest.mark.parametrize(("ended_seconds_ago", "retry_after"), [([], 5), ([0.5, 1], 1), ([12, 36], 18), ([9_000], 60)])
def test_a_full_queue_tells_when_its_next_place_is_free(
    make_site: MakeSite, redis_url: str, ended_seconds_ago: list[float], retry_after: int
) -> None:
    # Given
    site = make_site(max_queue=1)
    site.submit()
    with redis.Redis.from_url(redis_url) as store:
        for seconds in reversed(ended_seconds_ago):
            store.lpush(f"{PREFIX}pace", round(1_000 * (time.time() - seconds)))

    # When
    answer = site.submit(draw_picture(7))

    # Then
    assert retry_after - 1 <= int(answer.headers["retry-after"]) <= retry_after + 1


class LostAnswer(Jobs):
    """A store that takes a task, and whose first answer is lost on the way."""

    is_lost = False

    def submit(self, *arguments: Any, **options: Any) -> Any:
        answer = super().submit(*arguments, **options)
        if not self.is_lost:
            self.is_lost = True
            raise OcrError(Code.BROKER_UNAVAILABLE, "Nobody knows.")
        return answer


def test_a_task_that_was_recorded_after_all_has_its_upload(make_site: MakeSite) -> None:
    # Given
    site = make_site(jobs_type=LostAnswer)
    headers = {"Idempotency-Key": "order-1"}

    # When
    first, again = (
        site.http.post("/ocr", files={"file": ("a.png", draw_picture())}, headers=headers) for _ in range(2)
    )

    # Then
    time.sleep(1)
    assert (first.status_code, again.status_code) == (503, 202)
    assert site.services.storage.upload(again.json()["task_id"]).read_bytes() == draw_picture()


class NoRecord(Jobs):
    """A store that is out of reach for each submit."""

    def submit(self, *_: Any, **__: Any) -> Any:
        raise OcrError(Code.BROKER_UNAVAILABLE, "Nobody is there.")


def test_an_upload_that_was_not_recorded_is_erased(make_site: MakeSite) -> None:
    # Given
    site = make_site(jobs_type=NoRecord)

    # When
    assert site.submit().status_code == 503

    # Then
    wait_until(lambda: not site.uploads(), "the upload is gone", 5)


def test_a_full_queue_answers_429_and_keeps_nothing(make_site: MakeSite) -> None:
    # Given
    site = make_site(max_queue=1)
    site.submit()

    # When
    answer = site.submit(draw_picture(7))

    # Then
    assert (answer.status_code, answer.json()["code"]) == (429, "queue_full")
    assert int(answer.headers["retry-after"]) >= 1
    assert len(site.uploads()) == 1


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"lang": "klingon"}, "language_not_installed"),
        ({"lang": "../../etc"}, "invalid_option"),
        ({"psm": "99"}, "invalid_option"),
        ({"no_such_option": "1"}, "invalid_option"),
        ({"pages": "0"}, "invalid_option"),
        ({"preprocess": "magic"}, "invalid_option"),
    ],
)
def test_a_bad_option_is_named_and_nothing_is_kept(site: Site, fields: dict[str, str], code: str) -> None:
    # When
    answer = site.submit(**fields)

    # Then
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert next(iter(fields)) in answer.json()["field"]
    assert site.uploads() == []


def test_the_same_bytes_and_options_are_answered_from_the_first_result(site: Site) -> None:
    # Given
    first = site.submitted()
    site.succeed(first)

    # When
    answer = site.submit()

    # Then
    task = site.http.get(answer.json()["status_url"]).json()
    assert answer.json()["status"] == "succeeded"
    assert answer.json()["task_id"] != first
    assert task["result"] == {"answer": 42}


def test_other_options_are_read_anew(site: Site) -> None:
    # Given
    site.succeed(site.submitted())

    # When
    answer = site.submit(psm="6")

    # Then
    assert answer.json()["status"] == "queued"


def test_the_cache_can_be_turned_off(make_site: MakeSite) -> None:
    # Given
    site = make_site(cache=False)
    site.succeed(site.submitted())

    # When
    answer = site.submit()

    # Then
    assert answer.json()["status"] == "queued"


def test_an_unreachable_redis_answers_503_and_keeps_nothing(make_site: MakeSite) -> None:
    # Given
    site = make_site(redis_url="redis://127.0.0.1:1/0", with_worker=False)

    # When
    answer = site.submit()

    # Then
    assert (answer.status_code, answer.json()["code"]) == (503, "broker_unavailable")
    assert "retry-after" in answer.headers
    assert site.uploads() == []
