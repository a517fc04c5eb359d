"""PDF pages that show what is elsewhere, in the fields of a form, or do not show what they should."""

import io
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from PIL import Image, ImageDraw, ImageFont

from shared.schemas import Options, PageResult
from worker.process import process_image

_SIZE = (300, 200)
Change = Callable[[pikepdf.Pdf, pikepdf.Page], None]


def make_form(change: Change) -> bytes:
    """A page with a label, and a field with its value below that."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=_SIZE)
    font = pdf.make_indirect(
        pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    )
    fonts = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font))
    page.Resources = fonts
    page.Contents = pdf.make_stream(b"BT /F 12 Tf 30 150 Td (Name of the applicant) Tj ET")
    look = pdf.make_stream(b"/Tx BMC q BT /F 12 Tf 2 5 Td (Margaret Thornton) Tj ET Q EMC")
    look.stream_dict = pikepdf.Dictionary(Subtype=pikepdf.Name.Form, BBox=[0, 0, 200, 18], Resources=fonts)
    field = pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Widget,
            FT=pikepdf.Name.Tx,
            T="name",
            V="Margaret Thornton",
            Rect=[28, 100, 228, 118],
            AP=pikepdf.Dictionary(N=look),
            F=4,
            DA="/F 12 Tf 0 g",
        )
    )
    page.Annots = pikepdf.Array([field])
    pdf.Root.AcroForm = pikepdf.Dictionary(Fields=[field], DR=fonts, DA="/F 12 Tf 0 g")
    change(pdf, page)
    return save(pdf)


def save(pdf: pikepdf.Pdf) -> bytes:
    file = io.BytesIO()
    pdf.save(file)
    return file.getvalue()


def leave(_pdf: pikepdf.Pdf, _page: pikepdf.Page) -> None:
    pass


def take_look(_pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    del page.Annots[0].AP


def inherit_box(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    pdf.Root.Pages.MediaBox = page.MediaBox
    del page.obj["/MediaBox"]


@pytest.mark.parametrize("text_layer", ["auto", "force"])
@pytest.mark.parametrize("change", [leave, take_look, inherit_box])
def test_values_of_a_form_are_read(tmp_path: Path, text_layer: str, change: Change) -> None:
    # Given
    (tmp_path / "upload").write_bytes(make_form(change))
    # When
    (page,) = process_image(tmp_path / "upload", Options(text_layer=text_layer))["pages"]
    # Then
    lines = [line for block in page["blocks"] for line in block["lines"]]
    assert [line["text"] for line in lines] == ["Name of the applicant", "Margaret Thornton"]
    assert (page["width"], page["height"]) == (1250, 834)
    assert lines[1]["bbox"] == pytest.approx([125, 350, 520, 400], abs=20)


def test_values_below_each_other_are_lines_of_their_own(tmp_path: Path) -> None:
    # Given
    def repeat(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
        second = pikepdf.Dictionary(page.Annots[0])
        second.Rect = [28, 60, 228, 78]
        field = pdf.make_indirect(second)
        page.Annots.append(field)
        pdf.Root.AcroForm.Fields.append(field)

    (tmp_path / "upload").write_bytes(make_form(repeat))
    # When
    (page,) = process_image(tmp_path / "upload")["pages"]
    # Then
    assert page["text"].splitlines() == ["Name of the applicant", "Margaret Thornton", "Margaret Thornton"]


def paste_print(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    """A picture of two lines at the foot of the page."""
    picture = Image.new("L", (600, 160), 255)
    text = "This is shown in a picture\nthat has two lines of print"
    ImageDraw.Draw(picture).text((20, 20), text, 0, ImageFont.load_default(40))
    page.add_resource(
        pikepdf.Stream(
            pdf,
            picture.tobytes(),
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Image,
            Width=600,
            Height=160,
            ColorSpace=pikepdf.Name.DeviceGray,
            BitsPerComponent=8,
        ),
        pikepdf.Name.XObject,
        pikepdf.Name.Picture,
    )
    page.contents_add(b"q 225 0 0 60 30 20 cm /Picture Do Q")


@pytest.mark.parametrize(("text_layer", "is_told"), [("auto", True), ("only", True), ("force", False)])
def test_print_in_a_picture_beside_text_is_told(tmp_path: Path, text_layer: str, *, is_told: bool) -> None:
    # Given
    (tmp_path / "upload").write_bytes(make_form(paste_print))
    # When
    result = process_image(tmp_path / "upload", Options(text_layer=text_layer))
    # Then
    assert ("shown in a picture" in result["text"]) is not is_told
    assert [warning.startswith("Page 1 has pictures with print") for warning in result["warnings"]] == [True] * is_told


def make_scan(change: Change) -> bytes:
    """Three scanned pages, the second of them changed."""
    pictures = []
    for number in range(1, 4):
        picture = Image.new("L", (900, 240), 255)
        ImageDraw.Draw(picture).text((60, 90), f"This is page {number}", 0, ImageFont.load_default(48))
        pictures.append(picture)
    file = io.BytesIO()
    pictures[0].save(file, "PDF", resolution=150, save_all=True, append_images=pictures[1:])
    pdf = pikepdf.open(file)
    change(pdf, pdf.pages[1])
    return save(pdf)


def spoil_picture(keep: int) -> Change:
    """Leaves so many bytes of the page's JPEG, and puts zeros in the place of the others where it leaves none."""

    def spoil(_pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
        (picture,) = page.Resources.XObject.values()
        picture.write(picture.read_raw_bytes()[:keep] or bytes(5_000), filter=pikepdf.Name.DCTDecode)

    return spoil


def lose_picture(_pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    del page.Resources.XObject


def lose_contents(_pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    del page.obj["/Contents"]


def spoil_contents(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    page.Contents = pdf.make_stream(b"no contents <<< stream ((( q")


def blank(_pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    del page.obj["/Contents"], page.obj["/Resources"]


def blank_picture(_pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    file = io.BytesIO()
    Image.new("L", (900, 240), 255).save(file, "JPEG")
    (picture,) = page.Resources.XObject.values()
    picture.write(file.getvalue(), filter=pikepdf.Name.DCTDecode)


def read_pages(folder: Path, upload: bytes) -> list[PageResult]:
    (folder / "upload").write_bytes(upload)
    return process_image(folder / "upload")["pages"]


@pytest.mark.parametrize(
    "change",
    [spoil_picture(0), spoil_picture(640), lose_picture, lose_contents, spoil_contents],
    ids=["zeros", "cut behind its head", "no picture", "no contents", "rubbish"],
)
def test_a_page_that_shows_nothing_for_it_is_damaged_fails_alone(tmp_path: Path, change: Change) -> None:
    # When
    pages = read_pages(tmp_path, make_scan(change))
    # Then
    assert [page["text"] for page in pages] == ["This is page 1", "", "This is page 3"]
    assert pages[1]["error"] is not None
    assert pages[1]["error"]["code"] == "corrupt_file"


@pytest.mark.parametrize("change", [blank, blank_picture])
def test_a_blank_page_is_no_failure(tmp_path: Path, change: Change) -> None:
    # When
    pages = read_pages(tmp_path, make_scan(change))
    # Then
    assert [page["status"] for page in pages] == ["succeeded"] * 3
    assert pages[1]["text"] == ""
