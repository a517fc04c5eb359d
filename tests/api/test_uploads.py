"""Uploads through the real server to a real folder: what is stored, what is refused, and what is left behind."""

import hashlib
import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from api.uploads import receive_upload
from shared.errors import OcrError
from shared.settings import Limits
from shared.storage import Incoming, Storage
from tests.api.serving import serve

LIMIT_BYTES = 1_500_000
HEAD = b"P5 10 10 255\n"
"""Behind it a picture may hold any bytes."""


@contextmanager
def _open_full_volume() -> Iterator[Incoming]:
    path = Path("/dev/full")
    with path.open("wb", buffering=0) as file:
        yield Incoming(path, file)


class Site:
    """A server that stores uploads in `folder`."""

    def __init__(self, folder: Path, address: tuple[str, int]) -> None:
        self.folder = folder
        self.address = address
        self.url = "http://{}:{}".format(*address)

    def leftovers(self) -> list[Path]:
        return [path for path in self.folder.rglob("*") if path.is_file()]

    def post(self, body: Any, boundary: str = "b", path: str = "/", **headers: str) -> httpx.Response:
        headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", **headers}
        return httpx.post(self.url + path, content=body, headers=headers)

    def post_file(self, content: bytes, name: str = "a.pgm", **fields: str) -> httpx.Response:
        return httpx.post(self.url, files={"file": (name, content)}, data=fields)


@pytest.fixture(scope="module")
def _site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    storage = Storage(tmp_path_factory.mktemp("data"))
    storage.prepare()

    async def upload(request: Request) -> JSONResponse:
        with storage.incoming() as incoming:
            inspect = await receive_upload(request, incoming, Limits(max_upload_bytes=LIMIT_BYTES))
            stored = inspect()
            on_disk = hashlib.sha256(stored.path.read_bytes()).hexdigest()
            return JSONResponse({**asdict(stored), "path": "", "on_disk": on_disk})

    async def upload_at_once(request: Request) -> JSONResponse:
        with storage.incoming() as incoming:
            await receive_upload(request, incoming, Limits(upload_seconds=1))
        return JSONResponse({})

    async def upload_without_room(request: Request) -> JSONResponse:
        with _open_full_volume() as incoming:
            inspect = await receive_upload(request, incoming, Limits())
            inspect()
        return JSONResponse({})

    def show(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, OcrError)
        return JSONResponse(error.problem(), error.kind.status)

    def build() -> Starlette:
        routes = [
            Route("/", upload, methods=["POST"]),
            Route("/at-once", upload_at_once, methods=["POST"]),
            Route("/full", upload_without_room, methods=["POST"]),
        ]
        return Starlette(routes=routes, exception_handlers={OcrError: show})

    with serve(build) as address:
        yield Site(storage.root, address)


@pytest.fixture
def site(_site: Site) -> Iterator[Site]:
    """Whatever a test does, no file may stay behind."""
    yield _site
    deadline = time.monotonic() + 5
    while _site.leftovers() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert _site.leftovers() == []


def _part(disposition: str, content: bytes, *headers: str) -> bytes:
    lines = [f"Content-Disposition: {disposition}", *headers]
    return b"--b\r\n" + "\r\n".join(lines).encode() + b"\r\n\r\n" + content + b"\r\n"


def _field(name: str, value: bytes) -> bytes:
    return _part(f'form-data; name="{name}"', value)


FILE = _part('form-data; name="file"; filename="a.pgm"', HEAD)
END = b"--b--\r\n"

HEADERS = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\n"


def test_a_file_is_stored_counted_and_hashed(site: Site) -> None:
    # Given
    content = HEAD + bytes(range(256)) * 4_000
    # When
    stored = site.post_file(content, "имя файла.png").json()
    # Then
    assert stored["on_disk"] == stored["sha256"] == hashlib.sha256(content).hexdigest()
    assert stored["size_bytes"] == len(content)
    assert stored["media_type"] == "image/x-portable-anymap"
    assert stored["filename"] == "имя файла.png"
    assert stored["fields"] == {}


def test_fields_may_come_before_and_after_the_file(site: Site) -> None:
    # When
    stored = site.post(_field("lang", b"eng") + FILE + _field("psm", b"6") + END).json()
    # Then
    assert stored["fields"] == {"lang": "eng", "psm": "6"}
    assert stored["size_bytes"] == len(HEAD)


def test_a_body_may_come_in_pieces_of_any_size(site: Site) -> None:
    # Given: a file whose content looks like the boundary again and again
    content = HEAD + b"\r\n--\r\n--b\r--b--\n\r\n--bb"[:8] * 20
    body = _field("lang", b"eng") + _part('form-data; name="file"; filename="a"', content) + END
    # When
    stored = site.post(body[i : i + 1] for i in range(len(body))).json()
    # Then
    assert stored["sha256"] == hashlib.sha256(content).hexdigest()


def test_a_transfer_encoding_of_a_part_is_ignored(site: Site) -> None:
    # Given
    part = _part('form-data; name="file"; filename="a"', HEAD, "Content-Transfer-Encoding: base64")
    # When / Then
    assert site.post(part + END).json()["size_bytes"] == len(HEAD)


def test_a_field_is_read_in_its_own_charset(site: Site) -> None:
    # Given
    part = _part('form-data; name="note"', "да".encode("cp1251"), "Content-Type: text/plain; charset=windows-1251")
    # When / Then
    assert site.post(part + FILE + END).json()["fields"] == {"note": "да"}


def test_what_follows_the_final_boundary_is_ignored(site: Site) -> None:
    assert site.post(FILE + END + b"epilogue").status_code == 200


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ("filename=\"x\"; filename*=UTF-8''%D0%B8%D0%BC%D1%8F.png", "имя.png"),
        ('filename="../../%22a%22\\"b\\".png"', '"a""b".png'),
        ("filename*=UTF-8''only.png", "only.png"),
        ('filename="/etc/passwd\0.png"', "passwd.png"),
    ],
)
def test_a_file_name_is_shown_and_never_a_path(site: Site, disposition: str, name: str) -> None:
    # When
    stored = site.post(_part(f'form-data; name="file"; {disposition}', HEAD) + END).json()
    # Then
    assert stored["filename"] == name


MALFORMED = [
    pytest.param(b"", "ends before its final boundary", id="no body"),
    pytest.param(END, "no part 'file'", id="empty form"),
    pytest.param(_field("lang", b"eng") + END, "no part 'file'", id="no file"),
    pytest.param(FILE, "ends before its final boundary", id="no final boundary"),
    pytest.param(FILE + FILE + END, "more than one part 'file'", id="two files"),
    pytest.param(_field("file", HEAD) + END, "names no file", id="no file name"),
    pytest.param(
        _part('form-data; name="file"; filename=""', b"") + END, "names no file", id="no file chosen in a browser"
    ),
    pytest.param(
        _part('form-data; name="image"; filename="a.png"', HEAD) + END, "not in 'image'", id="file in another part"
    ),
    pytest.param(_field("lang", b"eng") * 2 + FILE + END, "'lang' is repeated", id="repeated field"),
    pytest.param(b"".join(_field(f"f{n}", b"") for n in range(33)) + FILE + END, "more than 32", id="many fields"),
    pytest.param(_field("lang", b"x" * 16_385) + FILE + END, "longer than 16384", id="long field"),
    pytest.param(_part("form-data", b"") + FILE + END, "no usable name", id="nameless part"),
    pytest.param(_field("n" * 101, b"") + FILE + END, "no usable name", id="long name"),
    pytest.param(_field("lang", b"\xff") + FILE + END, "not valid utf-8", id="bad UTF-8"),
    pytest.param(
        _part('form-data; name="a"', b"", "Content-Type: text/plain; charset=unheard") + FILE + END,
        "unknown charset",
        id="unknown charset of a part",
    ),
    pytest.param(
        _part('form-data; name="a"', b"x", "Content-Type: text/plain; charset=hex") + FILE + END,
        "not valid",
        id="charset that is none",
    ),
    pytest.param(
        _part('form-data; name="a"', b"", 'Content-Disposition: form-data; name="b"') + FILE + END,
        "repeats a header",
        id="repeated header",
    ),
    pytest.param(_part('form-data; name="a"', b"", "X-Long: " + "x" * 5_000) + FILE + END, "broken", id="long header"),
    pytest.param(
        _part('form-data; name="a"', b"", *(f"X-{n}: x" for n in range(20))) + FILE + END, "broken", id="many headers"
    ),
    pytest.param(b"--other\r\n\r\n\r\n--other--", "broken", id="another boundary"),
    pytest.param(b"--b\r\nno colon\r\n\r\n" + END, "broken", id="broken header"),
]


@pytest.mark.parametrize(("body", "flaw"), MALFORMED)
def test_a_malformed_form_is_refused_with_its_flaw(site: Site, body: bytes, flaw: str) -> None:
    # When
    answer = site.post(body)
    # Then
    assert answer.status_code == 400
    assert answer.json()["code"] == "malformed_request"
    assert flaw in answer.json()["detail"]


@pytest.mark.parametrize(
    ("content_type", "flaw"),
    [
        ("application/json", "not multipart"),
        ("multipart/form-data", "no boundary"),
        ("multipart/form-data; boundary=" + "b" * 300, "broken"),
        ("multipart/form-data; boundary=b; charset=unheard", "unknown charset"),
        ("", "not multipart"),
    ],
)
def test_a_body_of_another_type_is_refused(site: Site, content_type: str, flaw: str) -> None:
    # When
    answer = site.post(FILE + END, **{"Content-Type": content_type})
    # Then
    assert answer.status_code == 400
    assert flaw in answer.json()["detail"]


def test_an_empty_file_is_refused(site: Site) -> None:
    assert site.post_file(b"").json()["code"] == "empty_file"


def test_a_file_that_is_no_picture_is_refused(site: Site) -> None:
    # When
    answer = site.post_file(b"/etc/passwd\n", "x.png")
    # Then
    assert answer.status_code == 415
    assert answer.json()["seen"] == "text/plain"


def test_a_file_at_the_limit_is_accepted(site: Site) -> None:
    # Given
    content = HEAD.ljust(LIMIT_BYTES, b"x")
    # When / Then
    assert site.post_file(content).json()["size_bytes"] == LIMIT_BYTES


def test_a_file_over_the_limit_is_refused_with_the_limit(site: Site) -> None:
    # Given
    content = HEAD.ljust(LIMIT_BYTES + 1, b"x")
    # When
    answer = site.post_file(content)
    # Then
    assert answer.status_code == 413
    assert answer.json()["limit_bytes"] == LIMIT_BYTES


def test_a_chunked_body_over_the_limit_is_refused(site: Site) -> None:
    # Given
    body = _part('form-data; name="file"; filename="a"', b"x" * 2 * LIMIT_BYTES) + END
    # When
    answer = site.post(body[i : i + 65_536] for i in range(0, len(body), 65_536))
    # Then
    assert answer.json()["code"] == "file_too_large"


def test_bytes_outside_the_file_count_too(site: Site) -> None:
    # Given: an epilogue, which would otherwise have no end
    body = FILE + END + b"x" * (LIMIT_BYTES + (2 << 20))
    # When
    answer = site.post(body[i : i + 65_536] for i in range(0, len(body), 65_536))
    # Then
    assert answer.json()["code"] == "file_too_large"


def test_an_announced_length_is_refused_before_the_body_comes(site: Site) -> None:
    # Given
    head = (
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 99999999\r\n"
    )
    with socket.create_connection(site.address, timeout=5) as client:
        # When
        client.sendall(head + b"Expect: 100-continue\r\n\r\n")
        answer = client.recv(65_536)
    # Then
    assert answer.startswith(b"HTTP/1.1 413 ")


def test_a_client_that_closes_after_its_request_sees_the_refusal(site: Site) -> None:
    # Given: this client asks for `Connection: close` and sends its whole body before it reads
    body = _part('form-data; name="file"; filename="a"', b"x" * (20 << 20)) + END
    request = urllib.request.Request(  # noqa: S310 - our own server
        site.url, body, {"Content-Type": "multipart/form-data; boundary=b"}, method="POST"
    )
    # When
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request)  # noqa: S310 - our own server
    # Then
    with caught.value as answer:
        assert json.load(answer)["code"] == "file_too_large"


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_curl_sees_the_refusal(site: Site, tmp_path: Path) -> None:
    # Given
    file = tmp_path / "large.png"
    file.write_bytes(b"x" * (20 << 20))
    # When
    command = ["curl", "-sS", "-F", f"file=@{file}", site.url]
    answer = subprocess.run(command, check=True, capture_output=True)
    # Then
    assert json.loads(answer.stdout)["code"] == "file_too_large"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("size_bytes", [1, 1_000_000])
def test_a_full_volume_is_told(site: Site, size_bytes: int) -> None:
    # Given
    body = _part('form-data; name="file"; filename="a"', HEAD.ljust(size_bytes, b"x")) + END
    # When
    answer = site.post(body, path="/full")
    # Then
    assert answer.status_code == 503
    assert answer.json()["code"] == "storage_full"


def test_a_client_that_goes_away_leaves_nothing(site: Site) -> None:
    # Given
    head = HEADERS + b"Content-Length: 1400000\r\n\r\n"
    body = _part('form-data; name="file"; filename="a"', HEAD.ljust(1_000_000, b"x"))
    with socket.create_connection(site.address, timeout=5) as client:
        client.sendall(head + body)
        deadline = time.monotonic() + 5
        while not site.leftovers() and time.monotonic() < deadline:
            time.sleep(0.01)
        # When
        stored = site.leftovers()
    # Then: the file was there, and the fixture sees it vanish
    assert len(stored) == 1


def test_a_body_that_trickles_steadily_has_an_end(site: Site) -> None:
    # Given
    head = HEADERS.replace(b"/", b"/at-once", 1) + b"Content-Length: 1000000\r\n\r\n"
    with socket.create_connection(site.address, timeout=0.1) as client:
        client.sendall(head + FILE)
        started, answer = time.monotonic(), b""
        # When: ten times as fast as a client must be
        while not answer and time.monotonic() - started < 10:
            client.sendall(b"x" * 600)
            with suppress(TimeoutError):
                answer = client.recv(65_536)
        seconds = time.monotonic() - started
    # Then
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert 0.9 < seconds < 5
