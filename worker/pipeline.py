"""The order in which a page is made ready and read."""

import time
from dataclasses import dataclass

from shared.schemas import STEPS, Options
from worker.clean import clean
from worker.deskew import deskew
from worker.engines.base import Engine, Token, evidence, mean_confidence
from worker.ink import letter_height, shrink
from worker.languages import AUTO, choose_models
from worker.page import Page
from worker.perspective import perspective
from worker.scale import scale, scale_line
from worker.skew import measure_skews
from worker.tidy import tidy
from worker.upright import turn

_PAGE_PSM = 3
_BLOCK_PSM = 6
_LINE_PSM = 7
_DPI = 300
"""What Tesseract is told: letters have been brought to the height they have at this resolution."""
_LINE_HEIGHTS = 3.5
"""A picture lower than so many letter heights holds one line."""
_RECEIPT_WIDTHS = 50
"""A picture narrower than so many letter heights holds one column."""
_LINED_SHARPNESS = 2.0
_SIDEWAYS_RATIO = 1.2
_DOUBTFUL_CONFIDENCE = 64.0
_ORIENTATION_SIDE_PIXELS = 1_600


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read on which picture."""

    page: Page
    tokens: list[Token]
    prepare_seconds: float = 0.0
    recognize_seconds: float = 0.0


def read(page: Page, engine: Engine, options: Options) -> Reading:
    """Recognize one page."""
    started = time.perf_counter()
    steps = chosen_steps(options)
    level, is_sideways = prepare(page, steps)
    prepared = time.perf_counter()
    reading = _read_upright(level, engine, options, steps, is_sideways=is_sideways)
    tokens = tidy(reading.tokens)
    return Reading(reading.page, tokens, prepared - started, time.perf_counter() - prepared)


def _read_upright(
    level: Page, engine: Engine, options: Options, steps: frozenset[str], *, is_sideways: bool
) -> Reading:
    """The page read as it lies; what comes out badly is read the other way up, and the better kept."""
    first = _ask_upright(level, engine) if is_sideways else level
    reading = _recognize(first, engine, options, steps)
    if "upright" not in steps or mean_confidence(reading.tokens) >= _DOUBTFUL_CONFIDENCE:
        return reading
    second = level if is_sideways else _ask_upright(level, engine)
    if second.rotation == first.rotation:
        return reading
    turned = _recognize(second, engine, options, steps)
    return max(reading, turned, key=lambda each: evidence(each.tokens))


def chosen_steps(options: Options) -> frozenset[str]:
    """Names of the steps that may be applied."""
    if options.preprocess == "none":
        return frozenset()
    names = set(STEPS) if options.preprocess == "auto" else set(options.preprocess.split(","))
    if not options.rotate:
        names.discard("upright")
    if not options.deskew:
        names.discard("deskew")
    return frozenset(names)


def prepare(page: Page, steps: frozenset[str]) -> tuple[Page, bool]:
    """The page cut out, evenly lit and level, and whether its lines run along the columns of the picture."""
    if "perspective" in steps:
        page = perspective(page)
    if "clean" in steps:
        page = clean(page)
    if _is_line(page):
        return page, False
    level, plumb = measure_skews(page.image)
    is_sideways = plumb.sharpness > _SIDEWAYS_RATIO * level.sharpness
    skew = plumb if is_sideways else level
    if "deskew" in steps and skew.sharpness > _LINED_SHARPNESS:
        page = deskew(page, skew.degrees)
    return page, is_sideways and "upright" in steps


def _ask_upright(page: Page, engine: Engine) -> Page:
    found = engine.detect_orientation(shrink(page.image, _ORIENTATION_SIDE_PIXELS)[0])
    return turn(page, found.rotation) if found else page


def _recognize(page: Page, engine: Engine, options: Options, steps: frozenset[str]) -> Reading:
    """The page read at a good size; one that then shows nothing was measured wrongly, and is read as it is."""
    sized = page
    if "scale" in steps:
        sized = scale_line(page) if _is_line(page) else scale(page)
    reading = _recognize_as_is(sized, engine, options)
    return reading if reading.tokens or sized is page else _recognize_as_is(page, engine, options)


def _recognize_as_is(page: Page, engine: Engine, options: Options) -> Reading:
    psm = options.psm or _choose_psm(page)
    return Reading(page, engine.recognize(page.image, _models(page, engine, options.lang, psm), psm, _DPI))


def _models(page: Page, engine: Engine, lang: str, psm: int) -> str:
    if psm == _LINE_PSM and lang != AUTO:
        return lang  # a line is short enough to be of one script, and another model only costs time and errors
    script = engine.detect_orientation(shrink(page.image, _ORIENTATION_SIDE_PIXELS)[0]) if lang == AUTO else None
    return choose_models(lang, script)


def _is_line(page: Page) -> bool:
    height = letter_height(page.image)
    return height is not None and page.image.shape[0] < _LINE_HEIGHTS * height


def _choose_psm(page: Page) -> int:
    height = letter_height(page.image)
    if height is None:
        return _PAGE_PSM
    rows, columns = page.image.shape
    if rows < _LINE_HEIGHTS * height:
        return _LINE_PSM
    return _BLOCK_PSM if columns < _RECEIPT_WIDTHS * height else _PAGE_PSM
