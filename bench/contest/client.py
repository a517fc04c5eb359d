"""A small HTTP client: it must cost the machine next to nothing while servers are measured."""

import http.client
import json
import secrets
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_SECONDS = 600
_IDLE_SECONDS = 2.0
"""Servers close connections that are idle for longer, and a request sent just then would be lost."""
_WAIT = "wait=60"
_OK, _ACCEPTED = 200, 202
_QUOTED = str.maketrans({'"': "%22", "\r": "%0D", "\n": "%0A"})


class FailedTaskError(Exception):
    """A service refused a file or failed to read it; `code` is that of its problem document, the text its detail."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(problem.get("detail", ""))
        self.code = problem.get("code", "no code")


class Client:
    """One kept-open connection to the server at a URL, for one thread."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        open_connection = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = open_connection(parts.hostname or "127.0.0.1", parts.port, timeout=_SECONDS)
        self._root = parts.path.rstrip("/")
        self._used = time.monotonic()

    def submit(self, file: Path, **fields: str) -> str:
        """The id of a new task of this service.

        Raises:
            FailedTaskError: It was refused.
        """
        status, task = self.post_file("/ocr", file, **fields)
        if status != _ACCEPTED:
            raise FailedTaskError(task)
        return str(task["task_id"])

    def read(self, file: Path, **fields: str) -> dict[str, Any]:
        """The finished task of a file, with its result, whether it had to be read or had been before.

        Raises:
            FailedTaskError: It was refused or failed.
        """
        status, task = self.post_file("/ocr", file, prefer=_WAIT, **fields)
        while status == _ACCEPTED or (status == _OK and task["status"] in {"queued", "running"}):
            status, task = self.get(f"/ocr/{task['task_id']}?{_WAIT}")
        if status != _OK or task["status"] != "succeeded":
            raise FailedTaskError(task.get("error") or task)
        return dict(task)

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
        self._connection.request(method, self._root + path, body, headers or {})
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
    name = file.name.translate(_QUOTED)
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body = b"".join([*parts, head.encode(), file.read_bytes(), f"\r\n--{boundary}--\r\n".encode()])
    return body, f"multipart/form-data; boundary={boundary}"
