"""A small HTTP client for the loopback: it must cost the machine next to nothing while servers are measured."""

import http.client
import json
import secrets
import time
from pathlib import Path
from typing import Any

_SECONDS = 600
_IDLE_SECONDS = 2.0
"""Servers close connections that are idle for longer, and a request sent just then would be lost."""


class Client:
    """One kept-open connection, for one thread."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
        self._used = time.monotonic()

    def get(self, path: str) -> tuple[int, Any]:
        return self._ask("GET", path)

    def post_file(self, path: str, file: Path, *, prefer: str = "", **fields: str) -> tuple[int, Any]:
        body, content_type = encode_form(file, fields)
        headers = {"Content-Type": content_type, **({"Prefer": prefer} if prefer else {})}
        return self._ask("POST", path, body, headers)

    def delete(self, path: str) -> None:
        self._ask("DELETE", path)

    def close(self) -> None:
        self._connection.close()

    def _ask(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        if time.monotonic() - self._used > _IDLE_SECONDS:
            self._connection.close()
        self._connection.request(method, path, body, headers or {})
        answer = self._connection.getresponse()
        data = answer.read()
        self._used = time.monotonic()
        return answer.status, json.loads(data) if data else None


def encode_form(file: Path, fields: dict[str, str]) -> tuple[bytes, str]:
    """A multipart/form-data body and its Content-Type."""
    boundary = secrets.token_hex(16)
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{file.name}"\r\n\r\n'
    body = b"".join([*parts, head.encode(), file.read_bytes(), f"\r\n--{boundary}--\r\n".encode()])
    return body, f"multipart/form-data; boundary={boundary}"
