"""What the job store keeps of a task, and how it is written down in Redis."""

import hashlib
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, cast

from pydantic_core import from_json, to_json

from shared.schemas import JsonDict, Options, Status

_COMPRESS_ABOVE_BYTES = 4096
_UNPACK_BYTES, _MOST_PIECE_BYTES = 1 << 18, 1 << 20


@dataclass(frozen=True, slots=True)
class Submission:
    """What a client handed in."""

    task_id: str
    owner: str
    filename: str
    media_type: str
    size_bytes: int
    sha256: str
    options: Options
    priority: Literal["interactive", "bulk"] = "interactive"
    cache_digest: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """One record; moments are milliseconds since the epoch."""

    task_id: str
    status: Status
    owner: str
    filename: str
    media_type: str
    size_bytes: int
    sha256: str
    options: Options
    priority: Literal["interactive", "bulk"]
    cache_digest: str
    attempts: int
    partial: bool
    created: int
    started: int | None
    finished: int | None
    expires: int
    pages_done: int
    pages_total: int | None
    error: JsonDict | None


def cache_digest(sha256: str, options: Options, pipeline: str) -> str:
    """Names a result by all it depends on: the bytes, the options, and the versions that `pipeline` stands for."""
    return hashlib.sha256(f"{sha256} {options.model_dump_json()} {pipeline}".encode()).hexdigest()


def to_fields(submission: Submission) -> list[str | int]:
    return [
        "filename",
        submission.filename,
        "media_type",
        submission.media_type,
        "size_bytes",
        submission.size_bytes,
        "sha256",
        submission.sha256,
        "options",
        submission.options.model_dump_json(),
        "cache",
        submission.cache_digest,
    ]


def from_fields(task_id: str, record: dict[str, str], result_seconds: int) -> Job:
    created = int(record["created"])
    return Job(
        task_id=task_id,
        status=Status(record["status"]),
        owner=record["owner"],
        filename=record["filename"],
        media_type=record["media_type"],
        size_bytes=int(record["size_bytes"]),
        sha256=record["sha256"],
        options=Options.model_validate_json(record["options"]),
        priority=cast("Any", record["priority"]),
        cache_digest=record["cache"],
        attempts=int(record["attempts"]),
        partial=record.get("partial") == "1",
        created=created,
        started=_number(record.get("started")),
        finished=_number(record.get("finished")),
        expires=_number(record.get("expires")) or created + result_seconds * 1000,
        pages_done=int(record["pages_done"]),
        pages_total=_number(record.get("pages_total")),
        error=json.loads(record["error"]) if "error" in record else None,
    )


def encode(value: JsonDict) -> bytes:
    return to_json(value, inf_nan_mode="null")


def unpack(packed: bytes) -> JsonDict:
    return cast("JsonDict", from_json(decompress(packed)))


def compress(data: bytes) -> bytes:
    """JSON never begins with zlib's first byte, so both kinds can stand in one place."""
    return zlib.compress(data, 1) if len(data) > _COMPRESS_ABOVE_BYTES else data


def decompress(data: bytes) -> bytes:
    return zlib.decompress(data) if data[:1] == zlib.compress(b"")[:1] else data


def decompress_by_pieces(data: bytes) -> Iterator[bytes]:
    """The same, by pieces of at most `_MOST_PIECE_BYTES` where it was compressed."""
    if data[:1] != zlib.compress(b"")[:1]:
        yield data
        return
    unpacker = zlib.decompressobj()
    for start in range(0, len(data), _UNPACK_BYTES):
        packed = data[start : start + _UNPACK_BYTES]
        while packed:
            yield unpacker.decompress(packed, _MOST_PIECE_BYTES)
            packed = unpacker.unconsumed_tail
    yield unpacker.flush()


def _number(value: str | None) -> int | None:
    return None if value is None else int(value)
