"""System calls that Python's standard library has no function for."""

import ctypes
import functools
import os
import sys

IS_LINUX = sys.platform == "linux"

PR_GET_SECCOMP = 21
PR_SET_SECCOMP = 22
PR_SET_NO_NEW_PRIVS = 38


def syscall(number: int, *arguments: int | None) -> int:
    """Make a raw system call; a pointer is passed as its address.

    Raises:
        OSError: The kernel refused.
    """
    return _checked(_libc().syscall(ctypes.c_long(number), *map(_word, arguments)))


def prctl(option: int, *arguments: int) -> int:
    """Ask or tell the kernel something about this process, see the manual of the same name.

    Raises:
        OSError: The kernel refused.
    """
    padded = (*arguments, 0, 0, 0, 0)[:4]
    return _checked(_libc().prctl(ctypes.c_int(option), *map(_word, padded)))


def _word(value: int | None) -> ctypes.c_ulong | None:
    return None if value is None else ctypes.c_ulong(value)


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
