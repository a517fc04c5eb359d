"""Boxes on their way from the picture that was read back to the upload."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.deskew import deskew
from worker.page import Box, Gray, Page, map_boxes
from worker.scale import resize
from worker.upright import turn

_WIDTH, _HEIGHT = 320, 200


def blank_page() -> Page:
    image: Gray = np.full((_HEIGHT, _WIDTH), 255, dtype=np.uint8)
    return Page(image, _WIDTH, _HEIGHT, dpi=300)


def page_with_mark(left: int, top: int, right: int, bottom: int) -> Page:
    page = blank_page()
    page.image[top:bottom, left:right] = 0
    return page


def box_of_ink(image: Gray) -> Box:
    rows, columns = np.nonzero(image < 128)
    return float(columns.min()), float(rows.min()), float(columns.max()) + 1, float(rows.max()) + 1


@st.composite
def boxes(draw: st.DrawFn) -> tuple[int, int, int, int]:
    left, top = draw(st.integers(0, _WIDTH - 21)), draw(st.integers(0, _HEIGHT - 21))
    return left, top, left + draw(st.integers(8, 20)), top + draw(st.integers(8, 20))


@given(box=boxes())
def test_a_page_that_was_left_alone_keeps_its_boxes(box: tuple[int, int, int, int]) -> None:
    # When / Then
    assert map_boxes(blank_page().to_upload, [box], _WIDTH, _HEIGHT) == [list(box)]


@given(box=boxes(), turns=st.lists(st.sampled_from([90, 180, 270]), max_size=4))
def test_quarter_turns_lead_back_to_the_exact_pixels(box: tuple[int, int, int, int], turns: list[int]) -> None:
    # Given
    page = page_with_mark(*box)
    for degrees in turns:
        page = turn(page, degrees)
    # When
    (mapped,) = map_boxes(page.to_upload, [box_of_ink(page.image)], _WIDTH, _HEIGHT)
    # Then
    assert mapped == list(box)


@given(box=boxes(), degrees=st.floats(-15, 15), turned=st.sampled_from([0, 90, 180, 270]), factor=st.floats(0.5, 3))
def test_any_chain_of_steps_leads_back_around_the_mark(
    box: tuple[int, int, int, int], degrees: float, turned: int, factor: float
) -> None:
    # Given
    page = resize(turn(deskew(page_with_mark(*box), degrees), turned), factor)
    # When
    ((left, top, right, bottom),) = map_boxes(page.to_upload, [box_of_ink(page.image)], _WIDTH, _HEIGHT)
    # Then
    assert left <= box[0] + 2
    assert top <= box[1] + 2
    assert right >= box[2] - 2
    assert bottom >= box[3] - 2
    assert (right - left, bottom - top) == pytest.approx((box[2] - box[0], box[3] - box[1]), abs=18)


@given(box=st.tuples(*[st.floats(-500, 500)] * 4))
def test_a_box_never_leaves_the_upload(box: Box) -> None:
    # When
    ((left, top, right, bottom),) = map_boxes((), [box], _WIDTH, _HEIGHT)
    # Then
    assert 0 <= left <= right <= _WIDTH
    assert 0 <= top <= bottom <= _HEIGHT
