"""What libraries say where there is too little memory."""

import cv2


def lacks_memory(error: Exception) -> bool:
    """Whether an exception tells of too little memory: OpenCV has one of its own for that."""
    return isinstance(error, MemoryError) or (isinstance(error, cv2.error) and error.code == cv2.Error.StsNoMem)
