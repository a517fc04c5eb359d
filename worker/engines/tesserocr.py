"""Tesseract inside this process, through tesserocr, its models kept loaded."""

import os
from dataclasses import replace

import tesserocr

from shared.errors import Code, OcrError
from worker import tessdata
from worker.engines.base import Orientation, Token
from worker.engines.lines import read_segments
from worker.engines.lstm.network import LineNetwork
from worker.engines.networks import are_known, open_network
from worker.engines.segments import Segment, find_segments
from worker.engines.tsv import parse_tsv
from worker.page import Box, Gray

_ORIENTATION_PSM = 0
_LINE_PSM = 7
_LAID_OUT_PSMS = frozenset({1, 3, 4, 6, 7})
"""Segmentations whose layout analysis gives the pieces that the recognizer reads."""
_DOUBTFUL_SHARE = 0.3
"""Where more than this share of a page is in doubt, Tesseract reads all of it."""
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
        try:
            _set_image(handle, image, dpi)
            names = languages.split("+")
            if psm not in _LAID_OUT_PSMS or not are_known(names):
                return _recognize(handle)
            return _read_together(handle, image, dpi, open_network(names[0]))
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


def _recognize(handle: "tesserocr.PyTessBaseAPI") -> list[Token]:
    if not handle.Recognize():
        raise OcrError(Code.ENGINE_ERROR, "Tesseract gave up on the page.")
    return parse_tsv(handle.GetTSVText(0))


def _read_together(handle: "tesserocr.PyTessBaseAPI", image: Gray, dpi: int, network: LineNetwork) -> list[Token]:
    """The words of all segments, read together; those in doubt are Tesseract's own."""
    segments = find_segments(handle, image.shape[1], image.shape[0])
    if not segments or any(segment.is_vertical for segment in segments):
        return _recognize(handle)
    readings = read_segments(image, segments, network)
    doubtful = sum(segment.width for segment, words in zip(segments, readings, strict=True) if words is None)
    if doubtful > _DOUBTFUL_SHARE * sum(segment.width for segment in segments):
        return _recognize(handle)
    handle.SetPageSegMode(_LINE_PSM)
    return [
        token
        for segment, words in zip(segments, readings, strict=True)
        for token in (_recognize_segment(handle, image, segment, dpi) if words is None else words)
    ]


def _recognize_segment(handle: "tesserocr.PyTessBaseAPI", image: Gray, segment: Segment, dpi: int) -> list[Token]:
    left, top, right, bottom = segment.box
    _set_image(handle, image[top:bottom, left:right], dpi)  # as a rectangle of the page it takes ten times as long
    return [replace(token, box=_shift(token.box, left, top), line=segment.line) for token in _recognize(handle)]


def _shift(box: Box, right: float, down: float) -> Box:
    return (box[0] + right, box[1] + down, box[2] + right, box[3] + down)


def _set_image(handle: "tesserocr.PyTessBaseAPI", image: Gray, dpi: int) -> None:
    height, width = image.shape
    handle.SetImageBytes(image.tobytes(), width, height, 1, width)
    handle.SetSourceResolution(dpi)
