"""An upload's way from the socket to the volume: counted, hashed and told by its content while it streams in."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from anyio import fail_after, to_thread
from starlette.requests import ClientDisconnect, Request

from api.media import inspect_upload
from api.multipart import MultipartForm, refuse_large
from shared.errors import Code, OcrError
from shared.settings import Limits
from shared.storage import Incoming

_FORM_BYTES = 1 << 20
"""Room for the fields and boundaries around a file."""

_BLOCK_BYTES = 512 << 10
"""What is collected before a thread writes it; the event loop itself never waits for the volume."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A stored file and the form fields that came with it."""

    path: Path
    filename: str
    media_type: str
    size_bytes: int
    sha256: str
    fields: dict[str, str]


class _Blocks:
    """Writes and hashes the file in blocks, off the event loop."""

    def __init__(self, incoming: Incoming) -> None:
        self._incoming = incoming
        self._digest = hashlib.sha256()
        self._pieces: list[bytes] = []
        self._pending_bytes = 0

    async def add(self, pieces: list[bytes]) -> None:
        self._pieces += pieces
        self._pending_bytes += sum(map(len, pieces))
        if self._pending_bytes >= _BLOCK_BYTES:
            await to_thread.run_sync(self.write)

    def write(self) -> None:
        block = b"".join(self._pieces)
        self._pieces, self._pending_bytes = [], 0
        self._incoming.write(block)
        self._digest.update(block)

    def finish(self, size_bytes: int, limits: Limits) -> tuple[str, str]:
        """Write the rest; give the media type and the SHA-256."""
        self.write()
        self._incoming.flush()
        with self._incoming.path.open("rb") as file:
            return inspect_upload(file, size_bytes, limits), self._digest.hexdigest()


async def receive_upload(request: Request, incoming: Incoming, limits: Limits) -> Callable[[], Upload]:
    """Stream the part `file` of a multipart body into `incoming`, whose owner removes it when this raises.

    Returns:
        What is left to do, for a thread: it writes the rest and raises what `inspect_upload` finds.

    Raises:
        OcrError: `malformed_request`, `request_timeout`, `file_too_large`, `empty_file` or `storage_full`.
    """
    form = MultipartForm(request.headers.get("content-type", ""), limits.max_upload_bytes)
    blocks = _Blocks(incoming)
    try:
        with fail_after(limits.upload_seconds):
            await _stream_body(request, form, blocks, limits)
    except TimeoutError as error:
        detail = f"The upload was not complete within {limits.upload_seconds:g} seconds."
        raise OcrError(Code.REQUEST_TIMEOUT, detail) from error
    form.finish()
    if form.file_bytes == 0:
        raise OcrError(Code.EMPTY_FILE, "The file has no content.")
    return partial(_inspect, form, blocks, incoming, limits)


def _inspect(form: MultipartForm, blocks: _Blocks, incoming: Incoming, limits: Limits) -> Upload:
    media_type, sha256 = blocks.finish(form.file_bytes, limits)
    return Upload(
        path=incoming.path,
        filename=form.filename or "",
        media_type=media_type,
        size_bytes=form.file_bytes,
        sha256=sha256,
        fields=form.fields,
    )


async def _stream_body(request: Request, form: MultipartForm, blocks: _Blocks, limits: Limits) -> None:
    most_bytes = limits.max_upload_bytes + _FORM_BYTES
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > most_bytes:
        refuse_large(limits.max_upload_bytes)
    received_bytes = 0
    try:
        async for chunk in request.stream():
            received_bytes += len(chunk)
            if received_bytes > most_bytes:
                refuse_large(limits.max_upload_bytes)
            await blocks.add(form.feed(chunk))
    except ClientDisconnect as error:
        raise OcrError(Code.MALFORMED_REQUEST, "The connection ended before the upload did.") from error
