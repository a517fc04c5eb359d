"""Requests that no honest client sends, straight to a running service."""

import re
import socket
import uuid
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx

from tests.faults.campaign import Campaign
from tests.faults.pictures import draw_line

_LIMIT_BYTES = 4 << 20
_OPTIONS = (
    {"lang": "../../etc/passwd"},
    {"lang": "eng;rm -rf /"},
    {"lang": "eng+" * 500},
    {"lang": "-psm"},
    {"lang": "eng\0rus"},
    {"lang": "xyz"},
    {"psm": "0"},
    {"psm": "2"},
    {"psm": "99999999999999999999"},
    {"psm": "6 --tessdata-dir /"},
    {"psm": "٣"},
    {"dpi": "1e9"},
    {"dpi": "-1"},
    {"pages": "1-999999999999"},
    {"pages": "9-1"},
    {"pages": "1," * 5000},
    {"engine": "os.system"},
    {"preprocess": "clean,clean"},
    {"rotate": "perhaps"},
    {"priority": "urgent"},
    {"__class__": "x"},
    {"config": "tessedit_write_images=1"},
)
_OPTION_ERRORS = {"invalid_option", "language_not_installed", "malformed_request"}


def test_unknown_ids(campaign: Campaign) -> None:
    """Unknown, malformed and hostile ids answer alike."""
    # Given
    ids = [str(uuid.uuid4()), "x", "0", "*", "ocr:keys", "%00", "a" * 4000, "'%22%3Cscript%3E", "tmp"]
    shapes = set()
    for task_id in ids:
        for path in ("", "/result", "/result?format=pdf", "/pages/1"):
            # When
            answer = httpx.get(f"{campaign.service.url}/ocr/{task_id}{path}", timeout=10)
            campaign.fault("unknown id")
            # Then
            problem = answer.json()
            shapes.add((answer.status_code, problem["code"], problem["detail"], tuple(sorted(problem))))
    assert {shape[:2] for shape in shapes} == {(404, "task_not_found")}
    assert len(shapes) == 1
    campaign.settle()


def test_hostile_options(campaign: Campaign) -> None:
    for options in _OPTIONS:
        # When
        answer = campaign.submit(draw_line("Options"), None, **options)
        campaign.fault("hostile option")
        # Then
        assert answer is not None
        if answer.status_code == 202:
            assert campaign.wait_for_end(answer.json()["task_id"])["error"]["code"] == "invalid_option", options
        else:
            assert answer.status_code in {400, 422}, answer.text
            assert answer.json()["code"] in _OPTION_ERRORS, options
    campaign.settle()


def test_too_large_bodies(campaign: Campaign) -> None:
    # Given
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    kind = {"Content-Type": "multipart/form-data; boundary=b"}

    def chunks() -> Iterator[bytes]:
        yield head
        for _ in range(80):
            yield bytes(1 << 20)

    url = f"{campaign.service.url}/ocr"
    # When
    announced = httpx.post(url, content=head + bytes(_LIMIT_BYTES * 2), headers=kind, timeout=30)
    streamed = _post_stream(url, chunks(), kind)
    campaign.fault("body too large")
    campaign.fault("endless body")
    # Then
    assert (announced.status_code, announced.json()["limit_bytes"]) == (413, _LIMIT_BYTES)
    assert streamed in {413, None}
    campaign.settle()


def test_broken_forms(campaign: Campaign) -> None:
    # Given
    part = b'--b\r\nContent-Disposition: form-data; name="%b"; filename="%b"\r\n\r\n%b\r\n'
    picture = draw_line("Form")
    bodies = [
        b"",
        b"garbage",
        b"--b--\r\n",
        part % (b"file", b"a.png", picture),
        part % (b"file", b"", picture) + b"--b--\r\n",
        part % (b"other", b"a.png", picture) + b"--b--\r\n",
        part % (b"file", b"a.png", picture) * 2 + b"--b--\r\n",
        part % (b"file", b"a.png", b"") + b"--b--\r\n",
        b"--b\r\n" + b"X: y\r\n" * 5000 + b"\r\n\r\n--b--\r\n",
        b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n' * 200 + b"--b--\r\n",
        b'--b\r\nContent-Disposition: form-data; name="lang"\r\n\r\n' + b"e" * 200_000 + b"\r\n--b--\r\n",
    ]
    kinds = [
        "multipart/form-data; boundary=b",
        "multipart/form-data",
        "multipart/form-data; boundary=" + "b" * 5000,
        "application/json",
        "application/x-www-form-urlencoded",
        "",
    ]
    for kind in kinds:
        for body in bodies:
            # When
            answer = httpx.post(f"{campaign.service.url}/ocr", content=body, headers={"Content-Type": kind}, timeout=20)
            campaign.fault("broken form")
            # Then
            assert answer.status_code in {400, 415, 422}, (kind, body[:80], answer.text)
            assert answer.headers["content-type"] == "application/problem+json"
    campaign.settle()


def test_smuggled_requests(campaign: Campaign) -> None:
    """A request whose end can be told in two ways is refused, and what may be another one behind it is not answered."""
    # Given
    second = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"
    first = (
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"Content-Length: 0\r\nContent-Length: %d\r\n\r\n" % len(second),
        b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n0\n\n",
    )
    for rest in first:
        # When
        statuses = _send_raw(campaign.service.url, b"POST /ocr HTTP/1.1\r\nHost: localhost\r\n" + rest + second)
        campaign.fault("two requests in one")
        # Then
        assert statuses == [b"400"], rest
    campaign.settle()


def test_bytes_that_are_not_quite_http(campaign: Campaign) -> None:
    # Given
    endless_bytes = (64 << 10) + 1
    """One byte over the limit: were more left unread, a reset of the connection could overtake the answer."""
    requests = {
        b"POST /ocr HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n": b"400",
        b"POST /ocr HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n": b"400",
        b"GET /".ljust(endless_bytes, b"a"): b"431",
        (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * endless_bytes)[:endless_bytes]: b"431",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500): b"400",
        bytes(range(256)) * 40: b"400",
    }
    for data, status in requests.items():
        # When
        statuses = _send_raw(campaign.service.url, data)
        campaign.fault("not quite HTTP")
        # Then
        assert statuses == [status], data[:60]
    campaign.settle()


def _post_stream(url: str, content: Iterator[bytes], headers: dict[str, str]) -> int | None:
    """The status, or None where the service closed the connection before the body's end."""
    try:
        return httpx.post(url, content=content, headers=headers, timeout=60).status_code
    except (httpx.WriteError, httpx.ReadError, httpx.RemoteProtocolError):
        return None


def _send_raw(url: str, data: bytes) -> list[bytes]:
    """The status of each answer that comes until the service closes the connection."""
    parts = urlsplit(url)
    received = b""
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=15) as client:
        client.sendall(data)
        while piece := client.recv(4096):
            received += piece
    return re.findall(rb"HTTP/1\.1 (\d{3}) ", received)
