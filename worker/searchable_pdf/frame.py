"""Where pixels lie on a PDF page.

A frame has its origin in the lower left corner of the page as it is seen and a pixel of the upload as its unit; a
`Matrix` takes it to the page's user space.
"""

from typing import TypeVar

from pikepdf import Object, Page

from shared.schemas import Block, Line, PageResult, Word
from worker.orientation import EXIF_TURNS

Size = TypeVar("Size", int, float)
Matrix = tuple[float, float, float, float, float, float]
"""The operands of `cm`: (x, y) becomes (ax + cy + e, bx + dy + f)."""

_POINTS_PER_INCH = 72
_LEAST_SIDE_POINTS, _MOST_SIDE_POINTS = 3, 14_400
"""PDF's limits for a page, by its Annex C."""
_QUARTER_TURN = 90
_MOST_ANCESTORS = 64


def fit_scale(width: float, height: float, dpi: int) -> float:
    """Points per pixel at `dpi`, or what keeps the page within PDF's limits."""
    scale = _POINTS_PER_INCH / max(1, dpi)
    return max(min(scale, _MOST_SIDE_POINTS / max(width, height)), _LEAST_SIDE_POINTS / min(width, height))


def turn_point(x: float, y: float, width: int, height: int, orientation: int) -> tuple[float, float]:
    """Where the pixel (x, y) of a `width` x `height` picture, as stored, is seen under an EXIF orientation."""
    transposed, mirrored, flipped = EXIF_TURNS.get(orientation, (False, False, False))
    if transposed:
        x, y, width, height = y, x, height, width
    return (width - x if mirrored else x), (height - y if flipped else y)


def turn_size(width: Size, height: Size, orientation: int) -> tuple[Size, Size]:
    transposed = EXIF_TURNS.get(orientation, (False, False, False))[0]
    return (height, width) if transposed else (width, height)


def place_picture(width: int, height: int, orientation: int) -> Matrix:
    """Takes PDF's unit square of an image to the frame of its page, upright."""
    seen_height = turn_size(width, height, orientation)[1]
    corners = [turn_point(x, y, width, height, orientation) for x, y in ((0, height), (width, height), (0, 0))]
    (x0, y0), (x1, y1), (x2, y2) = [(x, seen_height - y) for x, y in corners]
    return (x1 - x0, y1 - y0, x2 - x0, y2 - y0, x0, y0)


def turn_page(page: PageResult, orientation: int) -> PageResult:
    """The page with its boxes as they are seen under an EXIF orientation."""
    if orientation not in EXIF_TURNS:
        return page
    size = page["width"], page["height"]

    def turn(box: list[int]) -> list[int]:
        (x0, y0), (x1, y1) = (turn_point(x, y, *size, orientation) for x, y in (box[:2], box[2:]))
        return [round(edge) for edge in (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))]

    def turn_line(line: Line) -> Line:
        words: list[Word] = [{**word, "bbox": turn(word["bbox"])} for word in line["words"]]
        return {**line, "bbox": turn(line["bbox"]), "words": words}

    blocks: list[Block] = [
        {"bbox": turn(block["bbox"]), "lines": [turn_line(line) for line in block["lines"]]} for block in page["blocks"]
    ]
    width, height = turn_size(*size, orientation)
    return {**page, "width": width, "height": height, "blocks": blocks}


def place_frame(page: Page, width: int, height: int) -> Matrix:
    """Takes the frame of a `width` x `height` rendering of a PDF page to the page's user space.

    A rendering shows the part of the media box inside the crop box, turned by /Rotate.
    """
    left, bottom, right, top = _visible_box(page)
    across, up = right - left, top - bottom
    match _inherited_rotation(page) // _QUARTER_TURN % 4:
        case 1:
            return (0, up / width, -across / height, 0, right, bottom)
        case 2:
            return (-across / width, 0, 0, -up / height, right, top)
        case 3:
            return (0, -up / width, across / height, 0, left, top)
        case _:
            return (across / width, 0, 0, up / height, left, bottom)


def _visible_box(page: Page) -> tuple[float, float, float, float]:
    media, crop = _corners(page.mediabox), _corners(page.cropbox)
    left, bottom = max(media[0], crop[0]), max(media[1], crop[1])
    right, top = min(media[2], crop[2]), min(media[3], crop[3])
    return (left, bottom, right, top) if left < right and bottom < top else media


def _corners(box: Object) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = (float(edge) for edge in box)
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _inherited_rotation(page: Page) -> int:
    node: Object = page.obj
    for _ in range(_MOST_ANCESTORS):
        if "/Rotate" in node:
            return int(node.Rotate)
        if "/Parent" not in node:
            break
        node = node.Parent
    return 0
