"""A running service that is handed from one test to the next, as long as each leaves it as it was."""

from contextlib import ExitStack
from typing import Any, Self

from tests.faults.campaign import Campaign
from tests.service import Service, is_ready, running_service


class House:
    """One service at a time; starting one takes longer than most faults."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._wishes: dict[str, Any] = {}
        self._last: Campaign | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._leave()

    def open_campaign(self, name: str, seed: int, wishes: dict[str, Any]) -> Campaign:
        """On the last campaign's service, if it was one of the same kind and all was well at its end."""
        service = self._find_sound(wishes)
        if service is None:
            self._leave()
            service = self._stack.enter_context(running_service(**wishes))
        self._last, self._wishes = Campaign(name, seed, service), wishes
        return self._last

    def _leave(self) -> None:
        """Stop the service; whoever is through with one finds that it was cleaned up after all of its tasks."""
        try:
            if self._last and self._find_sound(self._wishes):
                self._last.await_tidy()
        finally:
            self._last = None
            self._stack.close()

    def _find_sound(self, wishes: dict[str, Any]) -> Service | None:
        last = self._last
        if last is None or not last.is_settled or wishes != self._wishes:
            return None
        return last.service if is_ready(last.service, wishes.get("workers", 1)) else None
