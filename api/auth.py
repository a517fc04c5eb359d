"""Who asks: the API key of a request, where keys are in use."""

import base64
import binascii
import ipaddress
import math
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from starlette.datastructures import Headers

from shared.errors import Code, OcrError
from shared.keys import Key, Keys, find_key
from shared.settings import Anonymous

ANYBODY = "anybody"
"""The owner of the tasks that were sent without a key."""

_PORT = re.compile(r":\d*$")
_KEPT_SECONDS = 2.0
_LONGEST_WAIT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Caller:
    """`key` is None for an anonymous one."""

    owner: str
    key: Key | None = None


@dataclass(slots=True)
class Gate:
    """Lets in whoever may come in; a revoked key is out within two seconds.

    `is_loopback` says whether this machine alone can reach the service. `hosts` are its names, `localhost` aside, in
    lower case: without a key no other one will do, or any site could have its own name resolve to this machine, and let
    its page come in.
    """

    keys: Keys
    anonymous: Anonymous
    is_loopback: bool
    hosts: frozenset[str] = frozenset()
    _known: list[Key] = field(default_factory=list)
    _is_keyed: bool = False
    """Stays, whatever is told later: Redis may lose what it knew of keys."""
    _asked: float = float("-inf")
    _uploads: dict[str, list[float]] = field(default_factory=dict)
    """When those under way began, by the id of their key."""

    def admit(self, headers: Headers) -> Caller:
        """Who sends a request with these headers.

        Raises:
            OcrError: UNAUTHENTICATED without a key, FORBIDDEN with one that is not valid or under a foreign name,
                BROKER_UNAVAILABLE.
        """
        secret = _read_secret(headers)
        if secret is None:
            if not self._admits_anonymous():
                raise OcrError(Code.UNAUTHENTICATED, "Send an API key as a Bearer token or in X-API-Key.")
            if not self._has_name(headers.get("host", "localhost")):
                detail = "Without an API key, the service answers to its own names alone; OCR_HOSTS adds to them."
                raise OcrError(Code.FORBIDDEN, detail)
            return Caller(ANYBODY)
        self._ask()
        key = find_key(self._known, secret)
        if key is None:
            raise OcrError(Code.FORBIDDEN, "This API key is not valid.")
        return Caller(key.key_id, key)

    @property
    def is_informed(self) -> bool:
        """Whether `admit` answers without asking Redis."""
        return time.monotonic() - self._asked <= _KEPT_SECONDS

    def count_request(self, caller: Caller) -> None:
        """Raises `OcrError(RATE_LIMITED)` where the caller's key has been used too often within this minute."""
        wait_seconds = self.keys.count_request(caller.key) if caller.key else 0
        if wait_seconds:
            detail = "This API key has made all the requests it may make in a minute."
            raise OcrError(Code.RATE_LIMITED, detail, retry_after_seconds=wait_seconds)

    @contextmanager
    def uploading(self, caller: Caller, most: int) -> Iterator[None]:
        """Count an upload of the caller's key while it comes in; to be entered in the event loop.

        Raises:
            OcrError: RATE_LIMITED where the key has `most` under way already.
        """
        if caller.key is None:
            yield
            return
        under_way = self._uploads.setdefault(caller.owner, [])
        began = time.monotonic()
        if len(under_way) >= most:
            # What the oldest one has taken so far is the best guess at what it will still take.
            wait_seconds = min(math.ceil(began - under_way[0]), _LONGEST_WAIT_SECONDS)
            detail = f"This API key sends {len(under_way)} uploads already; no more are taken until one is in."
            raise OcrError(Code.RATE_LIMITED, detail, retry_after_seconds=max(1, wait_seconds))
        under_way.append(began)
        try:
            yield
        finally:
            under_way.remove(began)

    def _admits_anonymous(self) -> bool:
        if self.anonymous in {"always", "never"}:
            return self.anonymous == "always"
        if not self.is_loopback and self.anonymous != "until_key":
            return False
        self._ask()
        return not self._is_keyed

    def _has_name(self, host: str) -> bool:
        """Whether a request's `Host` is a name of this service, or an address, which leads where it says."""
        name = _PORT.sub("", host.lower())
        return name in {"localhost", *self.hosts} or _parse_address(name.strip("[]")) is not None

    def _ask(self) -> None:
        """What is told is kept for a moment: every request asks."""
        if not self.is_informed:
            asked = time.monotonic()
            self._known = self.keys.all()
            self._is_keyed = self._is_keyed or bool(self._known) or self.keys.have_existed()
            self._asked = asked


def is_loopback(host: str | None) -> bool:
    """Whether only this machine can reach a server bound to `host`; None is unknown."""
    address = _parse_address(host or "")
    return host == "localhost" or (address is not None and address.is_loopback)


def _parse_address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    with suppress(ValueError):
        return ipaddress.ip_address(text)
    return None


def _read_secret(headers: Headers) -> str | None:
    """A Bearer token, the header X-API-Key, or the password of HTTP Basic, which is what a browser can ask for."""
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return headers.get("x-api-key")
