"""What tells of too little memory."""

import cv2
import numpy as np
import pytest

from worker.memory import lacks_memory


def test_a_picture_that_does_not_fit_into_memory_lacks_it() -> None:
    # Given
    pixel = np.zeros((1, 1), dtype=np.uint8)
    # When
    with pytest.raises(cv2.error) as caught:
        cv2.resize(pixel, (1 << 30, 1 << 30))
    # Then
    assert lacks_memory(caught.value)


def test_an_array_that_does_not_fit_into_memory_lacks_it() -> None:
    # When
    with pytest.raises(MemoryError) as caught:
        np.zeros(1 << 60, dtype=np.uint8)
    # Then
    assert lacks_memory(caught.value)


def test_a_picture_that_is_none_lacks_no_memory() -> None:
    # When
    with pytest.raises(cv2.error) as caught:
        cv2.resize(np.zeros((0, 0), dtype=np.uint8), (1, 1))
    # Then
    assert not lacks_memory(caught.value)
