"""How the benchmarks measure, and what they make of it."""

import subprocess
import sys
import threading
from collections.abc import Sequence
from email.message import Message
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from accuracy import Tally
from contest import measure, report
from contest.client import Client, encode_form
from contest.pages import Sheet
from contest.report import Row

_SHEETS = [Sheet(Path("one"), ("a", "b", "b")), Sheet(Path("two"), ("c",), pages=3)]
_BURN = "import time\nwhile time.process_time() < 0.3: pass"


class Clock:
    """A contestant that uses a second of CPU more in each turn."""

    def __init__(self, name: str, log: list[str]) -> None:
        self.name = name
        self._log = log
        self._turns = 0
        self._used = 0

    def read(self, sheets: Sequence[Sheet]) -> list[str]:
        self._log.append(self.name)
        self._turns += 1
        self._used += self._turns
        return ["b a x", "nothing"][: len(sheets)]

    def cpu_seconds(self) -> float:
        return self._used


class Forgetful:
    """A contestant that finds a word less in each turn."""

    name = "forgetful"

    def __init__(self) -> None:
        self._words = ["a", "b", "b"]

    def read(self, sheets: Sequence[Sheet]) -> list[str]:
        text = " ".join(self._words)
        self._words.pop()
        return [text] * len(sheets)

    def cpu_seconds(self) -> float:
        return 0


def test_contestants_take_turns() -> None:
    # Given
    log: list[str] = []
    # When
    measure.race([Clock("first", log), Clock("second", log)], _SHEETS, turns=2)
    # Then
    assert log == ["first", "second", "first", "second"]


def test_a_page_costs_the_median_of_the_turns() -> None:
    # Given
    contestant = Clock("only", [])
    # When
    outcome = measure.race([contestant], _SHEETS, turns=3)["only"]
    # Then
    assert (outcome.cpu_seconds_per_page, outcome.recall) == (2 / 4, 2 / 4)


def test_the_words_found_are_the_median_of_the_turns() -> None:
    # Given
    contestant = Forgetful()
    # When
    outcome = measure.race([contestant], _SHEETS[:1], turns=3)["forgetful"]
    # Then
    assert outcome.recall == 2 / 3


def test_a_word_is_found_as_often_as_it_was_read() -> None:
    # Given
    texts = ["b b b", "c"]
    # When
    recall = measure.measure_recall(_SHEETS, texts)
    # Then
    assert recall == 3 / 4


def test_words_that_nobody_knows_have_no_recall() -> None:
    # Given
    sheets = [Sheet(Path("real"))]
    # When
    recall = measure.measure_recall(sheets, ["text"])
    # Then
    assert recall is None


@pytest.mark.parametrize(("share", "expected"), [(0.5, 50), (0.99, 99), (1.0, 100), (0.001, 1)])
def test_percentile_is_one_of_the_values(share: float, expected: int) -> None:
    # Given
    values = list(range(100, 0, -1))
    # When
    value = measure.percentile(values, share)
    # Then
    assert value == expected


def test_the_time_of_dead_children_counts() -> None:
    # Given
    script = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {_BURN!r}])\nprint(flush=True)\ninput()"
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        # When
        seconds = measure.tree_cpu_seconds(process.pid)
        process.kill()
    # Then
    assert seconds >= 0.3


@pytest.mark.parametrize(
    ("row", "met"),
    [
        (Row("pages", "rival", 1.3, "x", 1.2), True),
        (Row("pages", "rival", 1.1, "x", 1.2), False),
        (Row("pages", "rival", 1.3, "x", 1.2, failed="fewer words"), False),
        (Row("latency", "", 19, "ms", 20, "less"), True),
        (Row("latency", "", 21, "ms", 20, "less"), False),
    ],
)
def test_a_goal_is_met_or_missed(row: Row, met: bool) -> None:  # noqa: FBT001 - a parameter of the table above
    # Given
    table = report.format_table([row])
    # When
    verdict = row.is_met
    # Then
    assert verdict == met
    assert ("missed" in table) != met


def test_the_last_line_holds_the_ratios_to_rivals_that_were_there() -> None:
    # Given
    rows = [
        Row("pages", "rival", 1.26, "x", 1.2),
        Row("latency", "", 19, "ms", 20, "less"),
        Row("pages", "another", 0, "x", 2, failed="not installed"),
    ]
    # When
    summary = report.format_summary(rows)
    # Then
    assert summary == "1.3x rival (pages)"


def test_a_form_can_be_read_by_others(tmp_path: Path) -> None:
    # Given
    file = tmp_path / "page.png"
    file.write_bytes(b"\x89PNG\r\n--")
    # When
    body, content_type = encode_form(file, {"lang": "eng"})
    # Then
    message = BytesParser().parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    parts = [part for part in message.walk() if not part.is_multipart()]
    assert [_describe(part) for part in parts] == [("lang", None, b"eng"), ("file", "page.png", b"\x89PNG\r\n--")]


def test_a_client_keeps_its_connection() -> None:
    # Given
    with HTTPServer(("127.0.0.1", 0), _Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        client = Client(f"http://127.0.0.1:{server.server_port}")
        # When
        answers = [client.get("/first"), client.get("/second")]
        client.close()
        server.shutdown()
    # Then
    (_, first), (_, second) = answers
    assert (first["path"], second["path"], first["port"]) == ("/first", "/second", second["port"])


def test_a_path_in_the_address_of_a_server_comes_first() -> None:
    # Given
    with HTTPServer(("127.0.0.1", 0), _Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        client = Client(f"http://127.0.0.1:{server.server_port}/behind/")
        # When
        _, answer = client.get("/ocr/7")
        client.close()
        server.shutdown()
    # Then
    assert answer["path"] == "/behind/ocr/7"


class _Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = f'{{"path": "{self.path}", "port": {self.client_address[1]}}}'.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        pass


def _describe(part: Message) -> tuple[str, str | None, bytes]:
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return str(part.get_param("name", header="content-disposition")), part.get_filename(), content


def test_words_are_counted_whatever_their_order() -> None:
    # Given
    tally = Tally()
    words = [
        {"text": "two", "confidence": 95.0},
        {"text": "one", "confidence": 40.0},
        {"text": "too", "confidence": 91.0},
    ]
    # When
    tally.add({"text": "one two three four"}, {"words": words, "error": None})
    # Then
    assert (tally.there, tally.read, tally.right) == (4, 3, 2)
    assert (tally.sure, tally.sure_right) == (2, 1)
