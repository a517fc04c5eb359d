"""What is done with one piece of work, whatever ends it: the one way from a claim to a result.

Every step may run twice: pages that are kept are not read again, and the first result stands.
"""

import logging
import secrets
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from shared.errors import Code, OcrError
from shared.jobs import MOST_ATTEMPTS, Claim, Jobs, finish_piece
from shared.queue import Queue
from shared.records import Job, encode
from shared.schemas import JsonDict, PageResult, Result, Status
from shared.settings import Settings
from shared.storage import Storage
from worker.drain import Drain
from worker.lease import LEASE_SECONDS, HandBackError, Lease, LeaseLostError
from worker.pieces import Piece, choose_queue, parse_piece, slice_pages
from worker.process import assemble
from worker.reader.reader import Reader, Watch, pdf_seconds
from worker.results import failed_page

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything a worker's slot works with."""

    settings: Settings
    jobs: Jobs
    queue: Queue
    storage: Storage
    reader: Reader
    drain: Drain


def work(desk: Desk, name: str) -> None:
    """Claim a piece and see it through; a piece that somebody else has, or that is done, is left alone."""
    piece = parse_piece(name)
    token = secrets.token_hex(8)
    try:
        claim = desk.jobs.claim(name, token, LEASE_SECONDS)
    except OcrError as error:
        log.warning("not claimed: %s", error.code)
        with suppress(OcrError):
            desk.jobs.release(name, token, forgiven=True)  # it may have been, and the answer lost
        return
    if claim.outcome == "exhausted":
        _give_up(desk, piece, claim)
    if claim.job is None:
        return
    try:
        task_seconds = desk.settings.limits.task_seconds - claim.running_seconds
        lease = Lease(desk.jobs, name, token, task_seconds=task_seconds, drain=desk.drain)
        _run(desk, piece, claim.job, lease)
    except LeaseLostError as error:
        log.info("stopped: %s", error)
    except HandBackError:
        desk.jobs.release(name, token, forgiven=True)
        desk.queue.send_soon(name, choose_queue(desk.jobs, piece))
        log.info("handed back")
    except OcrError as error:  # the one kind that `_run` lets through: Redis was out of reach
        desk.jobs.release(name, token, error=error.code, forgiven=True)
        log.warning("put off: %s", error.code)
    except Exception as error:
        desk.jobs.release(name, token, error=type(error).__name__)
        raise


def _run(desk: Desk, piece: Piece, job: Job, lease: Lease) -> None:
    try:
        upload = desk.storage.upload(job.task_id)
        if piece.kind == "slice":
            _read_slice(desk, job, upload, piece.numbers, lease)
        elif piece.kind == "finish":
            _finish(desk, job, upload, lease)
        elif desk.settings.has_own_processor:
            _process(desk, job, upload, lease)
        else:
            _read_document(desk, job, upload, lease)
    except OcrError as error:
        if error.code is Code.BROKER_UNAVAILABLE:
            raise
        _fail(desk, job.task_id, error)


def _process(desk: Desk, job: Job, upload: Path, lease: Lease) -> None:
    result = desk.reader.process(upload, Watch(desk.settings.limits.processor_seconds, lease.poll))
    desk.jobs.finish(job.task_id, Status.SUCCEEDED, result=_encode(desk, result))
    _erase_upload(desk, job.task_id)
    log.info("succeeded")


def _read_document(desk: Desk, job: Job, upload: Path, lease: Lease) -> None:
    """What takes a moment at once; else the first page, and the rest in slices that all workers share."""
    watch = Watch(desk.settings.limits.page_seconds, lease.poll)
    target = desk.storage.searchable_pdf(job.task_id) if desk.settings.searchable_pdf else None
    beginning, warnings = desk.reader.begin(upload, job.options, watch, target)
    numbers, pages = beginning["numbers"], beginning["pages"]
    if len(pages) == len(numbers):
        result = assemble(pages, job.options)
        result["warnings"] += warnings
        _complete(desk, job, result)
        return
    taken = {page["number"] for page in pages} or {numbers[0]}
    slices = slice_pages(job.task_id, [number for number in numbers if number not in taken], beginning["pixels"])
    if desk.jobs.plan(job.task_id, len(numbers), slices):
        queue = choose_queue(desk.jobs, parse_piece(slices[0]))
        for name in slices:
            desk.queue.send_soon(name, queue)
    if pages:
        _keep_pages(desk, job.task_id, pages)
    _read_slice(desk, job, upload, sorted(taken), lease)


def _read_slice(desk: Desk, job: Job, upload: Path, numbers: Sequence[int], lease: Lease) -> None:
    """Read the pages that are not kept yet; between two groups, whoever waits for a slot comes first."""
    watch = Watch(desk.settings.limits.page_seconds, lease.poll)
    kept = desk.jobs.page_numbers(job.task_id)
    left = [number for number in numbers if number not in kept]
    while left:
        try:
            with closing(desk.reader.read_pages(upload, tuple(left), job.options, watch)) as groups:
                for pages in groups:
                    del left[: len(pages)]
                    _keep_pages(desk, job.task_id, pages)
                    if left and desk.queue.is_waiting("interactive"):
                        raise HandBackError
        except OcrError as error:
            if error.code in {Code.TASK_TIMEOUT, Code.BROKER_UNAVAILABLE} or not left:
                raise
            _keep_pages(desk, job.task_id, [failed_page(left.pop(0), error)])
    lease.close()


def _keep_pages(desk: Desk, task_id: str, pages: list[PageResult]) -> None:
    most_bytes = desk.settings.limits.max_text_bytes
    done, total = desk.jobs.keep_pages(task_id, {page["number"]: cast("JsonDict", page) for page in pages}, most_bytes)
    if done < 0:
        raise LeaseLostError(task_id)
    if done == total:
        desk.queue.send_soon(finish_piece(task_id), "interactive")


def _finish(desk: Desk, job: Job, upload: Path, lease: Lease) -> None:
    result = assemble(cast("list[PageResult]", desk.jobs.pages(job.task_id)), job.options)
    if desk.settings.searchable_pdf:
        target = desk.storage.searchable_pdf(job.task_id)
        watch = Watch(pdf_seconds(len(result["pages"])), lease.poll)
        result["warnings"] += desk.reader.write_pdf(upload, result, target, watch)
    _complete(desk, job, result)


def _complete(desk: Desk, job: Job, result: Result) -> None:
    pages = result["pages"]
    partial = any(page["status"] == "failed" for page in pages)
    is_hurried = any("hurried" in page for page in pages)
    lacks_pdf = desk.settings.searchable_pdf and not desk.storage.searchable_pdf(job.task_id).exists()
    desk.jobs.finish(
        job.task_id,
        Status.SUCCEEDED,
        result=_encode(desk, cast("JsonDict", result)),
        partial=partial,
        reusable=not (lacks_pdf or is_hurried),
        pages_total=len(pages),
    )
    _erase_upload(desk, job.task_id)
    log.info("succeeded", extra={"pages": len(pages), "seconds": round(time.time() - job.created / 1000, 2)})


def _encode(desk: Desk, result: JsonDict) -> bytes:
    encoded = encode(result)
    if len(encoded) > desk.settings.limits.max_text_bytes:
        raise OcrError(Code.ENGINE_ERROR, f"The result is larger than {desk.settings.limits.max_text_bytes} bytes.")
    return encoded


def _fail(desk: Desk, task_id: str, error: OcrError) -> None:
    if desk.jobs.finish(task_id, Status.FAILED, error=error.problem()):
        desk.storage.erase_searchable_pdf(task_id)
    _erase_upload(desk, task_id)
    log.info("failed: %s", error.code)


def _give_up(desk: Desk, piece: Piece, claim: Claim) -> None:
    """A piece that nobody could see through: its pages fail, or with a whole document the task."""
    if claim.error:
        error = OcrError(Code.ATTEMPTS_EXHAUSTED, f"Tried {MOST_ATTEMPTS} times; the last failure: {claim.error}.")
    else:
        error = OcrError(Code.WORKER_LOST, f"Tried {MOST_ATTEMPTS} times; the worker died each time.")
    if piece.kind != "slice":
        _fail(desk, piece.task_id, error)
        return
    pages = {number: cast("JsonDict", failed_page(number, error)) for number in piece.numbers}
    done, total = desk.jobs.keep_pages(piece.task_id, pages)
    if done == total:
        desk.queue.send_soon(finish_piece(piece.task_id), "interactive")
    desk.jobs.close(piece.name, "")


def _erase_upload(desk: Desk, task_id: str) -> None:
    if not desk.settings.keep_upload:
        desk.storage.erase_upload(task_id)
