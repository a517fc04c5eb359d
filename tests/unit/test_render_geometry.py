"""Text that runs askew is seen straight."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.render.geometry import level, reading_angle
from shared.schemas import PageResult
from tests.results import make_page

Point = tuple[float, float]


def turn(point: Point, degrees: float) -> Point:
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return point[0] * cosine - point[1] * sine, point[0] * sine + point[1] * cosine


def bound(points: list[Point]) -> list[int]:
    xs, ys = zip(*points, strict=True)
    return [math.floor(min(xs)), math.floor(min(ys)), math.ceil(max(xs)), math.ceil(max(ys))]


def make_turned_page(degrees: float) -> PageResult:
    page = make_page([(f"first{row} second third", 0, 40 * row) for row in range(4)])
    for line in page["blocks"][0]["lines"]:
        for word in line["words"]:
            x0, y0, x1, y1 = word["bbox"]
            word["bbox"] = bound([turn(corner, degrees) for corner in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))])
    return page


@given(
    length=st.integers(40, 200),
    height=st.integers(20, 60),
    x=st.integers(0, 3000),
    y=st.integers(0, 3000),
    angle=st.sampled_from([0, 90, 180, -90]).flatmap(lambda quarter: st.floats(quarter - 15, quarter + 15)),
)
def test_a_box_gives_back_the_rectangle_it_was_drawn_around(
    length: int, height: int, x: int, y: int, angle: float
) -> None:
    # Given a rectangle turned about the origin, and the whole pixels around it
    corners = [(x, y), (x + length, y), (x + length, y + height), (x, y + height)]
    box = bound([turn((float(a), float(b)), angle) for a, b in corners])
    # When
    span = level(box, angle)
    # Then a pixel on each side is lost to rounding
    assert span == pytest.approx((x, x + length, y, y + height), abs=3)


@pytest.mark.parametrize("degrees", [0, 3, -7, 90, 94, -90, -83, 176])
def test_the_angle_is_that_of_the_words(degrees: float) -> None:
    # Given
    page = make_turned_page(degrees)
    # When
    angle = reading_angle(page)
    # Then
    assert angle == pytest.approx(degrees, abs=0.6)


def test_upside_down_is_half_a_turn() -> None:
    assert abs(reading_angle(make_turned_page(180))) == 180


@pytest.mark.parametrize("degrees", [0, 90, -90])
def test_an_almost_straight_page_is_straight(degrees: float) -> None:
    # Given
    page = make_turned_page(degrees + 0.1)
    # When
    angle = reading_angle(page)
    # Then
    assert angle == degrees


def test_single_words_go_by_the_rotation_of_the_page() -> None:
    # Given a page that was turned by 90 degrees clockwise to be upright
    page = make_page([("word", 0, 0)], rotation=90)
    # When
    angle = reading_angle(page)
    # Then its text ran upward
    assert angle == -90
