"""The order in which a page is made ready and read."""

from dataclasses import dataclass

from shared.schemas import Options
from worker.engines.base import Engine, Token
from worker.page import Page

_DEFAULT_PSM = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read on which picture."""

    page: Page
    tokens: list[Token]


def read(page: Page, engine: Engine, languages: str, options: Options) -> Reading:
    """Recognize one page."""
    psm = options.psm or _DEFAULT_PSM
    return Reading(page, engine.recognize(page.image, languages, psm, page.dpi))
