"""Ends what the launcher started when the launcher itself is gone, however it went: a script of its own.

It reads `+PID` and `-PID` lines, one for each process group begun and ended. The end of its input means that no
launcher is left; then every group that still stands is asked to stop, and soon after killed, and the folder that its
argument names is removed.
"""

import os
import shutil
import signal
import sys
import time

GRACE_SECONDS = 3.0


def read_groups() -> set[int]:
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        if line.startswith("+"):
            groups.add(group)
        else:
            groups.discard(group)
    return groups


def signal_groups(groups: set[int], number: int) -> set[int]:
    """Send a signal (0 only asks) to each group; gives those that exist."""
    standing = set()
    for group in groups:
        try:
            os.killpg(group, number)
        except (ProcessLookupError, PermissionError):
            continue
        standing.add(group)
    return standing


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups = signal_groups(read_groups(), signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS
    while groups and time.monotonic() < deadline:
        time.sleep(0.05)
        groups = signal_groups(groups, 0)
    signal_groups(groups, signal.SIGKILL)
    shutil.rmtree(sys.argv[1], ignore_errors=True)


if __name__ == "__main__":
    main()
