"""Everything that the first page would wait for, loaded ahead of it."""

import cv2
import numpy as np

from worker import process
from worker.engines.choice import open_engine

_PICTURE_PIXELS = (64, 256)
_BLOCK_PSM = 6
_DPI = 300


def warm_up() -> None:
    """Import the pipeline and load the default engine and language; of `auto` the one that reads every page.

    PP-OCR takes three seconds to load, which most readers never need.

    Raises:
        OcrError: The engine or the language is not there.
    """
    cv2.setNumThreads(1)  # the slots share the cores, one each
    options = process.default_options()
    if options.lang != "auto":
        engine = "tesseract" if options.engine == "auto" else options.engine
        picture = np.full(_PICTURE_PIXELS, 255, np.uint8)
        open_engine(engine).recognize(picture, options.lang, _BLOCK_PSM, _DPI)
