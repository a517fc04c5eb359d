"""The searchable PDF of one upload and its result."""

import shutil
from functools import cache
from pathlib import Path
from typing import BinaryIO

from pikepdf import (
    Array,
    Dictionary,
    Name,
    ObjectStreamMode,
    Page,
    PasswordError,
    Pdf,
    Stream,
    StreamDecodeLevel,
    String,
)
from PIL import ImageCms

from shared.errors import Code, OcrError
from shared.render.geometry import quarter_turns, reading_angle
from shared.schemas import PageResult
from worker.damage import DAMAGES
from worker.load import Source, open_source
from worker.searchable_pdf.font import GlyphlessFont
from worker.searchable_pdf.frame import Matrix, fit_scale, place_frame, place_picture, turn_page, turn_size
from worker.searchable_pdf.layers import silence_text
from worker.searchable_pdf.pictures import Picture, PictureFile, embed
from worker.searchable_pdf.words import draw_words

_FONT_NAME = "/OcrGlyphless"
_IMAGE_NAME = "/OcrPicture"
_PDF_MARK = b"%PDF-"
_PDF_MARK_WITHIN_BYTES = 1024
_A4_PIXELS = (1240, 1754, 150)
"""Width, height and resolution of the blank page for one that could not even be opened."""

_ARCHIVAL_METADATA = b"""\
<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
  <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
    <rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
      <pdfaid:part>2</pdfaid:part>
      <pdfaid:conformance>B</pdfaid:conformance>
    </rdf:Description>
  </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>
"""
"""An XMP packet as it is: pikepdf's own way to make it takes half of the time of a small PDF."""


def write_searchable_pdf(upload: Source, pages: list[PageResult], target: Path) -> None:
    """Writes the pages of the upload that are in `pages`, in that order, with their text invisible in its place.

    Pictures keep their pixels: JPEG and plain PNG their very bytes, others lossless compression. Their page is seen
    as EXIF says and turned so that its text is upright, by /Rotate alone; the file is made as PDF/A-2b unless a
    picture's color has no meaning of its own (CMYK without a profile). A PDF keeps its pages; those on which something
    was recognized get the text in place of any other, which is seen as before and no longer found, all others stay as
    they are; where that is all of them, a sound upload is the searchable PDF itself. A failed page keeps its picture
    and has no text; one that cannot be decoded is blank.

    Raises:
        OcrError: `corrupt_file`, `encrypted_pdf` or `unsupported_media_type`.
    """
    with open_source(upload) as file:
        head = file.read(_PDF_MARK_WITHIN_BYTES)
        file.seek(0)
        try:
            if _PDF_MARK in head:
                _overlay(file, pages, target)
            else:
                _compose(file, pages, target)
        except PasswordError as error:
            raise OcrError(Code.ENCRYPTED_PDF, "The PDF asks for a password.") from error
        except DAMAGES as error:
            raise OcrError(Code.CORRUPT_FILE, "The PDF is damaged and cannot be rewritten.") from error


def _overlay(file: BinaryIO, pages: list[PageResult], target: Path) -> None:
    kept = {page["number"] for page in pages}
    recognized = [page for page in pages if page["blocks"] and page["text_source"] == "ocr"]
    with Pdf.open(file) as pdf:
        is_sound = not pdf.is_encrypted and not pdf.get_warnings()
        if is_sound and not recognized and len(kept) == len(pdf.pages):
            file.seek(0)
            with target.open("wb") as copy:
                shutil.copyfileobj(file, copy)
            return
        font = GlyphlessFont(pdf)
        for page in recognized:
            sheet = pdf.pages[page["number"] - 1]
            silence_text(pdf, sheet)
            _add_text(sheet, page, place_frame(sheet, page["width"], page["height"]), font)
        font.finish()
        for index in reversed(range(len(pdf.pages))):
            if index + 1 not in kept:
                del pdf.pages[index]
        _save(pdf, target, fix_metadata_version=True)


def _compose(file: BinaryIO, pages: list[PageResult], target: Path) -> None:
    with Pdf.new() as pdf:
        font = GlyphlessFont(pdf)
        pictures = PictureFile(file)
        try:
            archival = [_add_picture_page(pdf, pictures, page, font) for page in pages]
        finally:
            pictures.close()
        font.finish()
        if all(archival):
            _declare_archival(pdf)
        _save(pdf, target, fix_metadata_version=False)  # our own name no version, and parsing them takes a while


def _save(pdf: Pdf, target: Path, *, fix_metadata_version: bool) -> None:
    with target.open("wb") as file:  # given a path, pikepdf makes a second file to put in its place
        pdf.save(
            file,
            object_stream_mode=ObjectStreamMode.generate,
            stream_decode_level=StreamDecodeLevel.none,
            fix_metadata_version=fix_metadata_version,
        )


def _add_picture_page(pdf: Pdf, pictures: PictureFile, page: PageResult, font: GlyphlessFont) -> bool:
    """Whether the page is fit for PDF/A."""
    try:
        picture = pictures.load(page["number"])
    except OcrError:
        if page["status"] == "succeeded":
            raise
        width, height, dpi = (page["width"], page["height"], page["dpi"]) if page["width"] else _A4_PIXELS
        scale = fit_scale(width, height, dpi)
        pdf.add_blank_page(page_size=(width * scale, height * scale))
        return True
    _draw_picture(pdf, picture, page, font)
    return picture.is_archival


def _draw_picture(pdf: Pdf, picture: Picture, page: PageResult, font: GlyphlessFont) -> None:
    width, height = turn_size(picture.width, picture.height, picture.orientation)
    across, down = turn_size(1.0, picture.pixel_ratio, picture.orientation)
    scale = fit_scale(width * across, height * down, page["dpi"])
    frame: Matrix = (scale * across, 0, 0, scale * down, 0, 0)
    target = pdf.add_blank_page(page_size=(width * frame[0], height * frame[3]))
    target.add_resource(embed(pdf, picture), Name.XObject, Name(_IMAGE_NAME))
    placement = place_picture(picture.width, picture.height, picture.orientation)
    target.contents_add(f"q {_cm(frame)} {_cm(placement)} {_IMAGE_NAME} Do Q".encode())
    if page["status"] == "succeeded":
        _add_text(target, turn_page(page, picture.orientation), frame, font)


def _add_text(target: Page, page: PageResult, frame: Matrix, font: GlyphlessFont) -> None:
    """Puts the text before what the page draws, which may leave any state behind, and turns the page upright."""
    angle = reading_angle(page)
    target.add_resource(font.object, Name.Font, Name(_FONT_NAME))
    target.contents_add(f"q {_cm(frame)}\n{draw_words(page, angle, font, _FONT_NAME)}\nQ\n".encode(), prepend=True)
    if turns := quarter_turns(angle):
        target.rotate(-90 * turns, relative=True)


def _cm(matrix: Matrix) -> str:
    return " ".join(f"{number:.6f}".rstrip("0").rstrip(".") for number in matrix) + " cm"


def _declare_archival(pdf: Pdf) -> None:
    """Marks the file as PDF/A-2b (ISO 19005-2): device colors are sRGB's, and the metadata say so."""
    pdf.Root.Metadata = Stream(pdf, _ARCHIVAL_METADATA, Type=Name.Metadata, Subtype=Name.XML)
    intent = Dictionary(
        Type=Name.OutputIntent,
        S=Name.GTS_PDFA1,
        OutputConditionIdentifier=String("sRGB"),
        Info=String("sRGB IEC61966-2.1"),
        DestOutputProfile=Stream(pdf, _srgb_profile(), N=3),
    )
    pdf.Root.OutputIntents = Array([pdf.make_indirect(intent)])


@cache
def _srgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
