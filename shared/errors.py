"""Every way a request or a task can fail.

One exception, `OcrError`, carries a stable `Code`; `KINDS` says what each code means over HTTP. Modules that
wrap a foreign library turn its exceptions into an `OcrError` there and let nothing else out.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Code(StrEnum):
    """Stable, machine-readable names of failures; clients branch on these and never on a text."""

    MALFORMED_REQUEST = "malformed_request"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    TASK_NOT_FOUND = "task_not_found"
    PAGE_NOT_FOUND = "page_not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    NOT_ACCEPTABLE = "not_acceptable"
    REQUEST_TIMEOUT = "request_timeout"
    TASK_NOT_FINISHED = "task_not_finished"
    TASK_ALREADY_FINISHED = "task_already_finished"
    TASK_EXPIRED = "task_expired"
    TASK_DELETED = "task_deleted"
    FILE_TOO_LARGE = "file_too_large"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    INVALID_OPTION = "invalid_option"
    LANGUAGE_NOT_INSTALLED = "language_not_installed"
    EMPTY_FILE = "empty_file"
    CORRUPT_FILE = "corrupt_file"
    ENCRYPTED_PDF = "encrypted_pdf"
    TOO_MANY_PAGES = "too_many_pages"
    IMAGE_TOO_LARGE = "image_too_large"
    IDEMPOTENCY_MISMATCH = "idempotency_mismatch"
    RATE_LIMITED = "rate_limited"
    QUEUE_FULL = "queue_full"
    INTERNAL_ERROR = "internal_error"
    BROKER_UNAVAILABLE = "broker_unavailable"
    STORAGE_FULL = "storage_full"
    PAGE_TIMEOUT = "page_timeout"
    TASK_TIMEOUT = "task_timeout"
    WORKER_LOST = "worker_lost"
    ATTEMPTS_EXHAUSTED = "attempts_exhausted"
    ENGINE_ERROR = "engine_error"
    PROCESSOR_ERROR = "processor_error"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Kind:
    """What a code means to an HTTP client. `retryable`: the same request may succeed later, unchanged."""

    status: int
    title: str
    retryable: bool = False


KINDS = {
    Code.MALFORMED_REQUEST: Kind(400, "The request cannot be understood"),
    Code.UNAUTHENTICATED: Kind(401, "An API key is needed"),
    Code.FORBIDDEN: Kind(403, "This is not allowed"),
    Code.NOT_FOUND: Kind(404, "There is nothing at this address"),
    Code.TASK_NOT_FOUND: Kind(404, "There is no such task"),
    Code.PAGE_NOT_FOUND: Kind(404, "The task has no such page"),
    Code.METHOD_NOT_ALLOWED: Kind(405, "This method is not allowed here"),
    Code.NOT_ACCEPTABLE: Kind(406, "The requested format is not available"),
    Code.REQUEST_TIMEOUT: Kind(408, "The upload took too long", retryable=True),
    Code.TASK_NOT_FINISHED: Kind(409, "The task has not finished", retryable=True),
    Code.TASK_ALREADY_FINISHED: Kind(409, "The task has already finished"),
    Code.TASK_EXPIRED: Kind(410, "The task's result has expired"),
    Code.TASK_DELETED: Kind(410, "The task was deleted"),
    Code.FILE_TOO_LARGE: Kind(413, "The file is too large"),
    Code.UNSUPPORTED_MEDIA_TYPE: Kind(415, "This kind of file is not supported"),
    Code.INVALID_OPTION: Kind(422, "An option is not valid"),
    Code.LANGUAGE_NOT_INSTALLED: Kind(422, "A requested language is not installed"),
    Code.EMPTY_FILE: Kind(422, "The file is empty"),
    Code.CORRUPT_FILE: Kind(422, "The file is damaged"),
    Code.ENCRYPTED_PDF: Kind(422, "The PDF is protected by a password"),
    Code.TOO_MANY_PAGES: Kind(422, "The document has too many pages"),
    Code.IMAGE_TOO_LARGE: Kind(422, "The picture has too many pixels"),
    Code.IDEMPOTENCY_MISMATCH: Kind(422, "This Idempotency-Key was used for another request"),
    Code.RATE_LIMITED: Kind(429, "Too many requests", retryable=True),
    Code.QUEUE_FULL: Kind(429, "The queue is full", retryable=True),
    Code.INTERNAL_ERROR: Kind(500, "Something went wrong in the service", retryable=True),
    Code.BROKER_UNAVAILABLE: Kind(503, "The task store cannot be reached", retryable=True),
    Code.STORAGE_FULL: Kind(503, "There is no room to store the upload", retryable=True),
    Code.PAGE_TIMEOUT: Kind(500, "A page took too long"),
    Code.TASK_TIMEOUT: Kind(500, "The task took too long"),
    Code.WORKER_LOST: Kind(500, "The worker died while it ran the task", retryable=True),
    Code.ATTEMPTS_EXHAUSTED: Kind(500, "The task was tried too often"),
    Code.ENGINE_ERROR: Kind(500, "The recognition engine failed"),
    Code.PROCESSOR_ERROR: Kind(500, "The configured process_image failed"),
    Code.CANCELLED: Kind(409, "The task was cancelled"),
}


class OcrError(Exception):
    """A failure with a stable code, a detail fit for the client, and extra members of its problem document.

    `detail` never holds a path, a stack trace or recognized text.
    """

    def __init__(self, code: Code, detail: str, **extra: Any) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.extra = extra

    @property
    def kind(self) -> Kind:
        return KINDS[self.code]

    def problem(self) -> dict[str, Any]:
        """The RFC 9457 problem document, without `instance` and `request_id`, which belong to one request."""
        return {
            "type": f"urn:ocr:problem:{self.code}",
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
            "code": self.code.value,
            "retryable": self.kind.retryable,
            **self.extra,
        }
