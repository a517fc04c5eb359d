"""Names of the pieces a document is worked on in: see `shared.jobs`."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from shared.jobs import FINISH, Jobs

_MOST_SLICES, _FEWEST_SLICES = 100, 4
_SLICE_PIXELS = 4_000_000
"""Half an A4 page at 300 dpi: what is less work shares a slice, which costs some milliseconds by itself."""
_MOST_SHORT_PAGES = 4
"""A letter of so many pages is read like one of one page; what is longer lets others pass."""


@dataclass(frozen=True, slots=True)
class Piece:
    """`numbers` are the pages of a slice."""

    name: str
    task_id: str
    kind: Literal["document", "slice", "finish"]
    numbers: tuple[int, ...] = ()


def parse_piece(name: str) -> Piece:
    """Raises ValueError for a name that is not a piece's."""
    task_id, _, part = name.partition("/")
    if not part:
        return Piece(name, task_id, "document")
    if part == FINISH:
        return Piece(name, task_id, "finish")
    return Piece(name, task_id, "slice", tuple(int(number) for number in part.split(",")))


def slice_pages(task_id: str, numbers: Sequence[int], pixels: int) -> list[str]:
    """A piece per page, or per few pages where they are many, or little work: see `Beginning`."""
    slices = math.ceil(len(numbers) * (pixels or _SLICE_PIXELS) / _SLICE_PIXELS)
    size = math.ceil(len(numbers) / min(max(slices, _FEWEST_SLICES), _MOST_SLICES))
    groups = (numbers[start : start + size] for start in range(0, len(numbers), size))
    return [f"{task_id}/{','.join(map(str, group))}" for group in groups]


def choose_queue(jobs: Jobs, piece: Piece) -> Literal["interactive", "bulk"]:
    """The queue that the piece is sent to: the task's own, but `bulk` for the pages of a long document.

    Raises:
        OcrError: The task is gone.
    """
    if piece.kind == "finish":
        return "interactive"
    job = jobs.find(piece.task_id)
    is_long = piece.kind == "slice" and (job.pages_total or 0) > _MOST_SHORT_PAGES
    return "bulk" if is_long else job.priority
