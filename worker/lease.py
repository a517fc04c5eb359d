"""Holding a piece of work: the lease is renewed while the reader is busy, and its loss ends the reader."""

import logging
import time

from shared.errors import Code, OcrError
from shared.jobs import Jobs

LEASE_SECONDS = 10.0
_RENEW_SECONDS = 0.5

log = logging.getLogger(__name__)


class LeaseLostError(Exception):
    """Another worker has the piece now, or the task is over: whatever is being done is of no use."""


class Lease:
    """Called often by whoever waits for the reader; asks Redis twice a second.

    A Redis that does not answer is no reason to stop: nobody else can claim the piece meanwhile.
    """

    def __init__(self, jobs: Jobs, piece: str, token: str, task_deadline: float) -> None:
        """`task_deadline`: on the clock of `time.time`."""
        self._jobs = jobs
        self._piece = piece
        self._token = token
        self._task_deadline = task_deadline
        self._renewed = time.monotonic()

    def poll(self) -> None:
        """Raises `LeaseLostError`, or `OcrError(TASK_TIMEOUT)` once the whole task has taken too long."""
        if time.time() > self._task_deadline:
            raise OcrError(Code.TASK_TIMEOUT, "The task took longer than it may.")
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
