"""One readable stream out of what all parts print: each line begins with its part's name."""

import asyncio
import os
import sys
from typing import TextIO

LONGEST_LINE_BYTES = 64 * 1024
NAME_WIDTH = len("launcher")


class Output:
    """Writes lines to `stream` until nobody reads it any more; the service goes on without a reader."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, name: str, text: str) -> None:
        try:
            self._stream.write(f"{name:<{NAME_WIDTH}} | {text}\n")
            self._stream.flush()
        except OSError:
            # Without this the interpreter would complain once more while it exits.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())

    async def copy(self, name: str, source: asyncio.StreamReader) -> None:
        """Copy every line of `source` until its end; cuts what goes on for longer than `LONGEST_LINE_BYTES`."""
        rest = b""
        while chunk := await source.read(LONGEST_LINE_BYTES):
            *lines, rest = (rest + chunk).split(b"\n")
            if len(rest) > LONGEST_LINE_BYTES:
                lines, rest = [*lines, rest], b""
            for line in lines:
                self.write(name, _decode(line))
        if rest:
            self.write(name, _decode(rest))


def make_output() -> Output:
    return Output(sys.stdout)


def _decode(line: bytes) -> str:
    return line.rstrip(b"\r").decode("utf-8", errors="backslashreplace")
