"""Landlock: this process may open what a list of paths names, and nothing else, from now on and for ever.

Source: Documentation/userspace-api/landlock.rst in the Linux kernel (5.13 has ABI 1); a right that the kernel does not
know yet is left out, so an older kernel gives a weaker wall and never an error.
"""

import ctypes
import enum
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from worker.reader import kernel

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture
_ASK_VERSION = 1
_RULE_PATH_BENEATH = 1
_NETWORK_SINCE, _SCOPES_SINCE = 4, 6


class Access(enum.IntFlag):
    EXECUTE = 1 << 0
    WRITE_FILE = 1 << 1
    READ_FILE = 1 << 2
    READ_DIR = 1 << 3
    REMOVE_DIR = 1 << 4
    REMOVE_FILE = 1 << 5
    MAKE_CHAR = 1 << 6
    MAKE_DIR = 1 << 7
    MAKE_REG = 1 << 8
    MAKE_SOCK = 1 << 9
    MAKE_FIFO = 1 << 10
    MAKE_BLOCK = 1 << 11
    MAKE_SYM = 1 << 12
    REFER = 1 << 13
    TRUNCATE = 1 << 14
    IOCTL_DEV = 1 << 15
    RESOLVE_UNIX = 1 << 16


READ = Access.READ_FILE | Access.READ_DIR
WRITE = (
    READ
    | Access.WRITE_FILE
    | Access.REMOVE_DIR
    | Access.REMOVE_FILE
    | Access.MAKE_DIR
    | Access.MAKE_REG
    | Access.MAKE_SOCK
    | Access.MAKE_FIFO
    | Access.MAKE_SYM
    | Access.REFER
    | Access.TRUNCATE
)
_FILE_RIGHTS = Access.EXECUTE | Access.WRITE_FILE | Access.READ_FILE | Access.TRUNCATE | Access.IOCTL_DEV
_SINCE = {Access.REFER: 2, Access.TRUNCATE: 3, Access.IOCTL_DEV: 5, Access.RESOLVE_UNIX: 9}
_TCP_BIND_AND_CONNECT = 0b11
_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11


class _Ruleset(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def abi_version() -> int:
    """The kernel's Landlock version, 0 where there is none."""
    if not kernel.IS_LINUX:
        return 0
    try:
        return kernel.syscall(_CREATE_RULESET, None, 0, _ASK_VERSION)
    except OSError:
        return 0


def restrict(rules: Mapping[str, Access], *, network: bool) -> int:
    """Wall in this process by `rules`: what may be done at and below each path; a path that is missing is skipped.

    Without `network` TCP is denied too; abstract UNIX sockets and signals always stay inside. Threads that run already
    are not walled in, so call it while there is one. `PR_SET_NO_NEW_PRIVS` has to be set.

    Returns:
        The ABI version in force; 0 where the kernel has no Landlock.
    """
    version = abi_version()
    if not version:
        return 0
    handled = _known(version, Access)
    attributes = _Ruleset(
        handled,
        _TCP_BIND_AND_CONNECT if version >= _NETWORK_SINCE and not network else 0,
        _ABSTRACT_SOCKETS_AND_SIGNALS if version >= _SCOPES_SINCE else 0,
    )
    ruleset = kernel.syscall(_CREATE_RULESET, ctypes.addressof(attributes), ctypes.sizeof(attributes), 0)
    try:
        for path, access in rules.items():
            _allow(ruleset, path, access & handled)
        kernel.syscall(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
    return version


def _known(version: int, rights: Iterable[Access]) -> Access:
    known = Access(0)
    for right in rights:
        if _SINCE.get(right, 1) <= version:
            known |= right
    return known


def _allow(ruleset: int, path: str, access: Access) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not Path(f"/proc/self/fd/{parent}").is_dir():
            access &= _FILE_RIGHTS
        rule = _PathBeneath(access, parent)
        kernel.syscall(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, ctypes.addressof(rule), 0)
    finally:
        os.close(parent)
