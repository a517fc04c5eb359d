"""The engine of this process by its name, opened once and kept."""

import functools
import importlib.util
from importlib import metadata

from shared.errors import Code, OcrError
from worker.engines.auto import AutoEngine
from worker.engines.base import Engine


@functools.cache
def open_engine(name: str) -> Engine:
    """The engine for a value of the option `engine`.

    `tesseract` is tesserocr where it imports, else pytesseract; `auto` is `tesseract` where there is no RapidOCR.

    Raises:
        OcrError: `engine_error` where the engine is not installed.
    """
    if name == "auto" and importlib.util.find_spec("rapidocr"):
        second = f"rapidocr {metadata.version('rapidocr')}"
        return AutoEngine(open_engine("tesseract"), second, lambda: open_engine("rapidocr"))
    if name == "rapidocr":
        return _open_rapidocr()
    if name == "pytesseract":
        return _open_pytesseract()
    try:
        return _open_tesserocr()
    except ImportError as error:
        if name == "tesserocr":
            raise OcrError(Code.ENGINE_ERROR, "The engine tesserocr is not installed.") from error
        return _open_pytesseract()


def _open_tesserocr() -> Engine:
    from worker.engines.tesserocr import TesserocrEngine  # noqa: PLC0415 - the library may not be installed

    return TesserocrEngine()


def _open_pytesseract() -> Engine:
    from worker.engines.pytesseract import PytesseractEngine  # noqa: PLC0415 - the library may not be installed

    return PytesseractEngine()


def _open_rapidocr() -> Engine:
    try:
        from worker.engines.rapidocr import RapidocrEngine  # noqa: PLC0415 - the library may not be installed
    except ImportError as error:
        raise OcrError(Code.ENGINE_ERROR, "The engine rapidocr is not installed.") from error
    return RapidocrEngine(open_engine("tesseract"))
