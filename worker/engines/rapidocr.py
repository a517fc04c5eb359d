"""PP-OCR on onnxruntime, through RapidOCR: slow, and right where Tesseract is not, on photos and poor prints.

Its models know the Latin script and Chinese, no Cyrillic.
"""

import ctypes
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib import metadata
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import rapidocr
from numpy.typing import NDArray

from shared.errors import Code, OcrError
from worker.columns import find_blocks
from worker.engines.base import Engine, Token
from worker.engines.words import Line, place_words
from worker.ink import find_ink
from worker.page import Box, Gray

# A batch is as wide as its widest line, so one line at a time is faster. Pages are upright before they come here.
_PARAMETERS = {
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    "Global.log_level": "critical",
    "Global.use_cls": False,
    "Rec.rec_batch_num": 1,
}
_PAGE_PSMS, _LINE_PSM = frozenset({1, 3}), 7
_SCORES = (0.0, 0.8, 0.9, 0.95, 0.985, 1.0)
_SHARES_RIGHT = (0.0, 40.0, 55.0, 82.0, 90.0, 97.0)
"""Measured on receipts, forms and photos: its own 0.95 says that one word in five is wrong."""
_SAME_ROW_SHARE = 0.5
"""Lines whose middles are closer than so many of their heights stand beside each other."""
_WIDE_GAP_HEIGHTS = 0.5
"""Room between two words of a line, in its heights, that may be between columns."""


Picture = NDArray[Any]
"""What the library takes: shape (height, width, 3), blue first."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A line or a part of it, with its words and their boxes."""

    box: Box
    confidence: float
    words: list[tuple[str, Box]]

    @property
    def height(self) -> float:
        return self.box[3] - self.box[1]

    @property
    def middle(self) -> float:
        return (self.box[1] + self.box[3]) / 2


class RapidocrEngine:
    """Detection of text lines, and recognition of each."""

    name = "rapidocr"

    def __init__(self, orienting: Engine) -> None:
        """It has no model that tells how a picture stands; `orienting` is asked for that."""
        self.detect_orientation = orienting.detect_orientation
        self.version = metadata.version("rapidocr")
        self._ocr = rapidocr.RapidOCR(params=_PARAMETERS)

    def recognize(self, image: Gray, languages: str, psm: int, dpi: int) -> list[Token]:
        """Words of the picture, row by row, those of a page column by column; languages and resolution mean nothing.

        Raises:
            OcrError: `engine_error`.
        """
        del languages, dpi
        ink, picture = find_ink(image), cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
        try:
            lines = self._read_line(picture, ink) if psm == _LINE_PSM else self._read_page(picture)
        except Exception as error:  # the libraries below raise what they like
            raise OcrError(Code.ENGINE_ERROR, "RapidOCR failed on the page.") from error
        pieces = [_Piece(line.box, line.confidence, place_words(line, ink)) for line in lines]
        return [
            Token(word, box, piece.confidence, (block, 0, row))
            for block, of_block in enumerate(_part(pieces) if psm in _PAGE_PSMS else [pieces])
            for row, of_row in enumerate(_rows(of_block))
            for piece in of_row
            for word, box in piece.words
        ]

    def _read_page(self, picture: Picture) -> list[Line]:
        found: Any = self._ocr(picture, return_word_box=True)
        _give_back_memory()
        if found.boxes is None:
            return []
        return [
            Line(_around(box), text, _calibrate(score), [_around(word[2]) for word in words])
            for box, text, score, words in zip(found.boxes, found.txts, found.scores, found.word_results, strict=True)
            if text.strip()
        ]

    def _read_line(self, picture: Picture, ink: Gray) -> list[Line]:
        """The picture as one line: to look for lines on something so low, it would be made many times larger."""
        rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
        if not rows.size:
            return []
        found: Any = self._ocr.recognize_txt([picture])
        box = float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)
        return [
            Line(box, text, _calibrate(score), [])
            for text, score in zip(found.txts, found.scores, strict=True)
            if text.strip()
        ]


def _give_back_memory() -> None:
    """Some 250 MB of onnxruntime's buffers would stay with the allocator of the GNU C library."""
    with suppress(AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def _calibrate(score: float) -> float:
    """The share of words that are right where a line has this score, in percent."""
    return float(np.interp(score, _SCORES, _SHARES_RIGHT))


def _around(quadrangle: NDArray[np.float32]) -> tuple[float, float, float, float]:
    points = np.asarray(quadrangle, dtype=np.float64)
    (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
    return float(x0), float(y0), float(x1), float(y1)


def _part(lines: list[_Piece]) -> list[list[_Piece]]:
    """The columns of a page and what is across them; PP-OCR often takes what is beside each other for one line."""
    pieces = [piece for line in lines for piece in _split(line)]
    return [[pieces[number] for number in block] for block in find_blocks([piece.box for piece in pieces])]


def _split(line: _Piece) -> list[_Piece]:
    """The line parted at wide gaps."""
    _, top, _, bottom = line.box
    least_gap = _WIDE_GAP_HEIGHTS * (bottom - top)
    gaps = [after[0] - before[2] for (_, before), (_, after) in pairwise(line.words)]
    cuts = [0, *(number for number, gap in enumerate(gaps, 1) if gap >= least_gap), len(line.words)]
    parts = [line.words[start:end] for start, end in pairwise(cuts)]
    return [replace(line, box=(words[0][1][0], top, words[-1][1][2], bottom), words=words) for words in parts]


def _rows(pieces: list[_Piece]) -> list[list[_Piece]]:
    """Pieces from top to bottom; those beside each other are one row, from left to right."""
    rows: list[list[_Piece]] = []
    for piece in sorted(pieces, key=lambda piece: piece.middle):
        if rows and piece.middle - rows[-1][-1].middle < _SAME_ROW_SHARE * piece.height:
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [sorted(row, key=lambda piece: piece.box[0]) for row in rows]
