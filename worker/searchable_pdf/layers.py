"""The invisible text that an earlier recognition left in a PDF."""

from collections.abc import Iterable

from pikepdf import Name, Object, Page, Pdf, Stream, parse_content_stream, unparse_content_stream

_INVISIBLE = 3
_SHOWING = frozenset({"Tj", "TJ", "'", '"'})


def remove_invisible_text(pdf: Pdf, page: Page) -> None:
    """Removes text of rendering mode 3 from the page and the forms it may draw, so that none is found twice.

    A program such as OCRmyPDF keeps its text in a form of its own.
    """
    if _sets_a_mode(page.Contents if "/Contents" in page else None):
        page.Contents = Stream(pdf, _filter(page.obj))
    for form in _find_forms(page):
        if _sets_a_mode(form):
            form.write(_filter(form))


def _find_forms(page: Page) -> Iterable[Object]:
    if "/XObject" not in page.resources:
        return []
    return [
        item
        for item in page.resources.XObject.values()
        if isinstance(item, Stream) and item.get("/Subtype") == Name.Form
    ]


def _sets_a_mode(contents: Object | None) -> bool:
    if contents is None:
        return False
    streams = [contents] if isinstance(contents, Stream) else list(contents)
    return any(b"Tr" in stream.read_bytes() for stream in streams)


def _filter(content: Object) -> bytes:
    mode, saved, kept = 0, [], []
    for instruction in parse_content_stream(content):
        operator = str(instruction.operator)
        if operator == "q":
            saved.append(mode)
        elif operator == "Q" and saved:
            mode = saved.pop()
        elif operator == "Tr":
            mode = int(instruction.operands[0])
        if mode != _INVISIBLE or operator not in _SHOWING:
            kept.append(instruction)
    return unparse_content_stream(kept)
