"""A font without ink: each character is the same bare diagonal, in an em's half square, and knows its Unicode.

The way of Tesseract's own PDFs (Type 0, Identity-H, CIDFontType2, ToUnicode), except that characters are numbered
as they come, so that any of them fits, and that the font program is made here.
"""

import functools
import struct

from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

ADVANCE = 0.5
"""Width of every glyph, in ems."""
DESCENT = 0.2
"""How far the glyphs reach below the baseline, in ems; above it they reach the rest of one em."""

_UNITS_PER_EM = 1000
_ADVANCE_UNITS = round(ADVANCE * _UNITS_PER_EM)
_ASCENT_UNITS = round((1 - DESCENT) * _UNITS_PER_EM)
_DESCENT_UNITS = -round(DESCENT * _UNITS_PER_EM)
_MOST_MAPPINGS = 100
"""Mappings that one `bfchar` section of a CMap may hold."""


class GlyphlessFont:
    """The font of one document; it learns its characters from `encode` and is complete after `finish`."""

    def __init__(self, pdf: Pdf) -> None:
        self._pdf = pdf
        self._codes: dict[str, int] = {}
        self.object = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type0))

    def encode(self, text: str) -> str:
        """The operand of a text-showing operator."""
        codes = self._codes
        return "<" + "".join(f"{codes.setdefault(character, len(codes) + 1):04x}" for character in text) + ">"

    def finish(self) -> None:
        self.object.BaseFont = Name.Glyphless
        self.object.Encoding = Name("/Identity-H")
        self.object.DescendantFonts = Array([self._make_descendant()])
        self.object.ToUnicode = Stream(self._pdf, _make_cmap(self._codes))

    def _make_descendant(self) -> Dictionary:
        to_glyph = b"\0\0" + b"\0\1" * len(self._codes)
        return Dictionary(
            Type=Name.Font,
            Subtype=Name.CIDFontType2,
            BaseFont=Name.Glyphless,
            CIDSystemInfo=Dictionary(Registry=String("Adobe"), Ordering=String("Identity"), Supplement=0),
            DW=_ADVANCE_UNITS,
            CIDToGIDMap=Stream(self._pdf, to_glyph),
            FontDescriptor=Dictionary(
                Type=Name.FontDescriptor,
                FontName=Name.Glyphless,
                Flags=5,  # fixed pitch, symbolic
                FontBBox=Array([0, _DESCENT_UNITS, _ADVANCE_UNITS, _ASCENT_UNITS]),
                ItalicAngle=0,
                Ascent=_ASCENT_UNITS,
                Descent=_DESCENT_UNITS,
                CapHeight=_ASCENT_UNITS,
                StemV=80,
                FontFile2=Stream(self._pdf, make_font_program()),
            ),
        )


def _make_cmap(codes: dict[str, int]) -> bytes:
    lines = [
        "/CIDInit /ProcSet findresource begin",
        "12 dict begin",
        "begincmap",
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
        "/CMapName /Adobe-Identity-UCS def",
        "/CMapType 2 def",
        "1 begincodespacerange",
        "<0000> <ffff>",
        "endcodespacerange",
    ]
    mappings = [f"<{code:04x}> <{_utf16(character)}>" for character, code in codes.items()]
    for start in range(0, len(mappings), _MOST_MAPPINGS):
        section = mappings[start : start + _MOST_MAPPINGS]
        lines += [f"{len(section)} beginbfchar", *section, "endbfchar"]
    lines += ["endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end"]
    return "\n".join(lines).encode()


def _utf16(character: str) -> str:
    return character.encode("utf-16-be", errors="replace").hex()


@functools.cache
def make_font_program() -> bytes:
    """A TrueType font with the tables that PDF asks of an embedded CIDFontType2, laid out as OpenType specifies.

    Glyph 1 is a contour of two points: it has no area and so no ink, yet an extent. pdfium drops upright text
    whose glyphs have none.
    """
    box = (0, _DESCENT_UNITS, _ADVANCE_UNITS, _ASCENT_UNITS)
    points = (1, 1, 0, _ADVANCE_UNITS, _DESCENT_UNITS, _ASCENT_UNITS - _DESCENT_UNITS)
    glyph = struct.pack(">5h2H2B4h", 1, *box, 1, 0, *points)
    head = struct.pack(">4I2H2q4h2H3h", 0x10000, 0x10000, 0, 0x5F0F3CF5, 0, _UNITS_PER_EM, 0, 0, *box, 0, 3, 2, 0, 0)
    metrics = (_ASCENT_UNITS, _DESCENT_UNITS, 0, _ADVANCE_UNITS, 0, 0, _ADVANCE_UNITS, 1, 0, 0, 0, 0, 0, 0, 0, 1)
    tables = {
        b"glyf": glyph,
        b"head": head,
        b"hhea": struct.pack(">I3hH11hH", 0x10000, *metrics),
        b"hmtx": struct.pack(">Hhh", _ADVANCE_UNITS, 0, 0),
        b"loca": struct.pack(">3H", 0, 0, len(glyph) // 2),
        b"maxp": struct.pack(">I14H", 0x10000, 2, 2, 1, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0),
    }
    font = _assemble(tables)
    adjustment = (0xB1B0AFBA - _checksum(font)) & 0xFFFFFFFF
    return _assemble({**tables, b"head": head[:8] + struct.pack(">I", adjustment) + head[12:]}, checked=tables)


def _assemble(tables: dict[bytes, bytes], checked: dict[bytes, bytes] | None = None) -> bytes:
    """An sfnt file; the checksums are those of the tables `checked`, which differ by the adjustment in `head`."""
    count = len(tables)
    power = count.bit_length() - 1
    directory = struct.pack(">I4H", 0x10000, count, 16 << power, power, 16 * count - (16 << power))
    offset = 12 + 16 * count
    body = b""
    for tag, data in tables.items():
        checksum = _checksum((checked or tables)[tag])
        directory += tag + struct.pack(">3I", checksum, offset + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    return directory + body


def _checksum(data: bytes) -> int:
    padded = data + bytes(-len(data) % 4)
    words: tuple[int, ...] = struct.unpack(f">{len(padded) // 4}I", padded)
    return sum(words) & 0xFFFFFFFF
