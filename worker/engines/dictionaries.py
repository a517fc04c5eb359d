"""The words that Tesseract's models know, kept open for each language."""

import functools

from worker import tessdata
from worker.engines.lstm.dictionary import Dictionary, load_dictionary
from worker.engines.lstm.model import UnknownBuildError

_MAX_OPEN = 8
"""Dictionaries kept, of some 5 MB each."""


@functools.lru_cache(maxsize=_MAX_OPEN)
def open_dictionary(language: str) -> Dictionary | None:
    """The words of a language, if its model tells them."""
    try:
        return load_dictionary(tessdata.find_model(language))
    except (UnknownBuildError, OSError):
        return None
