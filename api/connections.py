"""Connections that wait for nobody: uvicorn itself lets a client take as long as it likes over a request.

A request's head must be complete in time, and its body must keep coming; a client that stops, or trickles, loses
its connection with a 408. Its answer must be taken as well. Idle keep-alive connections stay uvicorn's business.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_MOST_HEAD_BYTES = 64 << 10


class _LingeringTransport(asyncio.Transport):
    """What a request's answer is written to; closing it waits for the rest of that request's body."""

    def __init__(self, protocol: "PunctualProtocol") -> None:
        super().__init__()
        self._protocol = protocol

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._protocol.transport.write(data)

    def is_closing(self) -> bool:
        return self._protocol.transport.is_closing()

    def close(self) -> None:
        self._protocol.close_after_body()


class PunctualProtocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1 protocol with deadlines, for `uvicorn.Config(http=...)`."""

    head_seconds = 10.0
    """From the connection, or the first byte of a later request, to the end of the request's head."""
    body_seconds = 10.0
    """The length of the windows in which a body must make progress."""
    body_bytes_per_second = 600
    """Progress: what a window must bring on average, unless the body ends."""
    take_seconds = 60.0
    """How long an answer may wait for a client that takes no more of it; one that takes some is waited for again."""
    linger_seconds = 30.0
    """How long the rest of a body is read and dropped after its request was answered.

    Closing at once would reset the connection, and many clients would lose the answer.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._deadline: asyncio.TimerHandle | None = None
        self._stall: asyncio.TimerHandle | None = None
        self._awaited: str | None = None
        self._in_head = False
        self._in_body = False
        self._head_bytes = 0
        self._window_bytes = 0
        self._answered_at: float | None = None
        self._closes_after_body = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(transport)
        self._in_head = True
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        self._unstall()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._await_taking()

    def resume_writing(self) -> None:
        self._unstall()
        super().resume_writing()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._is_idle():
            # Bytes that begin no request, such as empty lines, stopped uvicorn's keep-alive clock.
            self._in_head = True
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > _MOST_HEAD_BYTES:
                self._close_with(b"431 Request Header Fields Too Large")
        self._watch()

    def on_message_begin(self) -> None:
        self._in_head, self._head_bytes = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head, self._in_body, self._window_bytes, self._answered_at = False, True, 0, None
        super().on_headers_complete()
        self.cycle.transport = _LingeringTransport(self)

    def on_body(self, body: bytes) -> None:
        self._window_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._in_body = False
        super().on_message_complete()
        if self._closes_after_body:
            self.transport.close()
        elif self.cycle.response_complete:
            self._rearm_keep_alive()

    def on_response_complete(self) -> None:
        self._answered_at = self.loop.time()
        super().on_response_complete()

    def close_after_body(self) -> None:
        """Close at once, or when a body that is still coming in has ended or `linger_seconds` are over."""
        if self._in_body:
            self._closes_after_body = True
        else:
            self.transport.close()

    def _rearm_keep_alive(self) -> None:
        """What uvicorn does on an answer, for an answer that came before the end of its request."""
        self._unset_keepalive_if_required()
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)

    def _is_idle(self) -> bool:
        answered = self.cycle is None or self.cycle.response_complete
        return answered and not self._in_body and self.timeout_keep_alive_task is None

    def _watch(self) -> None:
        """Start the clock of what is awaited now; it runs on while the same thing is awaited."""
        awaited = "head" if self._in_head else "body" if self._in_body else None
        if awaited == self._awaited:
            return
        self._disarm()
        self._awaited = awaited
        if awaited == "head":
            self._deadline = self.loop.call_later(self.head_seconds, self._give_up_head)
        elif awaited == "body":
            self._deadline = self.loop.call_later(self.body_seconds, self._check_progress)

    def _await_taking(self) -> None:
        untaken_bytes = self.transport.get_write_buffer_size()
        self._stall = self.loop.call_later(self.take_seconds, self._check_taking, untaken_bytes)

    def _check_taking(self, untaken_bytes: int) -> None:
        if self.transport.get_write_buffer_size() < untaken_bytes:
            self._await_taking()
        else:
            self.transport.abort()

    def _unstall(self) -> None:
        if self._stall is not None:
            self._stall.cancel()
            self._stall = None

    def _disarm(self) -> None:
        self._awaited = None
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up_head(self) -> None:
        if self.cycle is None or self.cycle.response_complete:
            self._close_with(b"408 Request Timeout")
        else:  # the client sends ahead; the answer it waits for comes first
            self._deadline = self.loop.call_later(self.head_seconds, self._give_up_head)

    def _check_progress(self) -> None:
        lingered = self._answered_at is not None and self.loop.time() - self._answered_at >= self.linger_seconds
        held_by_us = self.flow.read_paused or self.cycle.waiting_for_100_continue
        slow = self._window_bytes < self.body_bytes_per_second * self.body_seconds
        if lingered or (slow and not held_by_us):
            self._close_with(b"408 Request Timeout")
            return
        self._window_bytes = 0
        self._deadline = self.loop.call_later(self.body_seconds, self._check_progress)

    def _close_with(self, status: bytes) -> None:
        """Close, and say why where the client awaits an answer and has none of it."""
        self._disarm()
        answered = self.cycle is not None and self.cycle.response_started
        if not self.transport.is_closing() and (self._in_head or not answered):
            self.transport.write(b"HTTP/1.1 " + status + b"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        self.transport.close()
