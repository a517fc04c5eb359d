"""Whole documents through the real engine: every kind of file, every kind of page."""

import io
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
import pikepdf
import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFont, ImageOps

from shared.errors import Code, OcrError
from shared.schemas import Options, PageResult, Word
from tests.fonts import load_font
from worker.process import begin_document, process_image, read_pages

_LINES = ("The quick brown fox jumps", "over seventeen lazy dogs", "while nobody looks at them")
_TEXT = "\n".join(_LINES)


def draw(size: int = 36, color: int = 0, paper: int = 255) -> Image.Image:
    picture = Image.new("L", (18 * size, 9 * size), paper)
    for number, line in enumerate(_LINES):
        place = (size, size + 2 * number * size)
        ImageDraw.Draw(picture).text(place, line, color, ImageFont.load_default(size))
    return picture


def words_of(page: PageResult) -> list[Word]:
    return [word for block in page["blocks"] for line in block["lines"] for word in line["words"]]


def with_exif(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def transparent() -> Image.Image:
    picture = Image.new("RGBA", draw().size, (255, 255, 255, 0))
    picture.putalpha(ImageOps.invert(draw()))
    return picture


def deep() -> Image.Image:
    return Image.fromarray(np.asarray(draw(), dtype=np.uint16) * 128 + 500)


ENCODINGS: dict[str, Callable[[], tuple[Image.Image, dict[str, object]]]] = {
    "PNG gray": lambda: (draw(), {"format": "PNG"}),
    "PNG 1 bit": lambda: (draw().convert("1"), {"format": "PNG"}),
    "PNG palette": lambda: (draw().convert("P"), {"format": "PNG"}),
    "PNG transparent": lambda: (transparent(), {"format": "PNG"}),
    "PNG 16 bit": lambda: (deep(), {"format": "PNG"}),
    "PNG white on black": lambda: (ImageOps.invert(draw()), {"format": "PNG"}),
    "JPEG": lambda: (draw().convert("RGB"), {"format": "JPEG"}),
    "JPEG CMYK": lambda: (draw().convert("CMYK"), {"format": "JPEG"}),
    "TIFF LZW": lambda: (draw(), {"format": "TIFF", "compression": "tiff_lzw"}),
    "TIFF G4": lambda: (draw().convert("1"), {"format": "TIFF", "compression": "group4"}),
    "TIFF float": lambda: (Image.fromarray(np.asarray(draw(), dtype=np.float32) / 255), {"format": "TIFF"}),
    "WebP": lambda: (draw().convert("RGB"), {"format": "WEBP"}),
    "BMP": lambda: (draw(), {"format": "BMP"}),
    "GIF": lambda: (draw(), {"format": "GIF"}),
    "JPEG 2000": lambda: (draw(), {"format": "JPEG2000"}),
    "AVIF": lambda: (draw().convert("RGB"), {"format": "AVIF"}),
    "PPM": lambda: (draw(), {"format": "PPM"}),
    "PDF": lambda: (draw(), {"format": "PDF", "resolution": 150}),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_encoding_reads_alike(tmp_path: Path, encoding: str) -> None:
    # Given
    picture, how = ENCODINGS[encoding]()
    picture.save(tmp_path / "upload", **how)
    # When
    result = process_image(tmp_path / "upload")
    # Then
    assert result["text"] == _TEXT


_STORED = {
    1: lambda picture: picture,
    2: ImageOps.mirror,
    3: lambda picture: picture.transpose(Image.Transpose.ROTATE_180),
    4: ImageOps.flip,
    5: lambda picture: picture.transpose(Image.Transpose.TRANSPOSE),
    6: lambda picture: picture.transpose(Image.Transpose.ROTATE_90),
    7: lambda picture: picture.transpose(Image.Transpose.TRANSVERSE),
    8: lambda picture: picture.transpose(Image.Transpose.ROTATE_270),
}


def assert_first_word_lies_on_ink(page: PageResult, stored: Image.Image) -> None:
    first = words_of(page)[0]
    ink = np.asarray(stored.crop(tuple(first["bbox"])).convert("L")) < 128
    assert (page["text"], page["width"], page["height"], first["text"]) == (_TEXT, *stored.size, "The")
    assert ink.any(axis=0).mean() > 0.8
    assert ink.any(axis=1).mean() > 0.8


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", _STORED)
def test_boxes_lie_on_the_pixels_as_stored_whatever_exif_says(tmp_path: Path, kind: str, orientation: int) -> None:
    # Given
    stored = _STORED[orientation](draw())
    stored.save(tmp_path / "upload", format=kind, exif=with_exif(orientation))
    # When
    (page,) = process_image(tmp_path / "upload")["pages"]
    # Then
    assert_first_word_lies_on_ink(page, stored)


def test_every_frame_is_turned_by_its_own_tag(tmp_path: Path) -> None:
    # Given
    frames = [_STORED[orientation](draw()) for orientation in (1, 6, 3)]
    for frame, orientation in zip(frames, (1, 6, 3), strict=True):
        frame.encoderinfo = {"exif": with_exif(orientation)}
    frames[0].save(tmp_path / "upload", format="TIFF", save_all=True, append_images=frames[1:])
    # When
    pages = process_image(tmp_path / "upload")["pages"]
    # Then
    for page, stored in zip(pages, frames, strict=True):
        assert_first_word_lies_on_ink(page, stored)


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_fax_of_half_the_lines_is_read_and_its_boxes_are_in_its_own_pixels(tmp_path: Path, orientation: int) -> None:
    # Given
    squashed = draw().resize((18 * 36, 9 * 18)).convert("1", dither=Image.Dither.NONE)
    stored = _STORED[orientation](squashed)
    dpi = (200, 100) if orientation == 1 else (100, 200)
    stored.save(tmp_path / "upload", format="TIFF", compression="group4", dpi=dpi, exif=with_exif(orientation))
    # When
    (page,) = process_image(tmp_path / "upload")["pages"]
    # Then
    assert_first_word_lies_on_ink(page, stored)


@pytest.mark.parametrize("dpi", [(300, 72), (300, 1)])
def test_a_resolution_that_no_pixel_has_stretches_nothing(tmp_path: Path, dpi: tuple[int, int]) -> None:
    # Given
    draw().save(tmp_path / "upload", format="TIFF", dpi=dpi)
    # When
    (page,) = process_image(tmp_path / "upload", Options(preprocess="none"))["pages"]
    # Then
    assert (page["text"], page["preprocessing"]) == (_TEXT, [])


@pytest.mark.parametrize(("engine", "turned"), [("auto", 90), ("auto", 180), ("auto", 270), ("rapidocr", 90)])
def test_a_page_on_its_side_or_head_is_read(tmp_path: Path, engine: Literal["auto", "rapidocr"], turned: int) -> None:
    # Given
    lines = ["Nobody knows how many words a page needs", "before its orientation can be told for sure"] * 5
    picture = Image.new("L", (900, 620), 255)
    for number, line in enumerate(lines):
        ImageDraw.Draw(picture).text((40, 30 + 56 * number), line, 0, ImageFont.load_default(32))
    picture.rotate(turned, expand=True).save(tmp_path / "upload", format="PNG")
    # When
    (page,) = process_image(tmp_path / "upload", Options(lang="eng", engine=engine))["pages"]
    # Then
    assert page["rotation"] == turned
    assert page["text"].split() == " ".join(lines).split()


@pytest.mark.parametrize("degrees", [-40, -9, 4, 20])
def test_a_skewed_page_is_leveled(tmp_path: Path, degrees: int) -> None:
    # Given
    draw().rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255).save(tmp_path / "upload", format="PNG")
    # When
    (page,) = process_image(tmp_path / "upload")["pages"]
    # Then
    assert page["text"] == _TEXT
    assert page["skew_degrees"] == pytest.approx(-degrees, abs=0.5)


@pytest.mark.parametrize("size", [14, 120])
def test_small_and_large_print_is_brought_to_size(tmp_path: Path, size: int) -> None:
    # Given
    draw(size).save(tmp_path / "upload", format="PNG")
    # When
    (page,) = process_image(tmp_path / "upload")["pages"]
    # Then
    assert (page["text"].split(), page["preprocessing"]) == (_TEXT.split(), ["scale"])


@pytest.mark.parametrize("text", ["7", "A", "42", "OK", "3.50"])
@pytest.mark.parametrize("size", [20, 60])
def test_a_crop_of_few_letters_is_read(tmp_path: Path, text: str, size: int) -> None:
    # Given
    font = load_font(size)
    image = Image.new("L", (round(font.getlength(text)) + 12, round(1.2 * size) + 6), 250)
    ImageDraw.Draw(image).text((6, 3), text, 20, font)
    image.save(tmp_path / "crop.png")
    # When / Then
    assert process_image(tmp_path / "crop.png", Options(lang="eng"))["text"] == text


def test_a_photographed_sheet_in_fading_light_is_cut_out(tmp_path: Path) -> None:
    # Given
    sheet = draw(48)
    table = Image.new("L", (1200, 700), 40)
    corners = (-120, -110, -190, 600, 1080, 560, 1010, -60)
    table.paste(sheet.transform(table.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC, fillcolor=40))
    light = np.linspace(1.0, 0.55, 1200)
    photo = Image.fromarray((np.asarray(table) * light).astype(np.uint8))
    photo.save(tmp_path / "upload", format="PNG")
    # When
    (page,) = process_image(tmp_path / "upload")["pages"]
    # Then
    assert page["text"].split() == _TEXT.split()
    assert {"perspective", "clean"} <= set(page["preprocessing"])


@pytest.mark.parametrize("engine", ["auto", "rapidocr"])
def test_narrow_columns_are_read_one_after_the_other(tmp_path: Path, engine: str) -> None:
    # Given
    left = ("Spring came late", "to the valley and", "all the farmers", "were worried for", "their crops.")
    right = ("In the capital the", "ministers argued", "about the price of", "grain and printed", "long letters.")
    picture = Image.new("L", (830, 400), 255)
    for number, lines in enumerate((left, right)):
        text = "\n".join(lines)
        ImageDraw.Draw(picture).multiline_text((40 + 400 * number, 40), text, 0, ImageFont.load_default(40), spacing=20)
    picture.save(tmp_path / "upload", format="PNG")
    # When
    result = process_image(tmp_path / "upload", Options(engine=engine))
    # Then
    assert result["text"].split() == " ".join(left + right).split()
    assert len(result["pages"][0]["blocks"]) > 1


def test_a_speckled_page_is_read(tmp_path: Path) -> None:
    # Given
    chance = np.random.default_rng(1).random(draw().size[::-1])
    worn = np.where(chance < 0.02, 0, np.asarray(draw())).astype(np.uint8)
    Image.fromarray(worn).save(tmp_path / "upload", format="PNG")
    # When
    (page,) = process_image(tmp_path / "upload", Options(engine="tesseract"))["pages"]
    # Then
    assert page["text"].split() == _TEXT.split()
    assert "despeckle" in page["preprocessing"]


def test_a_grainy_page_is_read(tmp_path: Path) -> None:
    # Given
    dim = draw(color=40, paper=215)
    worn = np.asarray(dim) + np.random.default_rng(1).normal(0, 40, dim.size[::-1])
    Image.fromarray(worn.clip(0, 255).astype(np.uint8)).save(tmp_path / "upload", format="PNG")
    # When
    (page,) = process_image(tmp_path / "upload", Options(engine="tesseract"))["pages"]
    # Then
    assert page["text"].split() == _TEXT.split()
    assert "despeckle" in page["preprocessing"]


def test_print_that_rules_run_through_is_read(tmp_path: Path) -> None:
    # Given
    ruled = draw()
    for row in range(len(_LINES)):
        top = 62 + 72 * row
        ImageDraw.Draw(ruled).rectangle((0, top, ruled.width, top + 1), 0)
    ruled.save(tmp_path / "upload", format="PNG")
    # When
    (page,) = process_image(tmp_path / "upload", Options(engine="tesseract"))["pages"]
    # Then
    assert page["text"].split() == _TEXT.split()
    assert "unrule" in page["preprocessing"]


@pytest.mark.parametrize("degrees", [0, 3])
@pytest.mark.parametrize("dot", [".", ". "])
def test_a_table_of_contents_is_read_without_its_dots(dot: str, degrees: int, tmp_path: Path) -> None:
    # Given
    page, font = Image.new("L", (1240, 900), 255), ImageFont.load_default(30)
    for number, title in enumerate(_TEXT.split()):
        place, place_of_number = (100, 100 + 50 * number), (1100, 100 + 50 * number)
        dots = dot * int((980 - font.getlength(title)) / font.getlength(dot))
        ImageDraw.Draw(page).text(place, f"{title} {dots}", 0, font)
        ImageDraw.Draw(page).text(place_of_number, str(17 + 3 * number), 0, font)
    page.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=255).save(tmp_path / "upload", format="PNG")
    # When
    (read,) = process_image(tmp_path / "upload", Options(engine="tesseract"))["pages"]
    # Then
    lines = [f"{title} {17 + 3 * number}" for number, title in enumerate(_TEXT.split())]
    assert read["text"].split("\n") == lines


def stamped() -> Image.Image:
    picture = draw().convert("RGB")
    layer = Image.new("RGB", picture.size, "white")
    for radius in (40, 60, 80):
        ImageDraw.Draw(layer).circle((300, 130), radius, outline=(60, 80, 190), width=3)
    return ImageChops.multiply(picture, layer)


STAMPED: dict[str, dict[str, object]] = {
    "PNG": {"format": "PNG"},
    "JPEG": {"format": "JPEG", "quality": 60},
    "turned JPEG": {"format": "JPEG", "quality": 60, "exif": with_exif(6)},
    "PDF": {"format": "PDF", "resolution": 200},
    "palette": {"format": "PNG"},
    "layer without holes": {"format": "PNG"},
}
CHANGED: dict[str, Callable[[Image.Image], Image.Image]] = {
    "turned JPEG": lambda picture: picture.transpose(Image.Transpose.ROTATE_90),
    "palette": lambda picture: picture.quantize(64),
    "layer without holes": lambda picture: picture.convert("RGBA"),
}


@pytest.mark.parametrize("kind", STAMPED)
def test_print_below_a_stamp_is_read(kind: str, tmp_path: Path) -> None:
    # Given
    picture = CHANGED.get(kind, Image.Image.copy)(stamped())
    picture.save(tmp_path / "upload", **STAMPED[kind])
    # When
    (page,) = process_image(tmp_path / "upload", Options(engine="tesseract"))["pages"]
    # Then
    assert page["text"].split() == _TEXT.split()
    assert "unstamp" in page["preprocessing"]


def test_steps_can_be_refused(tmp_path: Path) -> None:
    # Given
    draw(120).save(tmp_path / "upload", format="PNG")
    # When
    (page,) = process_image(tmp_path / "upload", Options(preprocess="none"))["pages"]
    # Then
    assert page["preprocessing"] == []


def text_pdf(text: str, pages: int = 1, **how: object) -> bytes:
    pdf = pikepdf.new()
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    for number in range(1, pages + 1):
        page = pdf.add_blank_page(page_size=(300, 200))
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font))
        page.Contents = pdf.make_stream(f"BT /F 12 Tf 30 150 Td ({text} {number}) Tj ET".encode())
    file = io.BytesIO()
    pdf.save(file, **how)
    return file.getvalue()


def test_a_pdf_with_sound_text_is_not_recognized(tmp_path: Path) -> None:
    # Given
    (tmp_path / "upload").write_bytes(text_pdf("Born digital", pages=2))
    # When
    result = process_image(tmp_path / "upload")
    # Then
    assert [page["text_source"] for page in result["pages"]] == ["text_layer", "text_layer"]
    assert result["text"] == "Born digital 1\n\nBorn digital 2"


def test_boxes_of_a_text_layer_and_of_a_recognition_agree(tmp_path: Path) -> None:
    # Given
    (tmp_path / "upload").write_bytes(text_pdf("Born digital"))
    # When
    (own,) = read_pages(tmp_path / "upload", [1], Options())
    (recognized,) = read_pages(tmp_path / "upload", [1], Options(text_layer="force"))
    # Then
    assert (own["text"], own["width"], own["height"]) == (recognized["text"], recognized["width"], recognized["height"])
    for one, other in zip(words_of(own), words_of(recognized), strict=True):
        assert one["bbox"] == pytest.approx(other["bbox"], abs=12)


def test_a_scan_is_not_recognized_when_only_the_text_layer_is_wanted(tmp_path: Path) -> None:
    # Given
    draw().save(tmp_path / "upload", format="PDF")
    # When
    result = process_image(tmp_path / "upload", Options(text_layer="only"))
    # Then
    assert result["text"] == ""


def test_pages_are_planned_in_order_and_within_the_document(tmp_path: Path) -> None:
    # Given
    (tmp_path / "upload").write_bytes(text_pdf("Page", pages=5))
    # When / Then
    known, _ = begin_document(tmp_path / "upload", Options(pages="4-9,1,4"))
    assert known["numbers"] == [1, 4, 5]


@pytest.mark.parametrize("size_pixels", [22, 44])
def test_the_numbers_of_a_list_are_read_with_its_entries(tmp_path: Path, size_pixels: int) -> None:
    # Given
    entries = ["Disconnect the power supply", "Remove the protective cover", "Check the gaps", "Replace the gasket"]
    picture = Image.new("L", (57 * size_pixels, 41 * size_pixels), 255)
    pen, font = ImageDraw.Draw(picture), load_font(size_pixels)
    for number, entry in enumerate(entries * 2, 1):
        top = (2 + 1.7 * number) * size_pixels
        pen.text((4 * size_pixels, top), f"{number}.", 0, font)
        pen.text((6.3 * size_pixels, top), entry, 0, font)
    picture.save(tmp_path / "list.png")
    # When
    result = process_image(tmp_path / "list.png", Options(lang="eng"))
    # Then
    assert result["text"].split("\n") == [f"{number}. {entry}" for number, entry in enumerate(entries * 2, 1)]


@pytest.mark.parametrize(
    ("pages", "warnings"),
    [
        ("1-3", []),
        ("2,5", ["Not in the document: 5 of the pages asked for."]),
        ("7,2-900,7", ["Not in the document: 4-900 of the pages asked for."]),
    ],
)
def test_pages_that_are_not_there_are_named(tmp_path: Path, pages: str, warnings: list[str]) -> None:
    # Given
    (tmp_path / "upload").write_bytes(text_pdf("Page", pages=3))
    # When
    result = process_image(tmp_path / "upload", Options(pages=pages))
    # Then
    assert result["warnings"] == warnings


def test_pages_that_a_document_is_judged_by_are_there_at_once(tmp_path: Path) -> None:
    # Given
    (tmp_path / "upload").write_bytes(text_pdf("Page", pages=9))
    # When
    _, taken = begin_document(tmp_path / "upload", Options(pages="2-8"), most_seconds=0)
    _, planned = begin_document(tmp_path / "upload", Options(pages="2-8", text_layer="force"))
    # Then it tells that the others are little work
    assert [(page["number"], page["text"]) for page in taken["pages"]] == [(2, "Page 2"), (5, "Page 5"), (8, "Page 8")]
    assert planned["pages"] == []
    assert taken["pixels"] < planned["pixels"] / 10


def test_all_pages_with_text_are_taken_while_there_is_time(tmp_path: Path) -> None:
    # Given
    (tmp_path / "upload").write_bytes(text_pdf("Page", pages=9))
    # When
    _, taken = begin_document(tmp_path / "upload", Options(pages="2-8"), most_seconds=60)
    # Then
    assert [page["text"] for page in taken["pages"]] == [f"Page {number}" for number in range(2, 9)]


def test_a_scanned_page_among_others_with_text_ends_what_is_taken_at_once(tmp_path: Path) -> None:
    # Given
    pdf = pikepdf.open(io.BytesIO(text_pdf("Page", pages=9)))
    del pdf.pages[2].Contents
    pdf.save(tmp_path / "upload")
    # When
    _, taken = begin_document(tmp_path / "upload", Options(), most_seconds=60)
    # Then the others may be scans as well
    assert [page["number"] for page in taken["pages"]] == [1, 2, 5, 9]
    assert taken["pixels"] == 1250 * 833


def test_a_scan_with_a_cover_of_text_is_as_much_work_as_a_scan(tmp_path: Path) -> None:
    # Given
    pdf = pikepdf.open(io.BytesIO(text_pdf("Cover")))
    for _ in range(4):
        pdf.add_blank_page(page_size=(300, 200))
    pdf.save(tmp_path / "upload")
    # When
    _, looked = begin_document(tmp_path / "upload", Options())
    # Then
    assert [page["number"] for page in looked["pages"]] == [1]
    assert looked["pixels"] == 1250 * 833


def test_light_text_on_dark_is_not_taken_for_a_page_on_its_side(tmp_path: Path) -> None:
    # Given
    ImageOps.invert(draw(14)).save(tmp_path / "upload", format="PNG")
    # When
    page = process_image(tmp_path / "upload")["pages"][0]
    # Then
    assert (page["rotation"], page["skew_degrees"], page["text"]) == (0, 0, _TEXT)


def test_a_damaged_frame_fails_alone(tmp_path: Path) -> None:
    # Given
    frames = [draw(), draw(), draw()]
    frames[0].save(
        tmp_path / "upload", format="TIFF", save_all=True, append_images=frames[1:], compression="tiff_adobe_deflate"
    )
    with Image.open(tmp_path / "upload") as tiff:
        tiff.seek(1)
        start = int(tiff.getexif()[273][0] if isinstance(tiff.getexif()[273], tuple) else tiff.getexif()[273])
    data = bytearray((tmp_path / "upload").read_bytes())
    data[start : start + 200] = bytes(200)
    (tmp_path / "upload").write_bytes(data)
    # When
    result = process_image(tmp_path / "upload")
    # Then
    assert [page["status"] for page in result["pages"]] == ["succeeded", "failed", "succeeded"]
    assert result["pages"][1]["error"]["code"] == "corrupt_file"
    assert result["warnings"] == ["Page 2 could not be read."]


@pytest.mark.parametrize("share", [0.4, 0.6, 0.99])
def test_of_a_file_cut_off_what_is_there_is_read(tmp_path: Path, share: float) -> None:
    # Given
    frames = [draw(), draw(), draw(), draw()]
    frames[0].save(tmp_path / "upload", format="TIFF", save_all=True, append_images=frames[1:], compression="tiff_lzw")
    data = (tmp_path / "upload").read_bytes()
    (tmp_path / "upload").write_bytes(data[: round(len(data) * share)])
    # When
    result = process_image(tmp_path / "upload")
    # Then
    *read, lost = result["pages"]
    assert [page["text"] for page in read] == [_TEXT] * int(share * 4)
    assert lost["error"] is not None
    assert lost["error"]["code"] == "corrupt_file"


def test_a_frame_of_unknown_pixels_fails_alone(tmp_path: Path) -> None:
    # Given
    frames = [draw(), draw(), draw()]
    frames[0].save(tmp_path / "upload", format="TIFF", save_all=True, append_images=frames[1:])
    with Image.open(tmp_path / "upload") as tiff:
        tiff.seek(1)
        data, start = bytearray((tmp_path / "upload").read_bytes()), tiff.tag_v2.offset
    bits = data.index(struct.pack("<HHIH", 258, 3, 1, 8), start)
    data[bits + 8] = 7
    (tmp_path / "upload").write_bytes(data)
    # When
    result = process_image(tmp_path / "upload")
    # Then
    assert [page["status"] for page in result["pages"]] == ["succeeded", "failed", "succeeded"]


@pytest.mark.parametrize("compression", [cv2.IMWRITE_TIFF_COMPRESSION_NONE, cv2.IMWRITE_TIFF_COMPRESSION_LZW])
def test_double_precision_is_read(tmp_path: Path, compression: int) -> None:
    # Given
    values = np.asarray(draw(), dtype=np.float64) / 255
    _, data = cv2.imencode(".tif", values, [cv2.IMWRITE_TIFF_COMPRESSION, compression])
    (tmp_path / "upload").write_bytes(data.tobytes())
    # When
    result = process_image(tmp_path / "upload")
    # Then
    assert result["text"] == _TEXT


def test_pixels_that_no_decoder_knows_are_named(tmp_path: Path) -> None:
    # Given
    _, data = cv2.imencode(".tif", np.zeros((40, 60, 3), dtype=np.float32))
    (tmp_path / "upload").write_bytes(data.tobytes())
    # When
    with pytest.raises(OcrError) as caught:
        process_image(tmp_path / "upload")
    # Then
    assert caught.value.code == Code.UNSUPPORTED_MEDIA_TYPE
    assert "3 floating-point samples of 32 bits" in caught.value.detail


_REFUSED = {
    Code.EMPTY_FILE: b"",
    Code.UNSUPPORTED_MEDIA_TYPE: b"/etc/passwd\n/etc/hosts\n",
    Code.CORRUPT_FILE: b"\x89PNG\r\n\x1a\nrubbish",
    Code.ENCRYPTED_PDF: text_pdf("Secret", encryption=pikepdf.Encryption(owner="o", user="u")),
}


@pytest.mark.parametrize("code", _REFUSED)
def test_what_cannot_be_read_is_named(tmp_path: Path, code: Code) -> None:
    # Given
    (tmp_path / "upload").write_bytes(_REFUSED[code])
    # When
    with pytest.raises(OcrError) as caught:
        process_image(tmp_path / "upload")
    # Then
    assert caught.value.code == code


def test_a_missing_language_is_named_with_those_there_are(tmp_path: Path) -> None:
    # Given
    draw().save(tmp_path / "upload", format="PNG")
    # When
    with pytest.raises(OcrError) as caught:
        process_image(tmp_path / "upload", Options(lang="xyz"))
    # Then
    assert (caught.value.code, caught.value.extra["missing"]) == (Code.LANGUAGE_NOT_INSTALLED, ["xyz"])
