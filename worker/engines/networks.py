"""The networks of Tesseract's models that are computed here, kept open for each language."""

import functools
from collections.abc import Iterable

from worker import tessdata
from worker.engines.lstm.model import UnknownBuildError, load_model
from worker.engines.lstm.network import LineNetwork

_MAX_OPEN, _MAX_MODELS = 8, 200
"""Networks kept, of some 5 MB each, and models of which it is kept whether there can be one."""


def are_known(languages: Iterable[str]) -> bool:
    """Whether the models of all languages are of the build and of scripts that are read here."""
    return all(map(_is_known, languages))


@functools.lru_cache(maxsize=_MAX_OPEN)
def open_network(language: str) -> LineNetwork:
    """The network of a known language."""
    return LineNetwork(load_model(tessdata.find_model(language)))


@functools.lru_cache(maxsize=_MAX_MODELS)
def _is_known(language: str) -> bool:
    try:
        load_model(tessdata.find_model(language))
    except (UnknownBuildError, OSError):
        return False
    return True
