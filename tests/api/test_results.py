"""`GET /ocr/{task_id}/result`."""

import json
import tracemalloc
from contextlib import ExitStack

import pytest

from shared.errors import Code, OcrError
from shared.schemas import Status
from tests.api.conftest import Site

WORD = {"text": "Hello", "bbox": [1, 2, 30, 12], "confidence": 91.0}
LINE = {"text": "Hello", "bbox": [1, 2, 30, 12], "confidence": 91.0, "words": [WORD]}
PAGE = {
    "number": 1,
    "status": "succeeded",
    "width": 40,
    "height": 20,
    "dpi": 300,
    "rotation": 0,
    "skew_degrees": 0.0,
    "confidence": 91.0,
    "text_source": "ocr",
    "text": "Hello",
    "preprocessing": [],
    "timings_ms": {"load": 1.0, "preprocess": 1.0, "recognise": 1.0},
    "blocks": [{"bbox": [1, 2, 30, 12], "lines": [LINE]}],
    "error": None,
}
RESULT = {
    "text": "Hello",
    "language": ["eng"],
    "confidence": 91.0,
    "engine": {"name": "tesserocr", "version": "5.5.4"},
    "pages": [PAGE],
    "warnings": [],
}


LARGE_RESULT = {**RESULT, "text": "".join(map(chr, range(0x400, 0x500))) * (1 << 16)}


def read_task(site: Site, result: dict[str, object] = RESULT) -> str:
    """A task whose page was read."""
    task_id = site.submitted()
    site.services.jobs.plan(task_id, 1, [])
    site.succeed(task_id, json.dumps(result, ensure_ascii=False).encode())
    return task_id


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("json", "application/json"),
        ("text", "text/plain"),
        ("tsv", "text/tab-separated-values"),
        ("hocr", "application/xhtml+xml"),
        ("alto", "application/alto+xml"),
        ("md", "text/markdown"),
    ],
)
def test_every_format_is_made_from_one_result(site: Site, name: str, media_type: str) -> None:
    # Given
    task_id = read_task(site)

    # When
    by_name = site.http.get(f"/ocr/{task_id}/result", params={"format": name})
    by_accept = site.http.get(f"/ocr/{task_id}/result", headers={"Accept": media_type})

    # Then
    assert by_name.status_code == 200
    assert by_name.headers["content-type"].startswith(media_type)
    assert "attachment" in by_name.headers["content-disposition"]
    assert by_name.headers["x-content-type-options"] == "nosniff"
    assert "Hello" in by_name.text
    assert by_accept.content == by_name.content


def test_the_task_links_to_its_formats(site: Site) -> None:
    # Given
    task_id = read_task(site)

    # When
    links = site.http.get(f"/ocr/{task_id}").json()["result"]["links"]

    # Then
    assert {"text", "hocr", "alto", "tsv", "md"} == set(links)
    assert site.http.get(links["text"]).text.strip() == "Hello"


def test_a_large_result_is_passed_on_whole(site: Site) -> None:
    # Given
    task_id = read_task(site, LARGE_RESULT)

    # When
    answers = [site.http.get(f"/ocr/{task_id}").json()["result"], site.http.get(f"/ocr/{task_id}/result").json()]

    # Then
    for answer in answers:
        assert answer.pop("links")
        assert answer == LARGE_RESULT


def test_a_large_result_is_not_held_while_it_is_sent(site: Site) -> None:
    # Given
    task_id = read_task(site, LARGE_RESULT)
    most_bytes = len(LARGE_RESULT["text"].encode())
    tracemalloc.start()

    # When four clients ask for it at once, and take a little
    with ExitStack() as stack:
        for path in (f"/ocr/{task_id}", f"/ocr/{task_id}/result") * 2:
            answer = stack.enter_context(site.http.stream("GET", path))
            next(answer.iter_bytes())
        _, peak_bytes = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    # Then
    assert peak_bytes < most_bytes


def test_the_first_acceptable_format_wins(site: Site) -> None:
    # Given
    task_id = read_task(site)

    # When
    answer = site.http.get(
        f"/ocr/{task_id}/result", headers={"Accept": "image/png, text/plain;q=0.5, text/markdown;q=0.9"}
    )

    # Then
    assert answer.headers["content-type"].startswith("text/markdown")


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "application/json"),
        ("text/*", "text/plain"),
        ("application/json;q=0, */*", "text/plain"),
        ("application/json;q=0, application/*, text/*;q=0.5", "application/xhtml+xml"),
        ("text/plain;q=nan, text/markdown;q=0.1", "text/markdown"),
        ("text/markdown, application/json", "text/markdown"),
        ("Text/Markdown; Q=1.0, */*;q=0.5", "text/markdown"),
    ],
)
def test_what_is_weighed_most_is_chosen(site: Site, accept: str, media_type: str) -> None:
    # Given
    task_id = read_task(site)

    # When
    answer = site.http.get(f"/ocr/{task_id}/result", headers={"Accept": accept})

    # Then
    assert answer.headers["content-type"].partition(";")[0] == media_type


def test_what_is_acceptable_may_stand_on_several_lines(site: Site) -> None:
    # Given
    task_id = read_task(site)
    lines = [("Accept", "image/png"), ("Accept", "text/plain;q=0.5"), ("Accept", "text/markdown;q=0.9")]

    # When
    answer = site.http.get(f"/ocr/{task_id}/result", headers=lines)

    # Then
    assert answer.headers["content-type"].startswith("text/markdown")


@pytest.mark.parametrize(
    "request_",
    [
        {"params": {"format": "docx"}},
        *({"headers": {"Accept": accept}} for accept in ("image/png", "text/plain;q=nan")),
    ],
)
def test_an_unknown_format_is_not_acceptable(site: Site, request_: dict[str, dict[str, str]]) -> None:
    # Given
    task_id = read_task(site)

    # When
    answer = site.http.get(f"/ocr/{task_id}/result", **request_)

    # Then
    assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")
    assert answer.json()["available"]


def test_an_unfinished_task_has_no_result_yet(site: Site) -> None:
    # Given
    task_id = site.submitted()

    # When
    answer = site.http.get(f"/ocr/{task_id}/result")

    # Then
    assert (answer.status_code, answer.json()["code"]) == (409, "task_not_finished")
    assert "retry-after" in answer.headers


@pytest.mark.parametrize(
    ("status", "detail"),
    [
        (Status.FAILED, "The task has no result, it has failed. Enough."),
        (Status.CANCELLED, "The task has no result, it was cancelled. Enough."),
    ],
)
def test_a_task_that_ended_otherwise_says_how(site: Site, status: Status, detail: str) -> None:
    # Given
    task_id = site.submitted()
    site.services.jobs.finish(task_id, status, error=OcrError(Code.ENGINE_ERROR, "Enough.").problem())

    # When
    answer = site.http.get(f"/ocr/{task_id}/result")

    # Then
    assert (answer.status_code, answer.json()["detail"]) == (409, detail)


def test_a_finished_page_can_be_read_alone(site: Site) -> None:
    # Given
    task_id = read_task(site)

    # When
    known, unknown = (site.http.get(f"/ocr/{task_id}/pages/{number}") for number in (1, 2))

    # Then
    assert known.json()["text"] == "Hello"
    assert (unknown.status_code, unknown.json()["code"]) == (404, "page_not_found")


def test_a_result_of_the_users_own_is_json_alone(site: Site) -> None:
    # Given
    task_id = site.submitted()
    site.succeed(task_id)

    # When
    as_json, as_text = (site.http.get(f"/ocr/{task_id}/result", params={"format": name}) for name in ("json", "text"))

    # Then
    assert as_json.json() == {"answer": 42}
    assert (as_text.status_code, as_text.json()["code"]) == (406, "not_acceptable")
