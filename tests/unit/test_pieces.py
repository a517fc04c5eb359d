"""Into which pieces a document is cut."""

import pytest

from worker.pieces import parse_piece, slice_pages

_A4_PIXELS = 8_700_000


@pytest.mark.parametrize(
    ("pages", "pixels", "slices", "most"),
    [
        pytest.param(19, _A4_PIXELS, 19, 1, id="a page each, so that all slots share them"),
        pytest.param(299, _A4_PIXELS, 100, 3, id="no more slices than a hundred"),
        pytest.param(119, 16_000, 4, 30, id="small pages together, in slices enough for some slots"),
        pytest.param(2, 16_000, 2, 1, id="few small pages"),
        pytest.param(119, 2_000_000, 60, 2, id="half an A4 page together"),
        pytest.param(19, 0, 19, 1, id="pages of unknown size"),
    ],
)
def test_slices(pages: int, pixels: int, slices: int, most: int) -> None:
    # Given
    numbers = range(2, pages + 2)
    # When
    pieces = [parse_piece(name) for name in slice_pages("task", numbers, pixels)]
    # Then
    assert [number for piece in pieces for number in piece.numbers] == list(numbers)
    assert (len(pieces), max(len(piece.numbers) for piece in pieces)) == (slices, most)
