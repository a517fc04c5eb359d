"""API keys: 32 random bytes each, of which only a SHA-256 is stored; a key's id names the owner of its tasks."""

import hashlib
import hmac
import json
import secrets
import time
from dataclasses import asdict, dataclass
from typing import cast

import redis

from shared.jobs import PREFIX, redis_errors

_KEYS = f"{PREFIX}keys"
_KEYED = f"{PREFIX}keyed"
"""Stays when the last key goes: a service that asked for keys must not open by itself."""

_MARK = "ocr_"
_WINDOW_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Key:
    """`digest` is the SHA-256 of the secret in hex; None stands for no cap of its own."""

    key_id: str
    name: str
    digest: str
    created: int
    requests_per_minute: int | None = None
    max_open: int | None = None


class Keys:
    """What is stored of the keys, in Redis."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    def create(self, name: str, requests_per_minute: int | None = None, max_open: int | None = None) -> tuple[Key, str]:
        """A new key and its secret, which is told this once and stored nowhere."""
        secret = _MARK + secrets.token_urlsafe(32)
        key = Key(
            key_id=secrets.token_hex(4),
            name=name,
            digest=_digest(secret),
            created=int(time.time()),
            requests_per_minute=requests_per_minute,
            max_open=max_open,
        )
        with redis_errors():
            pipeline = self._redis.pipeline()
            pipeline.hset(_KEYS, key.key_id, json.dumps(asdict(key)))
            pipeline.set(_KEYED, 1)
            pipeline.execute()
        return key, secret

    def have_existed(self) -> bool:
        """Whether there is a key or was one."""
        with redis_errors():
            return bool(self._redis.exists(_KEYS, _KEYED))

    def all(self) -> list[Key]:
        with redis_errors():
            records = cast("dict[bytes, bytes]", self._redis.hgetall(_KEYS))
        return sorted((Key(**json.loads(record)) for record in records.values()), key=lambda key: key.created)

    def revoke(self, key_id: str) -> bool:
        with redis_errors():
            # Keys of older versions left no mark. One that is there is not set again: a full Redis refuses to set, but
            # lets a key go.
            if self._redis.exists(_KEYS) and not self._redis.exists(_KEYED):
                self._redis.set(_KEYED, 1)
            return bool(self._redis.hdel(_KEYS, key_id))

    def count_request(self, key: Key) -> int:
        """Seconds until the key may ask again; 0 while it is within its rate."""
        if key.requests_per_minute is None:
            return 0
        with redis_errors():
            seconds = int(self._redis.time()[0])
            counter = f"{PREFIX}rate:{key.key_id}:{seconds // _WINDOW_SECONDS}"
            pipeline = self._redis.pipeline()
            pipeline.incr(counter)
            pipeline.expire(counter, _WINDOW_SECONDS)
            count = int(pipeline.execute()[0])
        return _WINDOW_SECONDS - seconds % _WINDOW_SECONDS if count > key.requests_per_minute else 0


def find_key(keys: list[Key], secret: str) -> Key | None:
    """The key with this secret; every key is compared, in constant time."""
    digest = _digest(secret)
    found = None
    for key in keys:
        if hmac.compare_digest(key.digest, digest):
            found = key
    return found


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
