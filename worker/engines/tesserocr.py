"""Tesseract inside this process, through tesserocr, its models kept loaded."""

import os

import tesserocr

from shared.errors import Code, OcrError
from worker import tessdata
from worker.engines.base import Orientation, Token
from worker.engines.tsv import parse_tsv
from worker.page import Gray

_ORIENTATION_PSM = 0
_MAX_OPEN = 3
"""Sets of languages kept loaded; each costs some 20 MB."""


class TesserocrEngine:
    """libtesseract with one open handle per set of languages."""

    name = "tesseract"

    def __init__(self) -> None:
        os.environ["OMP_THREAD_LIMIT"] = "1"  # OpenMP makes Tesseract several times slower
        self.version = str(tesserocr.PyTessBaseAPI.Version())
        self._handles: dict[str, tesserocr.PyTessBaseAPI] = {}

    def recognize(self, image: Gray, languages: str, psm: int, dpi: int) -> list[Token]:
        handle = self._open(languages)
        handle.SetPageSegMode(psm)
        _set_image(handle, image, dpi)
        try:
            if not handle.Recognize():
                raise OcrError(Code.ENGINE_ERROR, "Tesseract gave up on the page.")
            return parse_tsv(handle.GetTSVText(0))
        except RuntimeError as error:
            raise OcrError(Code.ENGINE_ERROR, "Tesseract failed on the page.") from error
        finally:
            handle.Clear()

    def detect_orientation(self, image: Gray) -> Orientation | None:
        handle = self._open("osd")
        handle.SetPageSegMode(_ORIENTATION_PSM)
        _set_image(handle, image, dpi=300)
        try:
            found = handle.DetectOrientationScript()
        except RuntimeError:
            return None
        finally:
            handle.Clear()
        if not found:
            return None
        return Orientation(
            rotation=(360 - int(found["orient_deg"])) % 360,
            confidence=float(found["orient_conf"]),
            script=str(found["script_name"]),
            script_confidence=float(found["script_conf"]),
        )

    def _open(self, languages: str) -> tesserocr.PyTessBaseAPI:
        if languages not in self._handles:
            if len(self._handles) >= _MAX_OPEN:
                self._handles.pop(next(iter(self._handles))).End()
            try:
                handle = tesserocr.PyTessBaseAPI(path=str(tessdata.models_folder()), lang=languages)
            except RuntimeError as error:
                raise OcrError(Code.ENGINE_ERROR, f"Tesseract cannot load the models of {languages}.") from error
            self._handles[languages] = handle
        return self._handles[languages]


def _set_image(handle: "tesserocr.PyTessBaseAPI", image: Gray, dpi: int) -> None:
    height, width = image.shape
    handle.SetImageBytes(image.tobytes(), width, height, 1, width)
    handle.SetSourceResolution(dpi)
