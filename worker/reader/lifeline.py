"""A pipe whose writing end only the worker process holds: once it closes, the reader and its children are gone."""

import fcntl
import os
import select
import signal
import threading

_HAS_SIGNAL_IO = hasattr(fcntl, "F_SETSIG")


def tie(pipe: int) -> bool:
    """Tie this process group's life to the other end of `pipe`.

    On Linux the kernel itself sends SIGKILL to the whole group when the pipe's writer is gone (fcntl(2), F_SETSIG), so
    C code that never returns and a `tesseract` that this process has started go too. PR_SET_PDEATHSIG would reach this
    process alone, and would come when no more than the thread ended that started it.
    Elsewhere a thread waits for it.

    Returns:
        Whether the kernel does it.
    """
    if _HAS_SIGNAL_IO:
        fcntl.fcntl(pipe, fcntl.F_SETOWN, -os.getpgrp())
        fcntl.fcntl(pipe, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(pipe, fcntl.F_SETFL, fcntl.fcntl(pipe, fcntl.F_GETFL) | os.O_ASYNC)
    else:
        threading.Thread(target=_watch, args=(pipe,), daemon=True).start()
    if select.select([pipe], [], [], 0)[0]:  # the worker died before the pipe was tied
        os.killpg(0, signal.SIGKILL)
    return _HAS_SIGNAL_IO


def _watch(pipe: int) -> None:
    os.read(pipe, 1)
    os.killpg(0, signal.SIGKILL)
