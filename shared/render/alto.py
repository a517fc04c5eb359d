"""ALTO 4 (https://www.loc.gov/standards/alto/), valid against version 4.2 of its schema and so against later ones."""

from xml.etree.ElementTree import Element

from shared.render.geometry import reading_angle, words_of
from shared.render.markup import add, describe_failure, serialize
from shared.schemas import Block, Line, PageResult, Result, Word

_NAMESPACE = "http://www.loc.gov/standards/alto/ns-v4#"
_SCHEMA = "http://www.loc.gov/standards/alto/v4/alto-4-2.xsd"


def render_alto(result: Result, filename: str) -> str:
    """Pages, blocks, lines and words with confidences from 0 to 1; boxes in pixels of the upload.

    Blocks whose lines do not run from left to right carry `ROTATION`, in degrees counterclockwise. A failed page is
    an empty `Page` of `QUALITY` "Missing" that says why in `QUALITY_DETAIL`.
    """
    root = Element("alto", {"xmlns": _NAMESPACE, "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance"})
    root.set("xsi:schemaLocation", f"{_NAMESPACE} {_SCHEMA}")
    description = add(root, "Description")
    add(description, "MeasurementUnit", "pixel")
    add(add(description, "sourceImageInformation"), "fileName", filename)
    software = add(add(description, "Processing", ID="processing_1"), "processingSoftware")
    add(software, "softwareName", result["engine"]["name"])
    add(software, "softwareVersion", result["engine"]["version"])
    layout = add(root, "Layout")
    for page in result["pages"]:
        _add_page(layout, page)
    return serialize(root, "")


def _add_page(layout: Element, page: PageResult) -> None:
    number, width, height = page["number"], page["width"], page["height"]
    element = add(layout, "Page", ID=f"page_{number}", PHYSICAL_IMG_NR=number, WIDTH=width, HEIGHT=height)
    if page["status"] == "failed":
        element.set("QUALITY", "Missing")
        element.set("QUALITY_DETAIL", describe_failure(page))
    else:
        element.set("PC", _share(page["confidence"]))
    space = add(element, "PrintSpace", HPOS=0, VPOS=0, WIDTH=width, HEIGHT=height)
    angle = reading_angle(page)
    for index, block in enumerate(page["blocks"], 1):
        _add_block(space, block, f"{number}_{index}", angle)


def _add_block(space: Element, block: Block, name: str, angle: float) -> None:
    element = add(space, "TextBlock", ID=f"block_{name}", **_place(block["bbox"]))
    if angle:
        element.set("ROTATION", f"{-angle % 360:.5g}")
    for index, line in enumerate(block["lines"], 1):
        _add_line(element, line, f"{name}_{index}")


def _add_line(block: Element, line: Line, name: str) -> None:
    element = add(block, "TextLine", ID=f"line_{name}", **_place(line["bbox"]))
    previous: Word | None = None
    for index, word in enumerate(words_of(line), 1):
        if previous:
            left, right = previous["bbox"][2], word["bbox"][0]
            add(element, "SP", HPOS=min(left, right), VPOS=word["bbox"][1], WIDTH=max(0, right - left))
        place = _place(word["bbox"])
        add(element, "String", ID=f"word_{name}_{index}", CONTENT=word["text"], WC=_share(word["confidence"]), **place)
        previous = word


def _place(box: list[int]) -> dict[str, int]:
    left, top, right, bottom = box
    return {"HPOS": left, "VPOS": top, "WIDTH": right - left, "HEIGHT": bottom - top}


def _share(percent: float) -> str:
    return f"{min(1.0, max(0.0, percent / 100)):.4g}"
