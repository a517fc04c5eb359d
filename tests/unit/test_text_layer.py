"""Words of a PDF page, told by pdfium."""

import io

import pikepdf
import pypdfium2
import pytest

from worker.text_layer import TextLayer, read_text_layer

_DPI = 144
_MAP = """/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Test def
1 begincodespacerange <00> <FF> endcodespacerange
1 beginbfchar <41> <{target}> endbfchar
endcmap end end"""


def read(
    text: str,
    target: str = "0041",
    matrix: str = "1 0 0 1 50 100",
    crop: tuple[int, ...] = (0, 0, 400, 200),
    turned: int = 0,
) -> TextLayer:
    """The layer of a page that shows `text` in Helvetica, where `A` stands for the UTF-16 `target`."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(400, 200))
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.Type1,
        BaseFont=pikepdf.Name.Helvetica,
        Encoding=pikepdf.Name.WinAnsiEncoding,
        ToUnicode=pdf.make_stream(_MAP.format(target=target).encode()),
    )
    page.CropBox, page.Rotate = pikepdf.Array(crop), turned
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=pdf.make_indirect(font)))
    page.Contents = pdf.make_stream(f"BT /F 20 Tf {matrix} Tm ({text}) Tj ET".encode())
    file = io.BytesIO()
    pdf.save(file)
    with pypdfium2.PdfDocument(file.getvalue()) as document:
        return read_text_layer(document[0], _DPI)


def test_words_stand_where_the_page_shows_them() -> None:
    # When
    layer = read("mine yours")
    # Then
    assert [token.text for token in layer.tokens] == ["mine", "yours"]
    (left, top, right, bottom), (start, *_) = layer.tokens[0].box, layer.tokens[1].box
    assert (layer.width, layer.height) == (800, 400)
    assert 98 <= left <= 104
    assert 160 <= top < bottom <= 204
    assert right < start


def test_a_character_beyond_the_basic_plane_is_whole() -> None:
    assert [token.text for token in read("xA", "D83DDE00").tokens] == ["x\N{GRINNING FACE}"]


def test_half_a_character_is_unreadable_and_no_failure() -> None:
    # When
    layer = read("xA", "D800")
    # Then
    assert "".join(token.text for token in layer.tokens).encode()
    assert not layer.is_sound


def test_a_glyph_without_a_character_widens_no_word() -> None:
    # When
    plain, with_gap = read("Hi yo"), read("HiAAAA yo", "0000")
    # Then
    assert [token.text for token in with_gap.tokens] == ["Hi", "yo"]
    assert with_gap.tokens[0].box == plain.tokens[0].box


def test_text_around_many_glyphs_without_a_character_is_read() -> None:
    # Given more of them than calls that may be nested
    text = "A" * 2_000 + " words " + "A" * 2_000
    # When
    layer = read(text, "0000", matrix="0.01 0 0 1 50 100")
    # Then
    assert [token.text for token in layer.tokens] == ["words"]


def test_letters_without_height_have_their_place() -> None:
    # When
    flat = read("flat", matrix="1 0 0 0 50 100")
    # Then
    left, top, right, bottom = flat.tokens[0].box
    assert 98 <= left < right <= 104 + 80
    assert top == bottom == 200


def test_text_outside_the_crop_box_is_left_out() -> None:
    # When the page is cropped behind the first word, and within the last
    layer = read("hidden shown mimimi", crop=(116, 0, 220, 200))
    # Then
    assert [token.text for token in layer.tokens] == ["shown", "mimimi"]
    assert layer.width == 208
    assert layer.tokens[1].box[2] == 208


@pytest.mark.parametrize(("turned", "rotation"), [(0, 0), (90, 270), (180, 180), (270, 90)])
def test_lines_of_a_page_that_is_seen_turned_come_in_their_order(turned: int, rotation: int) -> None:
    # When
    layer = read("one two) Tj 0 -30 Td (three four) Tj 0 -30 Td (five six", turned=turned)
    # Then
    assert [token.text for token in layer.tokens] == ["one", "two", "three", "four", "five", "six"]
    assert layer.rotation == rotation
    assert (layer.width, layer.height) == ((400, 800) if turned % 180 else (800, 400))


def test_a_page_that_is_seen_turned_stays_so() -> None:
    # When
    layer = read("one two", turned=90)
    # Then
    left, top, right, bottom = layer.tokens[0].box
    assert right - left < bottom - top
    assert 98 <= top <= 104
