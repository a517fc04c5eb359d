"""What a PDF page should show and does not: pdfium leaves out what it cannot decode, and says nothing."""

from typing import BinaryIO

import pypdfium2
import pypdfium2.raw as pdfium
from pikepdf import Dictionary, Name, Object, Page, Pdf, PdfError, Stream, parse_content_stream

DAMAGES = (PdfError, TypeError, ValueError, KeyError, IndexError, AttributeError, RuntimeError)
"""What pikepdf raises where an object is not what it should be."""
_JPEG_SCAN, _JPEG_END = b"\xff\xda", b"\xff\xd9"


def has_broken_picture(page: pypdfium2.PdfPage, most_pixels: int) -> bool:
    """Whether a picture of the page has no pixels; ones with more than `most_pixels` are not looked at."""
    return any(_is_broken(picture, most_pixels) for picture in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE]))


def _is_broken(picture: pypdfium2.PdfImage, most_pixels: int) -> bool:
    width, height = picture.get_px_size()
    if width * height > most_pixels:
        return False
    data = bytes(picture.get_data(decode_simple=True))
    if picture.get_filters(skip_simple=True) == ["DCTDecode"] and data.rfind(_JPEG_END) < data.rfind(_JPEG_SCAN):
        return True  # the last scan has no end: the rest of it is gray
    try:
        picture.get_bitmap()
    except pypdfium2.PdfiumError:
        return True
    return not data


def lacks_content(file: BinaryIO, number: int) -> bool:
    """Whether what page `number` draws, or says it has to draw, is not in the file, or cannot be read."""
    try:
        pdf = Pdf.open(file)
    except PdfError:
        return False
    with pdf:
        try:
            page = pdf.pages[number - 1]
            if "/Contents" not in page:
                return _has_pictures_of_its_own(page)
            pdf.get_warnings()  # what is wrong with the file elsewhere
            names = [Name(str(instruction.operands[0])) for instruction in parse_content_stream(page, "Do")]
            pictures = page.resources.get("/XObject", Dictionary())
            return bool(pdf.get_warnings()) or not all(isinstance(pictures.get(name), Stream) for name in names)
        except DAMAGES:
            return True


def _has_pictures_of_its_own(page: Page) -> bool:
    own: Object = page.obj.get("/Resources", Dictionary())
    return any(item.get("/Subtype") == Name.Image for item in own.get("/XObject", Dictionary()).values())
