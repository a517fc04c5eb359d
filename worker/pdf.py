"""PDF files, rendered by pdfium; the only module that opens one."""

import contextlib
import math
from collections.abc import Iterator
from typing import BinaryIO

import cv2
import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium

from shared.errors import Code, OcrError
from shared.settings import Limits
from worker.damage import has_broken_picture, lacks_content
from worker.page import Gray, Page
from worker.stamps import Color, Stamp, choose_factor, erase_stamps, find_stamps, is_colored
from worker.text_layer import TextLayer, read_text_layer

POINTS_PER_INCH = 72
_DEFAULT_DPI = 300
_MIN_DPI = 36
_DEFAULT_MAX_PIXELS = 40_000_000
"""A page that nobody asked a resolution for is rendered coarser rather than larger than this."""

_WRITTEN = frozenset({pdfium.FPDF_ANNOT_WIDGET, pdfium.FPDF_ANNOT_FREETEXT, pdfium.FPDF_ANNOT_STAMP})


class PdfDocument:
    """A PDF file, opened lazily: a page is parsed when it is loaded.

    Raises:
        OcrError: `corrupt_file`, `encrypted_pdf`, `image_too_large` or `too_many_pages`.
    """

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        self._limits, self._file = limits, file
        try:
            self._pdf = pypdfium2.PdfDocument(file)
        except pypdfium2.PdfiumError as error:
            if error.err_code == pdfium.FPDF_ERR_PASSWORD:
                raise OcrError(Code.ENCRYPTED_PDF, "The PDF asks for a password.") from error
            raise OcrError(Code.CORRUPT_FILE, "The PDF cannot be opened.") from error
        self.page_count = len(self._pdf)
        try:
            self._pdf.init_forms()  # gives fields a look that have none
            self._check_page_count()
        except OcrError:
            self._pdf.close()
            raise

    def count_pixels(self, number: int, dpi: int | None) -> int:
        """How many pixels page `number` has as `load` renders it."""
        with self._page(number) as page:
            scale = self._resolution(page, dpi) / POINTS_PER_INCH
            width, height = (round(float(side) * scale) for side in page.get_size())
            return width * height

    def load(self, number: int, dpi: int | None) -> Page:
        """Page `number`, counted from 1, rendered in gray at `dpi`, or at 300 as far as the limits allow."""
        with self._page(number) as page:
            resolution = self._resolution(page, dpi)
            # Pictures are rendered in color in a third of the time that pdfium takes for gray.
            with contextlib.closing(page.render(scale=resolution / POINTS_PER_INCH)) as bitmap:
                colors = bitmap.to_numpy()
                image = cv2.cvtColor(colors, cv2.COLOR_BGR2GRAY)
                unstamped = _erase_stamps(colors, image)
        height, width = image.shape
        return Page(image, width, height, resolution, unstamped=unstamped)

    def read_text_layer(self, number: int, dpi: int | None) -> TextLayer:
        """The text that page `number` carries itself, at the resolution at which it would be rendered."""
        with self._page(number) as page:
            return read_text_layer(page, self._resolution(page, dpi))

    def check(self, number: int) -> None:
        """Makes sure that page `number`, on which nothing was read, has nothing to show.

        Raises:
            OcrError: `corrupt_file`.
        """
        with self._page(number) as page:
            is_damaged = has_broken_picture(page, self._limits.max_pixels)
        if is_damaged or lacks_content(self._file, number):
            raise OcrError(Code.CORRUPT_FILE, f"Page {number} of the PDF is damaged: what it shows cannot be read.")

    def close(self) -> None:
        self._pdf.close()

    @contextlib.contextmanager
    def _page(self, number: int) -> Iterator[pypdfium2.PdfPage]:
        try:
            with contextlib.closing(self._pdf[number - 1]) as page:
                if not _flatten(page):
                    yield page
                    return
            with contextlib.closing(self._pdf[number - 1]) as page:
                yield page
        except pypdfium2.PdfiumError as error:
            raise OcrError(Code.CORRUPT_FILE, f"Page {number} of the PDF is damaged.") from error

    def _check_page_count(self) -> None:
        if not self.page_count:
            raise OcrError(Code.CORRUPT_FILE, "The PDF has no pages.")
        if self.page_count > self._limits.max_pages:
            detail = f"The PDF has {self.page_count} pages; {self._limits.max_pages} are allowed."
            raise OcrError(Code.TOO_MANY_PAGES, detail, max_pages=self._limits.max_pages)

    def _resolution(self, page: pypdfium2.PdfPage, dpi: int | None) -> int:
        width, height = page.get_width() / POINTS_PER_INCH, page.get_height() / POINTS_PER_INCH
        square_inches, inches = width * height, max(width, height)
        if square_inches <= 0:
            raise OcrError(Code.CORRUPT_FILE, "A page of the PDF has no area.")
        max_pixels = self._limits.max_pixels if dpi else min(self._limits.max_pixels, _DEFAULT_MAX_PIXELS)
        most = min(math.sqrt(max_pixels / square_inches), self._limits.max_side_pixels / inches)
        wanted = dpi or min(_DEFAULT_DPI, math.floor(most))
        if wanted > most or wanted < _MIN_DPI:
            detail = f"A page of {inches:.0f} inches has too many pixels at {max(wanted, _MIN_DPI)} dpi."
            raise OcrError(Code.IMAGE_TOO_LARGE, detail, max_pixels=self._limits.max_pixels)
        return wanted


def _erase_stamps(colors: Color, gray: Gray) -> Gray | None:
    """The gray picture without its stamps, or nothing where it has none."""
    height, width = gray.shape
    factor = choose_factor(width, height)
    if min(height, width) < factor or not is_colored(np.ascontiguousarray(colors[::factor, ::factor])):
        return None
    rows, columns = height // factor, width // factor
    whole = colors[: rows * factor, : columns * factor]  # OpenCV takes several times as long for a part of a pixel
    small = cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    stamps = find_stamps(small, factor)

    def crop(stamp: Stamp) -> Color:
        left, top, right, bottom = stamp.box
        return colors[top:bottom, left:right]

    return erase_stamps(gray, ((stamp, crop(stamp)) for stamp in stamps))


def _flatten(page: pypdfium2.PdfPage) -> bool:
    """Makes what annotations write a part of the page, in memory; whether it has to be loaded again for that.

    Pdfium shows fields of forms only to who fills them in, and finds their text nowhere else.
    """
    if not any(pdfium.FPDFAnnot_GetSubtype(annotation) in _WRITTEN for annotation in _annotations(page)):
        return False
    box = pdfium.FS_RECTF()
    pdfium.FPDF_GetPageBoundingBox(page, box)
    for set_box in (page.set_mediabox, page.set_cropbox):  # else it takes a box of the page tree for Letter
        set_box(box.left, box.bottom, box.right, box.top)
    return bool(pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY) == pdfium.FLATTEN_SUCCESS)


def _annotations(page: pypdfium2.PdfPage) -> Iterator[pdfium.FPDF_ANNOTATION]:
    for index in range(pdfium.FPDFPage_GetAnnotCount(page)):
        annotation = pdfium.FPDFPage_GetAnnot(page, index)
        try:
            yield annotation
        finally:
            pdfium.FPDFPage_CloseAnnot(annotation)
