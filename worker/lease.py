"""Holding a piece of work: the lease is renewed while the reader is busy, and its loss ends the reader."""

import logging
import time

from shared.errors import Code, OcrError
from shared.jobs import Jobs
from worker.drain import Drain

LEASE_SECONDS = 10.0
_RENEW_SECONDS = 0.5

log = logging.getLogger(__name__)


class LeaseLostError(Exception):
    """Another worker has the piece now, or the task is over: whatever is being done is of no use."""


class HandBackError(Exception):
    """Another slot shall do the piece: this worker ends, or has something more urgent to do."""


class Lease:
    """Called often by whoever waits for the reader; asks Redis twice a second.

    A Redis that does not answer is no reason to stop: nobody else can claim the piece meanwhile.
    """

    def __init__(self, jobs: Jobs, piece: str, token: str, *, task_seconds: float, drain: Drain) -> None:
        """`task_seconds`: what the task has left."""
        self._jobs = jobs
        self._piece = piece
        self._token = token
        self._task_deadline = time.monotonic() + task_seconds
        self._drain = drain
        self._renewed = time.monotonic()

    def poll(self) -> None:
        """Raises `LeaseLostError`, `HandBackError`, or `OcrError(TASK_TIMEOUT)` once the whole task took too long."""
        if time.monotonic() > self._task_deadline:
            raise OcrError(Code.TASK_TIMEOUT, "The task took longer than it may.")
        if self._drain.is_over:
            raise HandBackError
        if time.monotonic() - self._renewed < _RENEW_SECONDS:
            return
        self._renewed = time.monotonic()
        try:
            answer = self._jobs.renew(self._piece, self._token, LEASE_SECONDS)
        except OcrError as error:
            log.warning("lease not renewed: %s", error.code)
            return
        if answer != "kept":
            raise LeaseLostError(answer)

    def close(self) -> None:
        """The piece is done; to be called when all its pages are kept."""
        self._jobs.close(self._piece, self._token)
