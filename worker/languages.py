"""Which models a page is read with, and which languages its text is in."""

import unicodedata

from shared.errors import Code, OcrError
from worker.engines.base import Orientation
from worker.tessdata import installed_languages

AUTO = "auto"
WITHOUT_LATIN = frozenset({"bel", "bul", "ell", "kaz", "mkd", "rus", "srp", "ukr"})
"""Languages whose letters PP-OCR does not know."""
_LATIN, _CYRILLIC = "eng", "rus"
_CYRILLIC_SCRIPTS = frozenset({"rus", "ukr", "bel", "bul", "srp", "mkd"})
_SURE_SCRIPT = 2.0
_NOTABLE_SHARE = 0.05
"""Share of the letters from which a script counts as one of the text's."""


def check_languages(lang: str) -> None:
    """Raise `language_not_installed` naming what is missing and what there is."""
    if lang == AUTO:
        return
    installed = installed_languages()
    missing = [language for language in lang.split("+") if language not in installed]
    if missing:
        detail = f"Not installed: {', '.join(missing)}. Installed: {', '.join(installed)}."
        raise OcrError(Code.LANGUAGE_NOT_INSTALLED, detail, missing=missing, installed=installed)


def choose_models(lang: str, orientation: Orientation | None) -> str:
    """Model names joined by `+`: those asked for, and English beside a Cyrillic language, or by the script.

    Russian documents are full of addresses, units and model numbers in Latin letters.
    """
    installed = list(installed_languages())
    names = lang.split("+") if lang != AUTO else _by_script(orientation, installed)
    if _CYRILLIC_SCRIPTS.issuperset(names) and _LATIN in installed:
        names = [*names, _LATIN]
    return "+".join(names)


def models_of_other_script(lang: str, models: str) -> str:
    """What may read lines that `models` cannot, where no language was asked for; none if there is nothing else."""
    return _CYRILLIC if lang == AUTO and models == _LATIN and _CYRILLIC in installed_languages() else ""


def languages_of(lang: str, text: str) -> list[str]:
    """The languages asked for, or those whose script the text shows."""
    if lang != AUTO:
        return lang.split("+")
    cyrillic = sum("CYRILLIC" in unicodedata.name(character, "") for character in text)
    latin = sum("LATIN" in unicodedata.name(character, "") for character in text)
    counts = {_CYRILLIC: cyrillic, _LATIN: latin}
    shown = [name for name, count in counts.items() if count > _NOTABLE_SHARE * (cyrillic + latin)]
    return sorted(shown, key=lambda name: -counts[name]) or [_LATIN]


def _by_script(orientation: Orientation | None, installed: list[str]) -> list[str]:
    if _CYRILLIC not in installed:
        return [_LATIN] if _LATIN in installed else installed[:1]
    is_latin = orientation and orientation.script == "Latin" and orientation.script_confidence > _SURE_SCRIPT
    return [_LATIN] if is_latin and _LATIN in installed else [_CYRILLIC]
