"""What orchestrators and programs ask the service about itself."""

import re
from collections.abc import Callable

import pytest

from tests.api.conftest import Site

MakeSite = Callable[..., Site]


def test_a_service_with_a_worker_is_ready(site: Site) -> None:
    # When
    answer = site.http.get("/health/ready")

    # Then
    assert answer.status_code == 200
    assert answer.json()["workers"][0]["name"] == "worker-1"


def test_a_service_without_workers_is_not_ready(make_site: MakeSite) -> None:
    # Given
    site = make_site(with_worker=False)

    # When
    answer = site.http.get("/health/ready")

    # Then
    assert (answer.status_code, answer.json()["reason"]) == (503, "no_worker")


def test_a_service_without_redis_lives_but_is_not_ready(make_site: MakeSite) -> None:
    # Given
    site = make_site(redis_url="redis://127.0.0.1:1/0", with_worker=False)

    # When
    live, ready = site.http.get("/health/live"), site.http.get("/health/ready")

    # Then
    assert live.status_code == 200
    assert (ready.status_code, ready.json()["reason"]) == (503, "broker_unavailable")


def test_the_options_name_what_the_workers_have(site: Site) -> None:
    # When
    described = site.http.get("/ocr/options").json()

    # Then
    assert described["languages"] == ["eng", "rus"]
    assert described["options"]["lang"]["default"] == "eng"
    assert {"json", "text", "hocr", "pdf"} <= set(described["formats"])


def test_an_unknown_address_is_a_problem_document(site: Site) -> None:
    # When
    answer = site.http.get("/nowhere")

    # Then
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_a_wrong_method_is_not_allowed(site: Site) -> None:
    # When
    answer = site.http.put("/ocr")

    # Then
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize("path", ["/", "/health/live", "/ocr/options", "/nowhere"])
def test_a_head_is_that_of_the_answer(site: Site, path: str) -> None:
    # Given
    whole = site.http.get(path)

    # When
    head = site.http.head(path)

    # Then
    assert (head.status_code, head.content) == (whole.status_code, b"")
    assert head.headers["content-type"] == whole.headers["content-type"]
    assert head.headers["content-length"] == str(len(whole.content))


def test_what_cannot_be_got_has_no_head(site: Site) -> None:
    # When
    answer = site.http.head("/ocr")

    # Then
    assert answer.status_code == 405


def test_the_docs_tell_every_operation_and_load_nothing_from_elsewhere(site: Site) -> None:
    # Given
    paths = site.http.get("/openapi.json").json()["paths"]

    # When
    answer = site.http.get("/docs")

    # Then
    told = re.findall(r"<h2><code>(\w+) (\S+)</code></h2>", answer.text)
    assert told == [(verb.upper(), path) for path, verbs in paths.items() for verb in verbs]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert re.findall(r"https?://|=.?//|<script|<style", answer.text) == []
    assert 'href="/openapi.json"' in answer.text
    assert "`" not in answer.text


def test_no_other_page_describes_the_api(site: Site) -> None:
    # When
    answers = [site.http.get(path) for path in ("/redoc", "/docs/oauth2-redirect")]

    # Then
    assert [answer.status_code for answer in answers] == [404, 404]


def test_the_schema_is_served(site: Site) -> None:
    # When
    schema = site.http.get("/openapi.json").json()

    # Then
    assert "/ocr/{task_id}" in schema["paths"]
