"""Pictures that were stored turned or mirrored, by EXIF's tag 274."""

import numpy as np
from PIL import Image, ImageFile

from worker.page import Gray, Matrix, Page

EXIF_ORIENTATION = 0x0112
EXIF_TURNS = {
    2: (False, True, False),
    3: (False, True, True),
    4: (False, False, True),
    5: (True, False, False),
    6: (True, True, False),
    7: (True, True, True),
    8: (True, False, True),
}
"""EXIF tag 274 as what undoes it: transpose, then mirror left to right, then top to bottom."""
_STORED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""EXIF tag 274 as what does it to an upright picture."""


def read_orientation(image: Image.Image) -> int:
    """EXIF's orientation, 1 where it means nothing."""
    orientation = image.getexif().get(EXIF_ORIENTATION)
    return orientation if orientation in EXIF_TURNS else 1


def decode(image: ImageFile.ImageFile) -> tuple[Image.Image, int]:
    """The present frame, its pixels as stored, and its orientation."""
    if image.format != "TIFF":
        image.load()
        return image, read_orientation(image)  # a PNG's may stand behind its pixels
    orientation = read_orientation(image)  # Pillow turns a TIFF while it decodes it, and forgets the tag
    image.load()
    return (image.transpose(_STORED[orientation]) if orientation in _STORED else image), orientation


def apply_exif(page: Page, orientation: int) -> Page:
    """The page turned as its orientation says."""
    if orientation not in EXIF_TURNS:
        return page
    transposed, mirrored, flipped = EXIF_TURNS[orientation]
    image = page.image.T if transposed else page.image
    height, width = image.shape
    matrix: Matrix = np.eye(3)
    if transposed:
        matrix = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 1.0]])
    if mirrored:
        image, matrix = image[:, ::-1], matrix @ np.array([[-1, 0, width], [0, 1, 0], [0, 0, 1.0]])
    if flipped:
        image, matrix = image[::-1], matrix @ np.array([[1, 0, 0], [0, -1, height], [0, 0, 1.0]])
    upright: Gray = np.ascontiguousarray(image)
    return page.warped(upright, "upright", matrix)
