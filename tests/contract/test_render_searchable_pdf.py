"""The searchable PDF of a picture, read back by pdfium, pikepdf, qpdf and poppler."""

import io
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image, ImageCms, ImageDraw, ImageOps

from shared.errors import Code, OcrError
from shared.schemas import PageResult
from tests.results import make_failed_page, make_page
from tests.searchable import ReadPdf, differ
from worker.searchable_pdf import write_searchable_pdf

SIZE = 600, 400
QPDF, PDFTOTEXT = (shutil.which(name) or "" for name in ("qpdf", "pdftotext"))
TEXT = "Счёт № 17 от Acme"


def draw_picture(mode: str = "RGB", size: tuple[int, int] = SIZE) -> Image.Image:
    """A picture that no turn or mirror leaves as it is."""
    picture = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((20, 20, 220, 60), "black")
    draw.rectangle((20, 20, 60, size[1] - 150), "red")
    draw.rectangle((size[0] - 70, size[1] - 50, size[0] - 20, size[1] - 20), "blue")
    return picture.convert(mode)


def encode(picture: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def make_pdf(tmp_path: Path, upload: bytes, *pages: PageResult) -> ReadPdf:
    source, target = tmp_path / "upload", tmp_path / "searchable.pdf"
    source.write_bytes(upload)
    write_searchable_pdf(source, list(pages), target)
    return ReadPdf(target.read_bytes())


def test_words_are_found_in_a_row_in_cyrillic_too(tmp_path: Path) -> None:
    # Given
    page = make_page([(TEXT, 40, 30)], [("второй абзац", 40, 90)])
    # When
    pdf = make_pdf(tmp_path, encode(draw_picture(), "PNG"), page)
    # Then
    assert pdf.text().split("\r\n") == [TEXT, "второй абзац"]


def test_a_word_lies_on_its_box(tmp_path: Path) -> None:
    # Given
    page = make_page([("one two three", 40, 30)])
    # When
    pdf = make_pdf(tmp_path, encode(draw_picture(), "PNG"), page)
    # Then
    assert pdf.find("two") == pytest.approx((80, 30, 110, 50), abs=1)


@pytest.mark.parametrize("text", ["e\u0301te", "日本語", "a\U0001f600b", "(\\)"])
def test_any_character_is_copied(tmp_path: Path, text: str) -> None:
    # Given
    page = make_page([(text, 40, 30)])
    # When
    pdf = make_pdf(tmp_path, encode(draw_picture(), "PNG"), page)
    # Then
    assert pdf.text() == text


def test_the_text_leaves_no_ink(tmp_path: Path) -> None:
    # Given
    picture = draw_picture()
    # When
    pdf = make_pdf(tmp_path, encode(picture, "PNG"), make_page([(TEXT, 250, 30)]))
    # Then
    assert differ(pdf.show(), picture) < 1


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_a_jpeg_keeps_its_very_bytes(tmp_path: Path, mode: str) -> None:
    # Given
    upload = encode(draw_picture(mode), "JPEG")
    # When
    pdf = make_pdf(tmp_path, upload, make_page())
    # Then
    assert pdf.picture.read_raw_bytes() == upload


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB"])
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP", "GIF"])
def test_other_pictures_keep_their_pixels(tmp_path: Path, kind: str, mode: str) -> None:
    # Given
    upload = encode(draw_picture(mode), kind)
    with Image.open(io.BytesIO(upload)) as picture:
        pixels = picture.convert("RGB").tobytes()
    # When
    pdf = make_pdf(tmp_path, upload, make_page())
    # Then
    assert pikepdf.PdfImage(pdf.picture).as_pil_image().convert("RGB").tobytes() == pixels


def test_a_png_keeps_its_compressed_pixels(tmp_path: Path) -> None:
    # Given
    upload = encode(draw_picture(), "PNG")
    # When
    pdf = make_pdf(tmp_path, upload, make_page())
    # Then
    assert pdf.picture.read_raw_bytes() in upload


def test_cmyk_without_jpeg_keeps_its_pixels(tmp_path: Path) -> None:
    # Given
    picture = draw_picture("CMYK")
    # When
    pdf = make_pdf(tmp_path, encode(picture, "TIFF"), make_page())
    # Then
    assert pdf.picture.read_bytes() == picture.tobytes()


def test_sixteen_bits_stay_sixteen(tmp_path: Path) -> None:
    # Given more rows than are compressed at a time
    picture = Image.linear_gradient("L").resize((20, 600)).point(lambda value: value * 257, "I").convert("I;16")
    # When
    pdf = make_pdf(tmp_path, encode(picture, "TIFF"), make_page())
    # Then
    assert pdf.picture.BitsPerComponent == 16
    assert pdf.picture.read_bytes() == picture.tobytes("raw", "I;16B")


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_what_is_transparent_is_paper(tmp_path: Path, mode: str) -> None:
    # Given
    picture = draw_picture().convert(mode)
    picture.putalpha(Image.new("L", SIZE, 0))
    # When
    pdf = make_pdf(tmp_path, encode(picture, "PNG"), make_page())
    # Then
    assert pdf.show().getextrema() == ((255, 255),) * 3


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_light_ink_on_nothing_is_seen_as_it_was_read(tmp_path: Path, mode: str) -> None:
    # Given white letters, and nothing around them
    picture = Image.new("L", SIZE, 255).convert(mode)
    picture.putalpha(ImageOps.invert(draw_picture("L")))
    # When
    pdf = make_pdf(tmp_path, encode(picture, "PNG"), make_page())
    # Then
    assert differ(pdf.show(), ImageOps.invert(draw_picture("L")).convert("RGB")) < 1


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_seen_as_exif_says_and_its_text_with_it(tmp_path: Path, kind: str, orientation: int) -> None:
    # Given a picture that was stored turned or mirrored, and the box of a word in it, as stored
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = draw_picture()
    upload = encode(stored, kind, exif=exif)
    with Image.open(io.BytesIO(upload)) as picture:
        upright = ImageOps.exif_transpose(picture).convert("RGB")
    page = make_page([("word", 20, 20)])
    box = [20, 20, 220, 60]
    page["blocks"][0]["lines"][0]["words"][0]["bbox"] = box
    mask = Image.new("L", SIZE, 0)
    mask.paste(255, (20, 20, 220, 60))
    mask.getexif()[0x0112] = orientation
    seen = ImageOps.exif_transpose(mask).getbbox()
    # When
    pdf = make_pdf(tmp_path, upload, page)
    # Then
    assert differ(pdf.show(), upright) < 2
    assert pdf.find("word") == pytest.approx(seen, abs=2)


@pytest.mark.parametrize(
    ("orientation", "inches", "seen"), [(1, (3, 4), (10, 20, 110, 60)), (6, (4, 3), (340, 10, 380, 110))]
)
def test_a_fax_has_the_shape_of_its_sheet(
    tmp_path: Path, orientation: int, inches: tuple[int, int], seen: tuple[int, int, int, int]
) -> None:
    # Given pixels twice as tall as wide, as stored
    exif = Image.Exif()
    exif[0x0112] = orientation
    upload = encode(draw_picture("1"), "TIFF", dpi=(200, 100), exif=exif)
    page = make_page([("word", 20, 20)], dpi=200)
    page["blocks"][0]["lines"][0]["words"][0]["bbox"] = [20, 20, 220, 60]
    # When
    pdf = make_pdf(tmp_path, upload, page)
    # Then
    assert [float(edge) / 72 for edge in pdf.objects.pages[0].mediabox[2:]] == pytest.approx(inches)
    assert pdf.find("word") == pytest.approx(seen, abs=2)
    assert pdf.show().convert("L").crop(seen).getextrema()[1] < 128


@pytest.mark.parametrize(("turn", "quarters"), [(Image.Transpose.ROTATE_90, -1), (Image.Transpose.ROTATE_270, 1)])
def test_a_sideways_scan_is_turned_by_the_page_alone(tmp_path: Path, turn: Image.Transpose, quarters: int) -> None:
    # Given a scan that lies on its side, and words whose boxes follow each other along that side
    upright = draw_picture()
    scan = upright.transpose(turn)
    page = make_page([("one two three", 40, 30)], width=400, height=600)
    for word in page["blocks"][0]["lines"][0]["words"]:
        x0, y0, x1, y1 = word["bbox"]
        word["bbox"] = [y0, 600 - x1, y1, 600 - x0] if quarters < 0 else [400 - y1, x0, 400 - y0, x1]
    upload = encode(scan, "JPEG", quality=95)
    # When
    pdf = make_pdf(tmp_path, upload, page)
    # Then
    assert pdf.picture.read_raw_bytes() == upload
    assert differ(pdf.show(), upright) < 2
    assert pdf.text() == "one two three"


def test_words_of_a_skewed_page_stay_whole_and_in_order(tmp_path: Path) -> None:
    # Given lines that sink by 5 degrees
    page = make_page([(f"first{row} second third fourth fifth", 20, 60 * row) for row in range(4)])
    for line in page["blocks"][0]["lines"]:
        for word in line["words"]:
            sunk = round(word["bbox"][0] * 0.0875)
            word["bbox"][1] += sunk
            word["bbox"][3] += sunk + 5
    # When
    pdf = make_pdf(tmp_path, encode(draw_picture(), "PNG"), page)
    # Then
    assert pdf.text().split() == [word for line in page["blocks"][0]["lines"] for word in line["text"].split()]


def test_each_frame_is_a_page_of_its_own_size(tmp_path: Path) -> None:
    # Given
    frames = [draw_picture(size=(600, 400)), draw_picture(size=(300, 400)).convert("1")]
    upload = encode(frames[0], "TIFF", save_all=True, append_images=frames[1:])
    pages = [make_page([("one", 0, 0)]), make_page([("two", 0, 0)], number=2, width=300)]
    # When
    pdf = make_pdf(tmp_path, upload, *pages)
    # Then
    assert [pdf.show(number).size for number in (1, 2)] == [(600, 400), (300, 400)]
    assert [pdf.text(number) for number in (1, 2)] == ["one", "two"]


def test_only_pages_that_were_asked_for_are_in_it(tmp_path: Path) -> None:
    # Given
    upload = encode(draw_picture(), "TIFF", save_all=True, append_images=[draw_picture(size=(300, 400))])
    # When
    pdf = make_pdf(tmp_path, upload, make_page([("two", 0, 0)], number=2, width=300))
    # Then
    assert len(pdf.objects.pages) == 1
    assert pdf.text() == "two"


def test_a_failed_page_keeps_its_picture_and_has_no_text(tmp_path: Path) -> None:
    # Given
    picture = draw_picture()
    # When
    pdf = make_pdf(tmp_path, encode(picture, "PNG"), make_failed_page())
    # Then
    assert differ(pdf.show(), picture) < 1
    assert not pdf.text()


def test_a_failed_page_that_cannot_be_decoded_is_blank(tmp_path: Path) -> None:
    # Given
    upload = encode(draw_picture(), "BMP")
    damaged = upload[: len(upload) // 2]
    # When
    pdf = make_pdf(tmp_path, damaged, make_failed_page())
    # Then
    assert pdf.show().size == SIZE
    assert pdf.show().getextrema() == ((255, 255),) * 3


@pytest.mark.parametrize(("dpi", "side"), [(1, 14_400), (100_000, 3)])
def test_a_page_keeps_within_the_limits_of_pdf(tmp_path: Path, dpi: int, side: int) -> None:
    # Given
    upload = encode(draw_picture(size=(600, 400)), "PNG")
    # When
    pdf = make_pdf(tmp_path, upload, make_page(dpi=dpi))
    # Then
    box = pdf.objects.pages[0].mediabox
    assert side in {round(float(edge), 3) for edge in box}


def test_pictures_make_an_archival_file_that_says_so(tmp_path: Path) -> None:
    # Given
    pdf = make_pdf(tmp_path, encode(draw_picture(), "PNG"), make_page([(TEXT, 0, 0)]))
    # When
    profile = pdf.objects.Root.OutputIntents[0].DestOutputProfile.read_bytes()
    # Then
    assert pdf.objects.open_metadata().pdfa_status == "2B"
    assert ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile.xcolor_space == "RGB "
    assert "/ID" in pdf.objects.trailer


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_cmyk_without_a_profile_is_not_called_archival(tmp_path: Path, kind: str) -> None:
    # Given
    upload = encode(draw_picture("CMYK"), kind)
    # When
    pdf = make_pdf(tmp_path, upload, make_page())
    # Then
    assert pdf.objects.open_metadata().pdfa_status == ""


def test_a_sound_color_profile_is_kept_and_a_foreign_one_dropped(tmp_path: Path) -> None:
    # Given a profile of three channels, on a picture with three and on one with one
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    uploads = [encode(draw_picture(mode), "JPEG", icc_profile=profile) for mode in ("RGB", "L")]
    # When
    color, gray = (make_pdf(tmp_path, upload, make_page()) for upload in uploads)
    # Then
    assert color.picture.ColorSpace[1].read_bytes() == profile
    assert gray.picture.ColorSpace == pikepdf.Name.DeviceGray


@pytest.mark.skipif(QPDF == "", reason="the program qpdf is not installed")
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "GIF", "WEBP", "AVIF"])
def test_qpdf_finds_nothing_wrong(tmp_path: Path, kind: str) -> None:
    # Given
    make_pdf(tmp_path, encode(draw_picture(), kind), make_page([(TEXT, 40, 30)]))
    # When
    check = subprocess.run([QPDF, "--check", tmp_path / "searchable.pdf"], capture_output=True, check=False)
    # Then
    assert check.returncode == 0, check.stdout + check.stderr


@pytest.mark.skipif(PDFTOTEXT == "", reason="the program pdftotext is not installed")
def test_poppler_keeps_the_layout(tmp_path: Path) -> None:
    # Given
    names = [("Чай чёрный", 40, 30), ("Хлеб", 40, 60)]
    prices = [("120,00", 400, 30), ("35,50", 410, 60)]
    make_pdf(tmp_path, encode(draw_picture(), "PNG"), make_page(names, prices))
    # When
    text = subprocess.run(
        [PDFTOTEXT, "-layout", tmp_path / "searchable.pdf", "-"], capture_output=True, text=True, check=True
    )
    # Then
    assert not text.stderr
    assert [line.split() for line in text.stdout.split("\n")[:2]] == [["Чай", "чёрный", "120,00"], ["Хлеб", "35,50"]]


def test_a_damaged_picture_of_a_page_that_was_read_is_an_error(tmp_path: Path) -> None:
    # Given
    upload = encode(draw_picture(), "BMP")
    damaged = upload[: len(upload) // 2]
    # When
    with pytest.raises(OcrError) as caught:
        make_pdf(tmp_path, damaged, make_page())
    # Then
    assert caught.value.code == Code.CORRUPT_FILE
