"""PDF pages that show what is elsewhere, in the fields of a form."""

import io
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest

from shared.schemas import Options
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
