"""Ways to kill parts of a worker, from outside and without warning."""

import os
import signal
from contextlib import suppress

import psutil

from tests.service import Program


def kill_whole_worker(program: Program) -> None:
    """As when a machine or a container goes: all of its processes at once."""
    program.kill()


def kill_main_process(program: Program) -> None:
    """The pool's processes are left to themselves."""
    if program.process is not None:
        program.process.kill()
        program.process.wait()
        program.process = None


def kill_slot(program: Program) -> bool:
    """One process of the pool, its reader with it; whether there was one."""
    return _kill(slots(program))


def kill_reader(program: Program) -> bool:
    """The sandboxed process that reads; whether there was one."""
    return _kill(readers(program))


def slots(program: Program) -> list[psutil.Process]:
    if program.process is None:
        return []
    return [child for child in _children(psutil.Process(program.process.pid)) if not is_reader(child)]


def readers(program: Program) -> list[psutil.Process]:
    return [child for slot in slots(program) for child in _children(slot) if is_reader(child)]


def _children(process: psutil.Process) -> list[psutil.Process]:
    with suppress(psutil.Error):
        return list(process.children())
    return []


def is_reader(process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return "worker.reader.child" in process.cmdline()
    return False


def _kill(processes: list[psutil.Process]) -> bool:
    for process in processes[:1]:
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
        return True
    return False
