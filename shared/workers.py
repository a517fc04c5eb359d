"""What the workers tell about themselves, so that the API knows what it can promise."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any, cast

import redis

from shared.jobs import PREFIX, redis_errors

_KEY = f"{PREFIX}workers"
_FRESH_SECONDS = 10


@dataclass(frozen=True, slots=True)
class WorkerInfo:
    """`pipeline` stands for all versions that a result depends on; `protections` as a reader measured them."""

    name: str
    slots: int
    languages: tuple[str, ...]
    engines: tuple[str, ...]
    pipeline: str
    protections: dict[str, Any] = field(default_factory=dict)


class Workers:
    """A worker counts while its last beat is fresh."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    def beat(self, info: WorkerInfo) -> None:
        with redis_errors():
            self._redis.hset(_KEY, info.name, json.dumps({"beat": self._now(), **asdict(info)}))

    def leave(self, info: WorkerInfo) -> None:
        with redis_errors():
            self._redis.hdel(_KEY, info.name)

    def alive(self) -> list[WorkerInfo]:
        with redis_errors():
            records = cast("dict[bytes, bytes]", self._redis.hgetall(_KEY))
            oldest = self._now() - _FRESH_SECONDS
        workers = []
        for name, text in records.items():
            record = json.loads(text)
            if record.pop("beat") < oldest:
                self._redis.hdel(_KEY, name)
            else:
                workers.append(_info(record))
        return workers

    def _now(self) -> int:
        """Redis' clock in seconds: the only one that all machines share."""
        return int(self._redis.time()[0])


def _info(record: dict[str, Any]) -> WorkerInfo:
    return WorkerInfo(**{**record, "languages": tuple(record["languages"]), "engines": tuple(record["engines"])})
