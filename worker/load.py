"""An upload as a document of pages, its kind told by its content."""

from pathlib import Path
from typing import BinaryIO, Protocol

from shared.errors import Code, OcrError
from shared.settings import Limits
from worker.images import ImageDocument
from worker.page import Page
from worker.pdf import PdfDocument
from worker.text_layer import TextLayer

Source = str | Path | int
"""A path, or the number of an open descriptor, which is left open."""

_PDF_MARK = b"%PDF-"
_PDF_MARK_WITHIN_BYTES = 1024


class Document(Protocol):
    """An open upload; a page is decoded when it is loaded and not before."""

    @property
    def page_count(self) -> int: ...

    def count_pixels(self, number: int, dpi: int | None) -> int: ...

    def load(self, number: int, dpi: int | None) -> Page: ...

    def read_text_layer(self, number: int, dpi: int | None) -> TextLayer | None: ...

    def check(self, number: int) -> None: ...

    def close(self) -> None: ...


def open_document(file: BinaryIO, limits: Limits) -> Document:
    """The document in `file`, which must stay open as long as the document is.

    Raises:
        OcrError: `empty_file`, `unsupported_media_type`, `corrupt_file`, `encrypted_pdf`, `image_too_large` or
            `too_many_pages`.
    """
    file.seek(0)
    head = file.read(_PDF_MARK_WITHIN_BYTES)
    file.seek(0)
    if not head:
        raise OcrError(Code.EMPTY_FILE, "The file is empty.")
    if _PDF_MARK in head:
        return PdfDocument(file, limits)
    return ImageDocument(file, limits)


def open_source(source: Source) -> BinaryIO:
    """The bytes of an upload."""
    try:
        if isinstance(source, int):
            return open(source, "rb", closefd=False)
        return Path(source).open("rb")
    except OSError as error:
        raise OcrError(Code.CORRUPT_FILE, "The upload cannot be read.") from error
