"""The order in which a page is made ready and read."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from shared.schemas import STEPS, Options
from worker.across import read_across
from worker.clean import clean
from worker.columns import has_columns
from worker.cutting import Reader
from worker.deskew import deskew, deskew_letters
from worker.despeckle import despeckle
from worker.doubtful import read_doubtful
from worker.engines.auto import AutoEngine
from worker.engines.base import Engine, Token, evidence, mean_confidence
from worker.flatten import flatten
from worker.ink import Letters, find_ink, find_letters, share_across, shrink
from worker.languages import AUTO, choose_models, models_of_other_script
from worker.line import read_few, read_line
from worker.missed import read_missed
from worker.page import Gray, Page
from worker.perspective import perspective
from worker.scale import scale, scale_letters
from worker.skew import measure_skews
from worker.stamps import unstamp
from worker.superscript import read_superscripts
from worker.tidy import tidy
from worker.undot import undot
from worker.unrule import unrule
from worker.upright import turn

_PAGE_PSM = 3
_BLOCK_PSM = 6
_LINE_PSM = 7
_DPI = 300
"""What Tesseract is told: letters have been brought to the height they have at this resolution."""
_LINE_HEIGHTS = 3.5
"""A picture lower than so many letter heights holds one line."""
_RECEIPT_WIDTHS = 50
"""A picture narrower than so many letter heights holds one column, if not several of print."""
_FEWEST_DOTS = 30
"""Dots in rows that make a table of contents or a form."""
_SIDEWAYS_RATIO = 1.2
_ACROSS_SHARE = 0.5
_DOUBTFUL_CONFIDENCE = 64.0
_ORIENTATION_SIDE_PIXELS = 1_600
_MOST_SECONDS = 30.0
"""A page that has taken so long is not read once more to make it better."""
_MOST_FIRST_SECONDS = 10.0
"""What takes Tesseract longer would take PP-OCR longer than a page may take."""


Clock = Callable[[], bool]
"""Whether a page has taken its time."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read on which picture, with which models and segmentation.

    Its letters are `letter_pixels` tall, 0 if not known. It `is_hurried` where something that might have made it better
    was left out, for it had taken too long.
    """

    page: Page
    tokens: list[Token]
    models: str = ""
    psm: int = _PAGE_PSM
    letter_pixels: float = 0.0
    is_hurried: bool = False
    prepare_seconds: float = 0.0
    recognize_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Level:
    """A page ready to be read, and the letters on it.

    It `is_sideways` where its lines run along the columns of the picture, and `is_dotted` where rows of dots join what
    stands at both sides of wide gaps, though they have been taken out.
    """

    page: Page
    letters: Letters | None
    is_sideways: bool = False
    is_dotted: bool = False


def read(page: Page, engine: Engine, options: Options, most_seconds: float = _MOST_SECONDS) -> Reading:
    """Recognize one page; what makes a reading better is tried for `most_seconds`."""
    started = time.perf_counter()
    is_hurried = False

    def is_late() -> bool:
        nonlocal is_hurried
        is_hurried = is_hurried or time.perf_counter() - started > most_seconds
        return is_hurried

    steps = chosen_steps(options)
    level = prepare(page, steps)
    prepared = time.perf_counter()
    reading = _read_upright(level, engine, options, steps, is_late)
    tokens = tidy(_complete(reading, engine, options, is_late))
    if options.spelling and engine.name != "rapidocr":
        from worker.spelling import spell  # noqa: PLC0415 - loads ONNX Runtime, which only a reader should

        tokens = spell(reading.page.image, tokens, reading.models, is_late)
    return replace(
        reading,
        tokens=tokens,
        is_hurried=reading.is_hurried or is_hurried,
        prepare_seconds=prepared - started,
        recognize_seconds=time.perf_counter() - prepared,
    )


def _read_upright(level: Level, engine: Engine, options: Options, steps: frozenset[str], is_late: Clock) -> Reading:
    """The page read as it lies; what comes out badly is read the other way up, and the better kept.

    Only that is then read by the engine that takes several times as long, the other one where it is of no help.
    """
    first = _ask_upright(level, engine, steps) if level.is_sideways else level
    readings = [_recognize(first, engine, options, is_late)]
    if "upright" in steps and _is_doubtful(readings[0]) and not is_late():
        second = level if level.is_sideways else _ask_upright(level, engine, steps)
        if second.page.rotation != first.page.rotation:
            readings.append(_recognize(second, engine, options, is_late))
    better, *worse = sorted(readings, key=_count_evidence, reverse=True)
    better = _read_again(better, engine)
    if not worse or not _is_doubtful(better) or is_late():
        return better
    return max(better, _read_again(worse[0], engine), key=_count_evidence)


def _read_again(reading: Reading, engine: Engine) -> Reading:
    """The page with what its first engine was unsure of read by the other one; lines have been."""
    if not isinstance(engine, AutoEngine) or reading.psm == _LINE_PSM:
        return reading
    if not engine.wants_again(reading.tokens, reading.models):
        return reading
    if reading.recognize_seconds > _MOST_FIRST_SECONDS:
        return replace(reading, is_hurried=True)
    tokens = engine.read_again(reading.page.image, reading.tokens, reading.models, reading.psm, _DPI)
    return replace(reading, tokens=tokens)


def _is_doubtful(reading: Reading) -> bool:
    return mean_confidence(reading.tokens) < _DOUBTFUL_CONFIDENCE


def _count_evidence(reading: Reading) -> float:
    return evidence(reading.tokens)


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


def prepare(page: Page, steps: frozenset[str]) -> Level:
    """The page cut out, evenly lit and level; of a single line only the light is made even."""
    page = unstamp(page) if "unstamp" in steps else page
    page = despeckle(page) if "despeckle" in steps else page
    letters = find_letters(page.image)
    is_line = _is_line(page, letters)
    uncovered = perspective(page) if "perspective" in steps and not is_line else page
    cleaned = clean(uncovered) if "clean" in steps else uncovered
    if cleaned is not page:
        letters = find_letters(cleaned.image)
        is_line = _is_line(cleaned, letters)
    if is_line:
        return Level(cleaned, letters)
    across, down = measure_skews(cleaned.image)
    is_sideways = down.sharpness > _SIDEWAYS_RATIO * across.sharpness and not _runs_across(letters)
    skew = down if is_sideways else across
    if "deskew" in steps and skew.is_lined:
        leveled = deskew(cleaned, skew.degrees)
        if letters and leveled is not cleaned:
            letters = deskew_letters(letters, skew.degrees, cleaned, leveled)
        cleaned = leveled
    level = Level(cleaned, letters, is_sideways and "upright" in steps)
    return level if is_sideways else _unrule_and_flatten(level, steps)


def _unrule_and_flatten(level: Level, steps: frozenset[str]) -> Level:
    bare, letters = level.page, level.letters
    is_dotted = letters is not None and len(letters.dots) >= _FEWEST_DOTS
    if "unrule" in steps:
        bare = unrule(undot(bare, letters) if letters else bare)
    if bare is not level.page:
        letters = find_letters(bare.image)
    flat = flatten(bare, letters) if "deskew" in steps and letters else bare
    if flat is not bare:
        letters = find_letters(flat.image)
    return replace(level, page=flat, letters=letters, is_dotted=is_dotted)


def _ask_upright(level: Level, engine: Engine, steps: frozenset[str]) -> Level:
    found = engine.detect_orientation(shrink(level.page.image, _ORIENTATION_SIDE_PIXELS)[0])
    if not found or not found.rotation:
        return level
    page = turn(level.page, found.rotation)
    turned = Level(page, find_letters(page.image), level.is_sideways)
    return _unrule_and_flatten(turned, steps) if level.is_sideways else turned


def _recognize(level: Level, engine: Engine, options: Options, is_late: Clock) -> Reading:
    """The page read with the models of its script, or of the other one where that was taken for it by mistake."""
    models = _models(level, engine, options)
    reading = _recognize_with(models, level, engine, options, is_late)
    other = models_of_other_script(options.lang, models)
    if not other or not _is_doubtful(reading) or is_late():
        return reading
    again = _recognize_with(choose_models(other, None), level, engine, options, is_late)
    return max(reading, again, key=_count_evidence)


def _recognize_with(models: str, level: Level, engine: Engine, options: Options, is_late: Clock) -> Reading:
    """The page read at a good size; one that then shows nothing was measured wrongly, and is read as it is.

    What is no line is read by the first engine alone.
    """
    started = time.perf_counter()
    page, letters = level.page, level.letters
    is_scaled = "scale" in chosen_steps(options)
    psm = options.psm or _choose_psm(level)
    chosen = engine if psm == _LINE_PSM else _quick(engine)

    def recognize(image: Gray, psm: int = psm) -> list[Token]:
        return chosen.recognize(image, models, psm, _DPI)

    def make(sized: Page, tokens: list[Token], psm: int, letter_pixels: float = 0.0) -> Reading:
        seconds = time.perf_counter() - started
        return Reading(sized, tokens, models, psm, letter_pixels, recognize_seconds=seconds)

    if is_scaled and letters:
        if _is_line(page, letters):
            sized, tokens = read_line(page, letters.height, recognize, _line_reader(_quick(engine), models))
        else:
            sized = scale(page, letters)
            tokens = recognize(sized.image)
            if psm == _PAGE_PSM and not options.psm:
                tokens = read_across(
                    tokens,
                    scale_letters(letters, page, sized),
                    lambda: (
                        []
                        if is_late() or has_columns(page.image, letters.height)
                        else recognize(sized.image, _BLOCK_PSM)
                    ),
                )
        if tokens or sized is page:
            return make(sized, tokens, psm, letters.height * sized.image.shape[0] / page.image.shape[0])
    elif is_scaled and not options.psm:
        sized, tokens = read_few(page, _line_reader(_quick(engine), models))
        if tokens:
            return make(sized, tokens, _LINE_PSM)
    return make(page, recognize(page.image), psm)


def _line_reader(engine: Engine, models: str) -> Reader:
    return lambda image: engine.recognize(image, models, _LINE_PSM, _DPI)


def _quick(engine: Engine) -> Engine:
    """For small pictures, for which the engine that reads again what is unsure would take too long."""
    return engine.first if isinstance(engine, AutoEngine) else engine


def _complete(reading: Reading, engine: Engine, options: Options, is_late: Clock) -> list[Token]:
    """The words of a page with what Tesseract passed over, and with lines and marks that it could not make out."""
    image, letters, models = reading.page.image, reading.letter_pixels, reading.models
    is_line = image.shape[0] < _LINE_HEIGHTS * letters
    if not letters or is_line or options.psm or engine.name == "rapidocr":
        return reading.tokens
    ink, read = find_ink(image), _timely(_line_reader(_quick(engine), models), is_late)
    tokens = read_missed(image, ink, letters, reading.tokens, read)
    readers = [_line_reader(engine, models)]
    if other := models_of_other_script(options.lang, models):
        readers.append(_line_reader(_quick(engine), other))
    tokens = read_doubtful(image, letters, tokens, [_timely(reader, is_late) for reader in readers])
    return read_superscripts(image, ink, tokens, read)


def _timely(read: Reader, is_late: Clock) -> Reader:
    return lambda image: [] if is_late() else read(image)


def _models(level: Level, engine: Engine, options: Options) -> str:
    if options.lang == AUTO:
        small, _ = shrink(level.page.image, _ORIENTATION_SIDE_PIXELS)
        return choose_models(AUTO, engine.detect_orientation(small))
    if options.psm == _LINE_PSM or (not options.psm and _is_line(level.page, level.letters)):
        return options.lang  # a line is short enough to be of one script, and another model only costs time and errors
    return choose_models(options.lang, None)


def _is_line(page: Page, letters: Letters | None) -> bool:
    return letters is not None and page.image.shape[0] < _LINE_HEIGHTS * letters.height


def _runs_across(letters: Letters | None) -> bool:
    """Prices at the right edge of a receipt look like lines from top to bottom; its letters tell otherwise."""
    return letters is not None and share_across(letters) > _ACROSS_SHARE


def _choose_psm(level: Level) -> int:
    if level.letters is None:
        return _PAGE_PSM
    if _is_line(level.page, level.letters):
        return _LINE_PSM
    image, height = level.page.image, level.letters.height
    is_block = level.is_dotted or image.shape[1] < _RECEIPT_WIDTHS * height
    return _BLOCK_PSM if is_block and not has_columns(image, height) else _PAGE_PSM
