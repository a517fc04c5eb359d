"""hOCR 1.2 (https://kba.github.io/hocr-spec/1.2/), as XHTML."""

from xml.etree.ElementTree import Element

from shared.render.geometry import reading_angle, words_of
from shared.render.markup import add, describe_failure, serialize
from shared.schemas import Block, Line, PageResult, Result

_DOCTYPE = (
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" '
    '"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">\n'
)
_CLASSES = "ocr_page ocr_carea ocr_par ocr_line ocrx_word ocrp_wconf"


def render_hocr(result: Result, filename: str) -> str:
    """Pages, areas, paragraphs, lines and words; boxes in pixels of the upload.

    Lines that do not run from left to right carry `textangle`, in degrees counterclockwise. A failed page is an
    `ocr_page` with a plain paragraph that says why, which is of no OCR class.
    """
    html = Element("html", {"xmlns": "http://www.w3.org/1999/xhtml"})
    head = add(html, "head")
    add(head, "title", filename)
    add(head, "meta", **{"http-equiv": "Content-Type", "content": "text/html; charset=utf-8"})
    add(head, "meta", name="ocr-system", content=f"{result['engine']['name']} {result['engine']['version']}")
    add(head, "meta", name="ocr-capabilities", content=_CLASSES)
    add(head, "meta", name="ocr-number-of-pages", content=len(result["pages"]))
    body = add(html, "body")
    for page in result["pages"]:
        _add_page(body, page, filename)
    return serialize(html, _DOCTYPE)


def _add_page(body: Element, page: PageResult, filename: str) -> None:
    number, dpi = page["number"], page["dpi"]
    # The property is a quoted string, and hOCR has no escape for the quote.
    image = filename.replace('"', "'")
    box = _box([0, 0, page["width"], page["height"]])
    title = f'image "{image}"; {box}; ppageno {number - 1}; scan_res {dpi} {dpi}'
    element = add(body, "div", **{"class": "ocr_page", "id": f"page_{number}", "title": title})
    if page["status"] == "failed":
        add(element, "p", describe_failure(page))
    angle = reading_angle(page)
    for index, block in enumerate(page["blocks"], 1):
        _add_block(element, block, f"{number}_{index}", angle)


def _add_block(page: Element, block: Block, name: str, angle: float) -> None:
    title = _box(block["bbox"])
    area = add(page, "div", **{"class": "ocr_carea", "id": f"block_{name}", "title": title})
    paragraph = add(area, "p", **{"class": "ocr_par", "id": f"par_{name}", "title": title})
    for index, line in enumerate(block["lines"], 1):
        _add_line(paragraph, line, f"{name}_{index}", angle)


def _add_line(paragraph: Element, line: Line, name: str, angle: float) -> None:
    title = _box(line["bbox"]) + (f"; textangle {-angle % 360:.5g}" if angle else "")
    element = add(paragraph, "span", **{"class": "ocr_line", "id": f"line_{name}", "title": title})
    for index, word in enumerate(words_of(line), 1):
        certainty = f"x_wconf {min(100, max(0, round(word['confidence'])))}"
        title = f"{_box(word['bbox'])}; {certainty}"
        child = add(
            element, "span", word["text"], **{"class": "ocrx_word", "id": f"word_{name}_{index}", "title": title}
        )
        child.tail = " "


def _box(box: list[int]) -> str:
    return "bbox " + " ".join(map(str, box))
