"""How the benchmarks use a service, which here answers from a list."""

import json
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from accuracy import Http, Pipeline, predict
from contest.client import Client
from contest.latency import count_unread, wait_for_page
from PIL import Image

Answer = tuple[int, dict[str, Any]]

_WORD = {"text": "one", "bbox": [1, 2, 3, 4], "confidence": 95.0}
_READ = {"number": 1, "error": None, "blocks": [{"lines": [{"words": [_WORD]}]}]}
_UNREAD = {"number": 2, "error": {"code": "corrupt_file", "detail": "It is damaged."}, "blocks": []}
_RESULT = {"text": "one", "pages": [_READ]}
_ACCEPTED = (202, {"task_id": "7", "status": "queued"})
_REUSED = (202, {"task_id": "7", "status": "succeeded"})
_RUNNING = (200, {"task_id": "7", "status": "running"})
_DONE = (200, {"task_id": "7", "status": "succeeded", "result": _RESULT})
_FAILED = (200, {"task_id": "7", "status": "failed", "error": {"code": "corrupt_file", "detail": "It is damaged."}})
_REFUSED = (415, {"status": 415, "code": "unsupported_media_type", "detail": "That is no picture."})
_NOT_YET = (409, {"status": 409, "code": "task_not_finished"})
_ITEM = {"id": "x", "image": "page.png", "lang": "eng"}


@contextmanager
def serve(*answers: Answer) -> Iterator[str]:
    """The URL of a server that gives each answer once, the last one for ever."""
    left = list(answers)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, content = left.pop(0) if len(left) > 1 else left[0]
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - the base class names it so

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Image.new("L", (40, 40), 255).save(tmp_path / "page.png")
    (tmp_path / "odd.png").write_text("not a picture")
    return tmp_path


@pytest.mark.parametrize(
    "answers", [[_DONE], [_ACCEPTED, _RUNNING, _DONE], [_REUSED, _DONE]], ids=["at once", "later", "read before"]
)
def test_a_file_is_read_over_http(folder: Path, answers: list[Answer]) -> None:
    # Given
    with serve(*answers) as url:
        # When
        prediction = predict(Http("auto", url), folder, _ITEM)
    # Then
    expected = [{"text": "one", "box": [1, 2, 3, 4], "page": 1, "confidence": 95.0}]
    assert (prediction["text"], prediction["words"], prediction["error"]) == ("one", expected, None)


def test_a_page_that_could_not_be_read_is_told_by_its_code_and_number(folder: Path) -> None:
    # Given
    partial = (200, {"task_id": "7", "status": "succeeded", "result": {"text": "one", "pages": [_READ, _UNREAD]}})
    with serve(partial) as url:
        # When
        prediction = predict(Http("auto", url), folder, _ITEM)
    # Then
    assert (prediction["text"], prediction["error"]) == ("one", "corrupt_file: page 2")


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ([_REFUSED], "unsupported_media_type: That is no picture."),
        ([_FAILED], "corrupt_file: It is damaged."),
        ([_ACCEPTED, _FAILED], "corrupt_file: It is damaged."),
    ],
    ids=["refused", "failed at once", "failed later"],
)
def test_a_problem_is_told_by_its_code_and_detail(folder: Path, answers: list[Answer], error: str) -> None:
    # Given
    with serve(*answers) as url:
        # When
        prediction = predict(Http("auto", url), folder, _ITEM)
    # Then
    assert (prediction["text"], prediction["words"], prediction["error"]) == ("", [], error)


def test_the_pipeline_tells_a_problem_in_the_same_way(folder: Path) -> None:
    # When
    prediction = predict(Pipeline("tesseract"), folder, {**_ITEM, "image": "odd.png"})
    # Then
    assert prediction["error"] == "unsupported_media_type: The file is none of the supported kinds."


def test_a_file_is_read_by_the_pipeline(folder: Path) -> None:
    # When
    prediction = predict(Pipeline("tesseract"), folder, _ITEM)
    # Then
    assert (prediction["text"], prediction["words"], prediction["error"]) == ("", [], None)


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ([_NOT_YET, _NOT_YET, (200, {})], ""),
        ([_NOT_YET, (404, {})], "status 404 instead of a page"),
        ([_NOT_YET], "no page within 0.3 s"),
    ],
    ids=["readable", "refused", "never"],
)
def test_a_page_is_waited_for(answers: list[Answer], why: str) -> None:
    # Given
    with serve(*answers) as url, closing(Client(url)) as client:
        # When
        failed = wait_for_page(client, "7", 0.3)
    # Then
    assert failed == why


def test_pages_that_can_still_be_read_are_counted() -> None:
    # Given
    tasks = [
        {"status": "succeeded", "progress": {"pages_done": 5, "pages_total": 5}},
        {"status": "running", "progress": {"pages_done": 2, "pages_total": 5}},
        {"status": "queued", "progress": {"pages_done": 0, "pages_total": None}},
        {"status": "failed", "progress": {"pages_done": 1, "pages_total": 5}},
    ]
    with serve(*((200, task) for task in tasks)) as url, closing(Client(url)) as client:
        # When
        unread = count_unread(client, ["1", "2", "3", "4"])
    # Then
    assert unread == 3 + 1
