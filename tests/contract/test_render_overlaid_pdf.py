"""The searchable PDF of a PDF: its own pages with text put under what they show."""

import io
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest

from shared.errors import Code, OcrError
from shared.schemas import PageResult
from tests.results import make_failed_page, make_page
from tests.searchable import ReadPdf, differ
from worker.searchable_pdf import write_searchable_pdf

TEXT = "Счёт № 17 от Acme"
Change = Callable[[pikepdf.Pdf, pikepdf.Page], None]

OWN_TEXT = b"BT /F 24 Tf 40 40 Td (Own words) Tj ET"
SHAPES = b"0 g 20 220 200 40 re f 1 0 0 rg 20 100 40 160 re f 0 0 1 rg 380 10 40 30 re f"
LEFTOVER = b" q 3 0 0 3 50 50 cm"
"""A state that the page never takes back."""


def make_upload(change: Change = lambda _pdf, _page: None, pages: int = 1) -> bytes:
    """Pages of 432 x 288 points, which are 600 x 400 pixels at 100 dpi, with shapes and words of their own."""
    pdf = pikepdf.new()
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    for _ in range(pages):
        page = pdf.add_blank_page(page_size=(432, 288))
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font))
        page.Contents = pikepdf.Stream(pdf, SHAPES + OWN_TEXT + LEFTOVER)
        change(pdf, page)
    return save(pdf)


def save(pdf: pikepdf.Pdf, encryption: pikepdf.Encryption | None = None) -> bytes:
    buffer = io.BytesIO()
    pdf.save(buffer, encryption=encryption or False)
    return buffer.getvalue()


def write(tmp_path: Path, upload: bytes, *pages: PageResult) -> ReadPdf:
    source, target = tmp_path / "upload.pdf", tmp_path / "searchable.pdf"
    source.write_bytes(upload)
    write_searchable_pdf(source, list(pages), target)
    return ReadPdf(target.read_bytes())


def test_a_recognized_page_gets_its_text_and_looks_as_before(tmp_path: Path) -> None:
    # Given
    upload = make_upload()
    # When
    pdf = write(tmp_path, upload, make_page([(TEXT, 40, 30)]))
    # Then
    assert TEXT in pdf.text()
    assert differ(pdf.show(), ReadPdf(upload).show()) == 0
    assert pdf.find("17") == pytest.approx((110, 30, 130, 50), abs=1)


def test_a_page_with_its_own_text_layer_is_left_alone(tmp_path: Path) -> None:
    # Given
    page = make_page([(TEXT, 40, 30)], text_source="text_layer")
    # When
    pdf = write(tmp_path, make_upload(), page)
    # Then
    assert pdf.text() == "Own words"


def test_a_document_without_a_recognized_page_is_the_upload_itself(tmp_path: Path) -> None:
    # Given
    upload = make_upload(pages=2)
    # When
    pdf = write(tmp_path, upload, make_page([(TEXT, 40, 30)], text_source="text_layer"), make_failed_page(number=2))
    # Then
    assert pdf.data == upload


@pytest.mark.parametrize("flaw", ["damaged", "encrypted"])
def test_an_upload_with_a_flaw_is_written_anew(tmp_path: Path, flaw: str) -> None:
    # Given
    upload = make_upload()
    if flaw == "encrypted":
        upload = save(pikepdf.open(io.BytesIO(upload)), pikepdf.Encryption(owner="secret", user=""))
    else:
        upload = upload.replace(b"startxref\n", b"startxref\n9")
    # When
    pdf = write(tmp_path, upload, make_page([(TEXT, 40, 30)], text_source="text_layer"))
    # Then
    assert not pdf.objects.is_encrypted
    assert not pdf.objects.get_warnings()
    assert pdf.text() == "Own words"


def test_a_failed_page_is_left_alone(tmp_path: Path) -> None:
    assert write(tmp_path, make_upload(), make_failed_page()).text() == "Own words"


def test_only_pages_that_were_asked_for_are_kept(tmp_path: Path) -> None:
    # Given
    pages = [make_page([(f"page{number}", 40, 30)], number=number) for number in (2, 4)]
    # When
    pdf = write(tmp_path, make_upload(pages=5), *pages)
    # Then
    assert len(pdf.objects.pages) == 2
    assert "page2" in pdf.text(1)
    assert "page4" in pdf.text(2)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270, -90])
def test_text_lies_on_a_page_that_is_seen_turned(tmp_path: Path, rotation: int) -> None:
    # Given a page whose rotation, boxes and resources are those of the page tree, and words as they are seen
    def inherit(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
        pdf.Root.Pages.Rotate = rotation
        for name in ("/MediaBox", "/Resources"):
            pdf.Root.Pages[name] = page[name]
            del page[name]

    upload = make_upload(inherit)
    upright = rotation % 180 == 0
    width, height = (600, 400) if upright else (400, 600)
    # When
    pdf = write(tmp_path, upload, make_page([("word", 40, 30)], width=width, height=height))
    # Then the same spot in the page's own frame
    seen = {0: (40, 30, 80, 50), 90: (30, 320, 50, 360), 180: (520, 350, 560, 370), 270: (550, 40, 570, 80)}
    assert differ(pdf.show(), ReadPdf(upload).show()) == 0
    assert pdf.find("word") == pytest.approx(seen[rotation % 360], abs=1)


def test_text_lies_on_a_cropped_page(tmp_path: Path) -> None:
    # Given a crop box that reaches out of the media box on one side; 100 pixels are cut off left and 50 below
    def crop(_pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
        page.CropBox = pikepdf.Array([72, 36, 1000, 288])

    page = make_page([("word", 40, 30)], width=500, height=350)
    # When
    pdf = write(tmp_path, make_upload(crop), page)
    # Then
    assert pdf.find("word") == pytest.approx((140, 30, 180, 50), abs=1)


def test_a_sideways_page_is_turned_upright(tmp_path: Path) -> None:
    # Given words that follow each other upward
    page = make_page([("one two", 0, 0)])
    for word, (top, bottom) in zip(page["blocks"][0]["lines"][0]["words"], ((300, 330), (260, 290)), strict=True):
        word["bbox"] = [100, top, 120, bottom]
    # When
    pdf = write(tmp_path, make_upload(), page)
    # Then
    assert pdf.objects.pages[0].Rotate == 90
    assert pdf.show().size == (400, 600)


def add_text_to_page(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    page.Contents = pikepdf.Stream(pdf, SHAPES + OWN_TEXT + b" q 3 Tr BT /F 9 Tf (stale) Tj ET Q " + OWN_TEXT)


def add_text_in_form(pdf: pikepdf.Pdf, page: pikepdf.Page) -> None:
    form = pikepdf.Stream(pdf, b"BT 3 Tr /F 9 Tf (stale) Tj ET")
    form.stream_dict = pikepdf.Dictionary(
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Form,
        BBox=[0, 0, 432, 288],
        Resources=page.Resources,
    )
    page.Resources = pikepdf.Dictionary(Font=page.Resources.Font, XObject=pikepdf.Dictionary(Layer=form))
    page.Contents = pikepdf.Stream(pdf, SHAPES + OWN_TEXT + b" /Layer Do")


@pytest.mark.parametrize("change", [add_text_to_page, add_text_in_form])
def test_text_that_the_page_had_is_found_no_more(tmp_path: Path, change: Change) -> None:
    # Given
    upload = make_upload(change)
    # When
    pdf = write(tmp_path, upload, make_page([("fresh", 40, 30)]))
    # Then
    assert {"stale", "Own", "words"} <= set(ReadPdf(upload).text().split())
    assert pdf.text() == "fresh"
    assert differ(pdf.show(), ReadPdf(upload).show()) == 0


def test_a_page_on_which_nothing_was_recognized_keeps_its_text(tmp_path: Path) -> None:
    assert write(tmp_path, make_upload(), make_page()).text() == "Own words"


def test_a_form_that_two_pages_draw_is_silent_on_the_recognized_one_alone(tmp_path: Path) -> None:
    # Given
    upload = pikepdf.open(io.BytesIO(make_upload(add_text_in_form)))
    upload.pages.append(upload.pages[0])
    # When
    pdf = write(tmp_path, save(upload), make_page([("fresh", 40, 30)]), make_page(number=2, text_source="text_layer"))
    # Then
    assert "stale" not in pdf.text(1)
    assert "stale" in pdf.text(2)


def test_bookmarks_and_properties_stay(tmp_path: Path) -> None:
    # Given
    def describe(pdf: pikepdf.Pdf, _page: pikepdf.Page) -> None:
        pdf.docinfo["/Title"] = "Title"
        with pdf.open_outline() as outline:
            outline.root.append(pikepdf.OutlineItem("Chapter", 0))

    # When
    pdf = write(tmp_path, make_upload(describe), make_page([(TEXT, 40, 30)]))
    # Then
    assert pdf.objects.docinfo["/Title"] == "Title"
    assert [item.title for item in pdf.objects.open_outline().root] == ["Chapter"]


def test_a_pdf_that_anyone_may_open_is_rewritten(tmp_path: Path) -> None:
    # Given a file with an owner's password alone
    upload = save(pikepdf.open(io.BytesIO(make_upload())), pikepdf.Encryption(owner="secret", user=""))
    # When
    pdf = write(tmp_path, upload, make_page([(TEXT, 40, 30)]))
    # Then
    assert TEXT in pdf.text()


@pytest.mark.parametrize(
    ("upload", "code"),
    [
        (save(pikepdf.open(io.BytesIO(make_upload())), pikepdf.Encryption(owner="a", user="b")), Code.ENCRYPTED_PDF),
        (b"%PDF-1.7\nnothing", Code.CORRUPT_FILE),
    ],
    ids=["locked", "damaged"],
)
def test_a_pdf_that_cannot_be_opened_is_an_error(tmp_path: Path, upload: bytes, code: Code) -> None:
    # Given
    page = make_page()
    # When
    with pytest.raises(OcrError) as caught:
        write(tmp_path, upload, page)
    # Then
    assert caught.value.code == code
    assert not (tmp_path / "searchable.pdf").exists()
