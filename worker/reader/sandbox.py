"""Walls around this process, put up before it touches an upload, and tried out: what holds is measured, not assumed."""

import mmap
import os
import resource
import socket
from pathlib import Path

from typing_extensions import TypedDict

from worker.reader import kernel, landlock, seccomp
from worker.reader.landlock import READ, WRITE, Access
from worker.reader.policy import Policy

_MAX_FILE_BYTES = 1 << 30
_MAX_OPEN_FILES = 512
_SPARE_PROCESSES = 4096
"""Over what the user runs already: the kernel counts per user, and a reader must not fail for others' sake."""
_SPARE_CPU_SECONDS = 10


class Protections(TypedDict):
    """What was found to hold inside a reader; `landlock` is the kernel's ABI version or 0."""

    landlock: int
    seccomp: bool
    no_foreign_files: bool
    no_network: bool
    memory_limit: bool
    dies_with_worker: bool


def enter(policy: Policy, *, dies_with_worker: bool) -> Protections:
    """Put up every wall this system has, for good.

    Raises:
        RuntimeError: Another thread runs already, which the walls would leave outside.
    """
    _limit_resources(policy["memory_bytes"])
    version, filtered = 0, False
    if kernel.IS_LINUX:
        if len(list(Path("/proc/self/task").iterdir())) > 1:
            msg = "a thread was started before the sandbox"
            raise RuntimeError(msg)
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        version = landlock.restrict(_rules(policy), network=policy["network"])
        filtered = seccomp.restrict(network=policy["network"])
    return Protections(
        landlock=version,
        seccomp=filtered,
        no_foreign_files=_is_closed(policy["forbidden"]),
        no_network=_has_no_network(),
        memory_limit=_is_memory_limited(policy["memory_bytes"]),
        dies_with_worker=dies_with_worker,
    )


def allow_cpu(seconds: float) -> None:
    """Let this process, and each it starts, use so many more seconds of every processor and not much more.

    The worker's clock ends a request; this one ends what escaped it.
    """
    usage = resource.getrusage(resource.RUSAGE_SELF)
    budget = usage.ru_utime + usage.ru_stime + seconds * (os.cpu_count() or 1) + _SPARE_CPU_SECONDS
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(budget), hard))


def _rules(policy: Policy) -> dict[str, Access]:
    rules: dict[str, Access] = {}
    grants = (
        (policy["read"], READ),
        (policy["names"], Access.READ_DIR),
        (policy["execute"], Access.EXECUTE | Access.READ_FILE),
        (policy["write"], WRITE),
    )
    for paths, access in grants:
        for path in paths:
            rules[path] = rules.get(path, Access(0)) | access
    return rules


def _limit_resources(memory_bytes: int) -> None:
    _limit(resource.RLIMIT_AS, memory_bytes)
    _limit(resource.RLIMIT_FSIZE, _MAX_FILE_BYTES)
    _limit(resource.RLIMIT_NOFILE, _MAX_OPEN_FILES)
    _limit(resource.RLIMIT_CORE, 0)
    if kernel.IS_LINUX and os.getuid() != 0:
        _limit(resource.RLIMIT_NPROC, _count_own_threads() + _SPARE_PROCESSES)


def _limit(what: int, value: int) -> None:
    _, hard = resource.getrlimit(what)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    try:
        resource.setrlimit(what, (value, value))
    except ValueError:  # macOS takes no limit on the address space; `memory_limit` tells
        return


def _count_own_threads() -> int:
    count = 0
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdecimal() and entry.stat().st_uid == os.getuid():
                count += (entry / "task").stat().st_nlink - 2
        except OSError:  # it has ended meanwhile
            continue
    return count


def _is_closed(folder: str) -> bool:
    try:
        os.scandir(folder).close()
    except PermissionError:
        return True
    return False


def _has_no_network() -> bool:
    try:
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()
    except PermissionError:
        return True
    return False


def _is_memory_limited(memory_bytes: int) -> bool:
    try:
        mmap.mmap(-1, memory_bytes).close()
    except (OSError, MemoryError, OverflowError):
        return True
    return False
