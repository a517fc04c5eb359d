"""Reading an untrusted file by position."""

import struct
from dataclasses import dataclass, field
from typing import BinaryIO, NoReturn

from shared.errors import Code, OcrError

MOST_READS = 100_000


class TooManyReadsError(Exception):
    """A check would walk a file made of very many pieces; it is left to the worker, which has a time limit."""


@dataclass(frozen=True, slots=True)
class Header:
    """The size in pixels that a picture's header declares."""

    width: int
    height: int


@dataclass(slots=True)
class Source:
    """A file of `size_bytes` bytes; the number of reads is bounded, so that no walk over it can be endless."""

    file: BinaryIO
    size_bytes: int
    _reads: int = field(default=0, init=False)

    def peek(self, offset: int, size: int) -> bytes:
        """Up to `size` bytes at `offset`; fewer at the end of the file."""
        self._reads += 1
        if self._reads > MOST_READS:
            raise TooManyReadsError
        if offset >= self.size_bytes:
            return b""
        self.file.seek(offset)
        return self.file.read(size)

    def read(self, offset: int, size: int) -> bytes:
        """Exactly `size` bytes at `offset`.

        Raises:
            OcrError: `corrupt_file` when the file ends before.
        """
        data = self.peek(offset, size)
        if len(data) < size:
            reject("the file ends inside its header")
        return data

    def unpack(self, layout: str, offset: int) -> tuple[int, ...]:
        """Integers in `struct` layout at `offset`; raises like `read`."""
        return struct.unpack(layout, self.read(offset, struct.calcsize(layout)))


def reject(flaw: str) -> NoReturn:
    """Raise the `corrupt_file` that names the flaw."""
    raise OcrError(Code.CORRUPT_FILE, f"The file is damaged: {flaw}.")
