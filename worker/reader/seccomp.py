"""A seccomp filter: system calls that no reading of a picture needs fail with EPERM.

It closes what Landlock leaves open: UDP and UNIX sockets, namespaces of one's own, leaving the process group (whose
death ends a reader and its children together), looking into other processes, and the parts of the kernel that attacks
like best.
Source: seccomp(2) and linux/bpf_common.h; numbers from the kernel's tables of x86-64 and of the generic list (aarch64).
"""

import ctypes
import errno
import platform
import socket
import struct

from worker.reader import kernel

_DENIED = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "setsid": (112, 157),
    "setpgid": (109, 154),
    "io_uring_setup": (425, 425),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "open_by_handle_at": (304, 265),
}
_SOCKET, _CLONE, _CLONE3 = (41, 198), (56, 220), (435, 435)
_NEW_NAMESPACES = 0x7E020000
"""The flags of clone(2) that begin a namespace; clone3(2) has them where a filter cannot look."""
_ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_X32_BIT = 0x40000000

_LOAD_WORD, _JUMP_EQUAL, _JUMP_GREATER_EQUAL, _JUMP_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER_OFFSET, _ARCHITECTURE_OFFSET, _FIRST_ARGUMENT_OFFSET = 0, 4, 16
_ALLOW, _KILL_PROCESS = 0x7FFF0000, 0x80000000
_DENY, _MISSING = 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
_MODE_FILTER = 2


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def restrict(*, network: bool) -> bool:
    """Install the filter in this thread; with `network`, sockets of the Internet families stay.

    Returns:
        Whether it is in force: only on Linux, x86-64 or aarch64, with `PR_SET_NO_NEW_PRIVS` set.
    """
    if not kernel.IS_LINUX or platform.machine() not in _ARCHITECTURES:
        return False
    code = b"".join(_instructions(platform.machine(), network=network))
    program = _Program(len(code) // 8, code)
    try:
        kernel.prctl(kernel.PR_SET_SECCOMP, _MODE_FILTER, ctypes.addressof(program))
        return kernel.prctl(kernel.PR_GET_SECCOMP) == _MODE_FILTER
    except OSError:
        return False


def _instructions(machine: str, *, network: bool) -> list[bytes]:
    column, architecture = _ARCHITECTURES[machine]
    program = [
        _code(_LOAD_WORD, _ARCHITECTURE_OFFSET),
        _code(_JUMP_EQUAL, architecture, 1, 0),
        _code(_RETURN, _KILL_PROCESS),
        _code(_LOAD_WORD, _NUMBER_OFFSET),
        _code(_JUMP_GREATER_EQUAL, _X32_BIT, 0, 1),
        _code(_RETURN, _DENY),
    ]
    for numbers in _DENIED.values():
        program += [_code(_JUMP_EQUAL, numbers[column], 0, 1), _code(_RETURN, _DENY)]
    program += [
        _code(_JUMP_EQUAL, _CLONE3[column], 0, 1),
        _code(_RETURN, _MISSING),  # then the C library takes clone
        _code(_JUMP_EQUAL, _CLONE[column], 0, 4),
        _code(_LOAD_WORD, _FIRST_ARGUMENT_OFFSET),
        _code(_JUMP_ANY_BIT, _NEW_NAMESPACES, 0, 1),
        _code(_RETURN, _DENY),
        _code(_RETURN, _ALLOW),
    ]
    families = [socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK] if network else []
    program += [
        _code(_JUMP_EQUAL, _SOCKET[column], 1, 0),
        _code(_RETURN, _ALLOW),
        _code(_LOAD_WORD, _FIRST_ARGUMENT_OFFSET),
    ]
    for family in families:
        program += [_code(_JUMP_EQUAL, family, 0, 1), _code(_RETURN, _ALLOW)]
    return [*program, _code(_RETURN, _DENY)]


def _code(operation: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", operation, if_true, if_false, value)
