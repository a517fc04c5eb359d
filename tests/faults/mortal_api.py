"""The API, which kills itself before the n-th line of what makes a task of the first upload it gets.

`python -m tests.faults.mortal_api N --port PORT`; it lives on where there are fewer lines.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from api.server import main

_STEPS = ("api/routes/submit.py", "api/uploads.py", "shared/storage.py", "shared/jobs.py", "shared/queue.py")
_FIRST = "submit_upload"


class Countdown:
    """A trace function, see `sys.settrace`."""

    def __init__(self, lines: int) -> None:
        self._left = lines
        self._has_begun = False

    def enter(self, frame: FrameType, _event: str, _argument: Any) -> Callable[..., Any] | None:
        self._has_begun |= frame.f_code.co_name == _FIRST
        return self._count if frame.f_code.co_filename.endswith(_STEPS) else None

    def _count(self, _frame: FrameType, event: str, _argument: Any) -> Callable[..., Any]:
        if event == "line" and self._has_begun:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return self._count


if __name__ == "__main__":
    countdown = Countdown(int(sys.argv[1]))
    threading.settrace(countdown.enter)
    sys.settrace(countdown.enter)
    main(sys.argv[2:])
