"""A process of the contestant tesserocr: the engine open, the sheets decoded in memory."""

import time
from collections.abc import Sequence
from pathlib import Path

import tesserocr
from PIL import Image

AUTO_PSM = 3
_opened: list["_Reader"] = []


class _Reader:
    def __init__(self, models: str, paths: Sequence[Path], psm: int) -> None:
        self._engine = tesserocr.PyTessBaseAPI(path=models, lang="eng", psm=psm)
        self._pictures = [_decode(path) for path in paths]

    def read(self, number: int) -> str:
        pixels, width, height = self._pictures[number]
        self._engine.SetImageBytes(pixels, width, height, 1, width)
        self._engine.SetSourceResolution(300)
        text = self._engine.GetUTF8Text()
        self._engine.Clear()
        return str(text)


def open_reader(models: str, paths: Sequence[Path], psm: int) -> None:
    """Make this process's reader."""
    _opened.append(_Reader(models, paths, psm))


def warm_up(_: int) -> None:
    """Keep this process busy until each other one has started too."""
    time.sleep(1)


def read(number: int) -> str:
    """The text of a sheet by its number in `paths`."""
    return _opened[0].read(number)


def _decode(path: Path) -> tuple[bytes, int, int]:
    with Image.open(path) as image:
        gray = image.convert("L")
    return gray.tobytes(), gray.width, gray.height
