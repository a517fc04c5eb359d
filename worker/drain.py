"""A worker's end announced to its slots: what they cannot finish in time they hand back, at no cost to its attempts."""

import mmap
import struct
import time

_GRACE_SECONDS = 15.0
_FORMAT = "d"


class Drain:
    """Made before the slots are forked; memory that they share says until when they may work, zero for as they like.

    The monotonic clock is the same in all processes of a machine.
    """

    def __init__(self) -> None:
        self._shared = mmap.mmap(-1, struct.calcsize(_FORMAT))

    def begin(self) -> None:
        if not struct.unpack_from(_FORMAT, self._shared)[0]:  # a second signal gives no more time
            struct.pack_into(_FORMAT, self._shared, 0, time.monotonic() + _GRACE_SECONDS)

    @property
    def is_over(self) -> bool:
        end: float = struct.unpack_from(_FORMAT, self._shared)[0]
        return 0 < end < time.monotonic()
