"""The text that a PDF has of its own, before it is recognized."""

from collections.abc import Iterable

from pikepdf import (
    ContentStreamInstruction,
    Dictionary,
    Name,
    Object,
    Operator,
    Page,
    Pdf,
    Stream,
    String,
    parse_content_stream,
    unparse_content_stream,
)

_INVISIBLE = 3
_SHOWING = frozenset({"Tj", "TJ", "'", '"'})
_BEGIN = ContentStreamInstruction([Name.Span, Dictionary(ActualText=String(" "))], Operator("BDC"))
"""What follows reads as a space; pdfium takes it for itself where it reads as nothing."""
_END = ContentStreamInstruction([], Operator("EMC"))
_MOST_BYTES = 8 << 20
"""Operators take fifty times as much memory when they are told from each other."""
_OF_THE_DATA = frozenset({"/Length", "/Filter", "/DecodeParms"})


def silence_text(pdf: Pdf, page: Page) -> None:
    """Makes the page's text and that of the forms it may draw impossible to find, so that none is found twice.

    What is invisible is removed; what is seen stays so, and reads as nothing. A program such as OCRmyPDF keeps its text
    in a form of its own. A form that is changed is one of this page's own from then on.
    """
    if _has_text(page.Contents if "/Contents" in page else None):
        page.Contents = Stream(pdf, _filter(page.obj))
    forms = {name: _copy(pdf, form) for name, form in _find_forms(page) if _has_text(form)}
    if forms:
        page.Resources = Dictionary(dict(page.resources.items()))
        page.Resources.XObject = Dictionary(dict(page.Resources.XObject.items()))
        for name, form in forms.items():
            page.Resources.XObject[name] = form


def _find_forms(page: Page) -> Iterable[tuple[str, Stream]]:
    if "/XObject" not in page.resources:
        return []
    return [
        (name, item)
        for name, item in page.resources.XObject.items()
        if isinstance(item, Stream) and item.get("/Subtype") == Name.Form
    ]


def _has_text(contents: Object | None) -> bool:
    if contents is None:
        return False
    streams = [contents] if isinstance(contents, Stream) else list(contents)
    data = b"\n".join(stream.read_bytes() for stream in streams)
    return b"BT" in data and len(data) <= _MOST_BYTES


def _copy(pdf: Pdf, form: Stream) -> Stream:
    copy = Stream(pdf, _filter(form))
    for name, value in form.items():
        if name not in _OF_THE_DATA:
            copy[name] = value
    return copy


def _filter(content: Object) -> bytes:
    mode, saved, kept = 0, [], []
    for instruction in parse_content_stream(content):
        operator = str(instruction.operator)
        if operator == "q":
            saved.append(mode)
        elif operator == "Q" and saved:
            mode = saved.pop()
        elif operator == "Tr" and instruction.operands:
            mode = int(instruction.operands[0])
        if operator not in _SHOWING:
            kept.append(instruction)
        elif mode != _INVISIBLE:
            kept += [_BEGIN, instruction, _END]
    return unparse_content_stream(kept)
