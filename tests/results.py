"""Results as the pipeline makes them, written down by hand."""

from collections.abc import Iterable
from typing import Any

from shared.errors import Code, OcrError
from shared.schemas import Line, PageResult, Result, Word

CHARACTER_PIXELS, LINE_PIXELS = 10, 20

Placed = tuple[str, int, int]
"""Words separated by spaces, and the left upper corner of the first."""


def make_line(text: str, left: int, top: int) -> Line:
    words: list[Word] = []
    x = left
    for part in text.split(" "):
        width = CHARACTER_PIXELS * len(part)
        words.append({"text": part, "bbox": [x, top, x + width, top + LINE_PIXELS], "confidence": 91.5})
        x += width + CHARACTER_PIXELS
    return {
        "text": text,
        "bbox": [left, top, x - CHARACTER_PIXELS, top + LINE_PIXELS],
        "confidence": 91.5,
        "words": words,
    }


def make_page(*blocks: Iterable[Placed], number: int = 1, **changes: Any) -> PageResult:
    lines = [[make_line(*placed) for placed in block] for block in blocks]
    page = {
        "number": number,
        "status": "succeeded",
        "width": 600,
        "height": 400,
        "dpi": 100,
        "rotation": 0,
        "skew_degrees": 0.0,
        "confidence": 91.5,
        "text_source": "ocr",
        "text": "\n".join(line["text"] for block in lines for line in block),
        "preprocessing": [],
        "timings_ms": {"load": 1.0, "preprocess": 1.0, "recognise": 1.0},
        "blocks": [{"bbox": surround(line["bbox"] for line in block), "lines": block} for block in lines],
        "error": None,
    }
    return {**page, **changes}  # type: ignore[return-value, typeddict-item] # the changes are a test's own


def make_failed_page(number: int = 1, **changes: Any) -> PageResult:
    error = OcrError(Code.PAGE_TIMEOUT, "120 s passed.").problem()
    return make_page(number=number, status="failed", error=error, confidence=0.0, **changes)


def make_result(*pages: PageResult) -> Result:
    return {
        "text": "\n".join(page["text"] for page in pages),
        "language": ["eng"],
        "confidence": 91.5,
        "engine": {"name": "tesseract", "version": "5.5.4"},
        "pages": list(pages),
        "warnings": [],
    }


def make_task(*pages: PageResult, filename: str = "scan.png") -> dict[str, Any]:
    return {"filename": filename, "result": make_result(*pages)}


def surround(boxes: Iterable[list[int]]) -> list[int]:
    left, top, right, bottom = zip(*boxes, strict=True)
    return [min(left), min(top), max(right), max(bottom)]
