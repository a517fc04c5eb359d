"""Slow and impatient clients against a real uvicorn on a real socket."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from api.connections import PunctualProtocol
from tests.api.serving import serve

_FLOOD_BYTES = 64 << 20


class HastyProtocol(PunctualProtocol):
    head_seconds = 0.5
    body_seconds = 0.5
    linger_seconds = 1.0
    take_seconds = 0.5


async def _echo_length(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


async def _refuse(_: Request) -> PlainTextResponse:
    return PlainTextResponse("no", status_code=413)


async def _flood(_: Request) -> PlainTextResponse:
    return PlainTextResponse("x" * _FLOOD_BYTES)


def _build() -> Starlette:
    return Starlette(
        routes=[
            Route("/", _echo_length, methods=["GET", "POST"]),
            Route("/refuse", _refuse, methods=["POST"]),
            Route("/flood", _flood),
        ]
    )


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, int]]:
    with serve(_build, HastyProtocol) as address:
        yield address


@contextmanager
def _connect(address: tuple[str, int]) -> Iterator[socket.socket]:
    with socket.create_connection(address, timeout=5) as client:
        yield client


def _read_until_closed(client: socket.socket) -> bytes:
    received = b""
    while piece := client.recv(65536):
        received += piece
    return received


def _send_until_closed(client: socket.socket, piece: bytes, pause_seconds: float) -> float:
    """The seconds after which the server no longer takes `piece`; at most 4."""
    started = time.monotonic()
    while time.monotonic() - started < 4:
        try:
            client.sendall(piece)
        except OSError:
            break
        time.sleep(pause_seconds)
    return time.monotonic() - started


def test_a_silent_connection_is_closed(address: tuple[str, int]) -> None:
    # Given
    with _connect(address) as client:
        started = time.monotonic()
        # When
        answer = _read_until_closed(client)
    # Then
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert time.monotonic() - started < 2


def test_a_head_that_trickles_in_is_cut_off(address: tuple[str, int]) -> None:
    # Given
    with _connect(address) as client:
        # When
        seconds = _send_until_closed(client, b"G", 0.1)
    # Then
    assert seconds < 2


def test_empty_lines_do_not_keep_a_connection(address: tuple[str, int]) -> None:
    # Given
    with _connect(address) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        client.recv(65536)
        # When
        seconds = _send_until_closed(client, b"\r\n", 0.1)
    # Then
    assert seconds < 2


def test_an_endless_head_is_refused(address: tuple[str, int]) -> None:
    # Given
    with _connect(address) as client:
        # When
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 66_000)
        answer = client.recv(65536)
    # Then
    assert answer.startswith(b"HTTP/1.1 431 ")


def test_a_body_that_stops_is_answered_408(address: tuple[str, int]) -> None:
    # Given
    with _connect(address) as client:
        # When
        client.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" + b"x" * 50_000)
        answer = _read_until_closed(client)
    # Then
    assert answer.startswith(b"HTTP/1.1 408 ")


def test_a_body_that_trickles_is_cut_off(address: tuple[str, int]) -> None:
    # Given
    with _connect(address) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n")
        # When
        seconds = _send_until_closed(client, b"x", 0.1)
    # Then
    assert seconds < 2


def test_a_slow_but_steady_body_is_read(address: tuple[str, int]) -> None:
    # Given
    with _connect(address) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1200\r\n\r\n")
        # When: 1.2 seconds, more than two windows
        for _ in range(12):
            client.sendall(b"x" * 100)
            time.sleep(0.1)
        answer = client.recv(65536)
    # Then
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"1200")


def test_an_idle_connection_is_kept(address: tuple[str, int]) -> None:
    # Given
    with _connect(address) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        client.recv(65536)
        # When
        time.sleep(1)
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        answer = client.recv(65536)
    # Then
    assert answer.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("connection", ["keep-alive", "close"])
def test_an_early_answer_reaches_a_client_that_sends_its_whole_body(address: tuple[str, int], connection: str) -> None:
    # Given
    body_bytes = 20 << 20
    head = f"POST /refuse HTTP/1.1\r\nHost: a\r\nConnection: {connection}\r\nContent-Length: {body_bytes}\r\n\r\n"
    with _connect(address) as client:
        # When
        client.sendall(head.encode() + b"x" * body_bytes)
        answer = client.recv(65536)
    # Then
    assert answer.startswith(b"HTTP/1.1 413 ")


def test_a_connection_is_used_again_after_an_early_answer(address: tuple[str, int]) -> None:
    # Given
    with _connect(address) as client:
        client.sendall(b"POST /refuse HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n" + b"x" * 200_000)
        client.recv(65536)
        # When
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        answer = client.recv(65536)
    # Then
    assert answer.startswith(b"HTTP/1.1 200 ")


def test_dropping_a_refused_body_has_an_end(address: tuple[str, int]) -> None:
    # Given
    with _connect(address) as client:
        client.sendall(b"POST /refuse HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        # When
        seconds = _send_until_closed(client, b"400\r\n" + b"x" * 1024 + b"\r\n", 0.05)
    # Then
    assert seconds < 3


def test_a_client_that_takes_no_answer_loses_its_connection(address: tuple[str, int]) -> None:
    # Given
    with _connect(address) as client:
        client.sendall(b"GET /flood HTTP/1.1\r\nHost: a\r\n\r\n")
        # When
        time.sleep(2)
        # Then
        with suppress(ConnectionResetError):
            assert len(_read_until_closed(client)) < _FLOOD_BYTES


def test_a_client_that_takes_its_answer_slowly_gets_all_of_it(address: tuple[str, int]) -> None:
    # Given
    received = 0
    with _connect(address) as client:
        client.sendall(b"GET /flood HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        # When: a second and more, over two windows
        while piece := client.recv(2 << 20):
            received += len(piece)
            time.sleep(0.04)
    # Then
    assert received > _FLOOD_BYTES


def test_a_hundred_slow_clients_leave_the_server_responsive(address: tuple[str, int]) -> None:
    # Given
    slow = [socket.create_connection(address, timeout=5) for _ in range(100)]
    for client in slow:
        client.sendall(b"POST / HTTP/1.1\r\n")
    # When
    with _connect(address) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        answer = _read_until_closed(client)
    endings = [_read_until_closed(client)[:12] for client in slow]
    for client in slow:
        client.close()
    # Then
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert endings == [b"HTTP/1.1 408"] * 100
