"""Results of one page, however it came to its text."""

from shared.errors import OcrError
from shared.schemas import PageResult, Timings
from worker.engines.base import Token, mean_confidence
from worker.page import Page
from worker.pipeline import Reading
from worker.postprocess import arrange, place, text_of
from worker.text_layer import TextLayer


def ocr_page(number: int, page: Page, reading: Reading, load_seconds: float) -> PageResult:
    """The result of a page that was loaded as `page` and recognized."""
    result = _page(number, page.width, page.height, page.dpi, place(reading.page, reading.tokens))
    result["rotation"] = reading.page.rotation
    result["skew_degrees"] = reading.page.skew_degrees
    result["preprocessing"] = list(reading.page.steps)
    result["timings_ms"] = Timings(
        load=_ms(load_seconds), preprocess=_ms(reading.prepare_seconds), recognise=_ms(reading.recognize_seconds)
    )
    if reading.is_hurried:
        result["hurried"] = True
    return result


def layer_page(number: int, layer: TextLayer, load_seconds: float) -> PageResult:
    """The result of a page whose own text was taken."""
    result = _page(number, layer.width, layer.height, layer.dpi, layer.tokens)
    result["text_source"] = "text_layer"
    result["rotation"] = layer.rotation
    result["timings_ms"]["load"] = _ms(load_seconds)
    if layer.lacks_print:
        result["lacks_print"] = True
    return result


def failed_page(number: int, error: OcrError) -> PageResult:
    """The result of a page that could not be read."""
    result = _page(number, 0, 0, 0, [])
    result["status"] = "failed"
    result["error"] = error.problem()
    return result


def _page(number: int, width: int, height: int, dpi: int, tokens: list[Token]) -> PageResult:
    blocks = arrange(tokens)
    return PageResult(
        number=number,
        status="succeeded",
        width=width,
        height=height,
        dpi=dpi,
        rotation=0,
        skew_degrees=0.0,
        confidence=round(mean_confidence(tokens), 1),
        text_source="ocr",
        text=text_of(blocks),
        preprocessing=[],
        timings_ms=Timings(load=0.0, preprocess=0.0, recognise=0.0),
        blocks=blocks,
        error=None,
    )


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)
