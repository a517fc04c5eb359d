"""Small pictures cut out of a page, made ready to be read by themselves."""

import cv2
import numpy as np

from worker.page import Gray

MARGIN_PIXELS = 12
_PAPER_PERCENTILE = 90


def enlarge_and_frame(cut: Gray, factor: float) -> Gray:
    """The picture `factor` times larger, in a margin of `MARGIN_PIXELS` in the shade of its paper."""
    large = cv2.resize(cut, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC) if factor > 1 else cut
    paper = float(np.percentile(cut, _PAPER_PERCENTILE))
    framed = cv2.copyMakeBorder(large, *(MARGIN_PIXELS,) * 4, cv2.BORDER_CONSTANT, value=paper)
    return framed.astype(np.uint8, copy=False)
