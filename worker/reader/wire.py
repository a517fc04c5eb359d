"""JSON messages over a stream socket, each after its length in four bytes."""

import socket
import struct
import time

from pydantic_core import from_json, to_json

from shared.schemas import JsonDict

_LENGTH = struct.Struct("!I")
_PIECE_BYTES = 1 << 20
_SHORTEST_SECONDS = 0.001  # a time-out of 0 would make the socket non-blocking


class Channel:
    """One end of a socket pair; it takes no message longer than `max_bytes`, from whomever.

    Every method raises `ConnectionError` when the other side is gone or does not keep to the form.
    """

    def __init__(self, connection: socket.socket, max_bytes: int) -> None:
        self._connection = connection
        self._max_bytes = max_bytes
        self._buffer = bytearray()

    def send(self, message: JsonDict) -> None:
        self.send_bytes(to_json(message))

    def send_bytes(self, message: bytes) -> None:
        """Send a message that is JSON already; its length goes along, for by itself it would wake the other side."""
        self._connection.sendall(_LENGTH.pack(len(message)) + message)

    def receive(self, timeout_seconds: float | None = None) -> JsonDict | None:
        """The next message, or None when it is not complete within the time; what came of it is kept."""
        end = None if timeout_seconds is None else time.monotonic() + timeout_seconds
        while (message := self._take()) is None:
            self._connection.settimeout(None if end is None else max(_SHORTEST_SECONDS, end - time.monotonic()))
            try:
                piece = self._connection.recv(_PIECE_BYTES)
            except TimeoutError:
                return None
            if not piece:
                msg = "the other side is gone"
                raise ConnectionError(msg)
            self._buffer += piece
        return message

    def close(self) -> None:
        self._connection.close()

    def _take(self) -> JsonDict | None:
        if len(self._buffer) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack_from(self._buffer)
        if length > self._max_bytes:
            msg = "a message is too long"
            raise ConnectionError(msg)
        end = _LENGTH.size + length
        if len(self._buffer) < end:
            return None
        body = bytes(self._buffer[_LENGTH.size : end])
        del self._buffer[:end]
        return _parse(body)


def _parse(body: bytes) -> JsonDict:
    try:
        message = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        msg = "a message is not JSON"
        raise ConnectionError(msg) from error
    if not isinstance(message, dict):
        msg = "a message is not an object"
        raise ConnectionError(msg)
    return message
