"""What a reader may open, decided by the worker from its settings before the reader starts."""

import sys
from pathlib import Path

from typing_extensions import TypedDict

from shared.settings import Settings
from worker.program import find_program
from worker.reader.scratch import Scratch

_SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/nix/store", "/etc/ld.so.cache", "/etc/fonts", "/etc/localtime")
_KERNEL = ("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu", "/dev/random", "/dev/urandom")
_NETWORK = (
    "/etc/resolv.conf",
    "/etc/hosts",
    "/etc/host.conf",
    "/etc/nsswitch.conf",
    "/etc/services",
    "/etc/ssl",
    "/etc/pki",
)
_FONT_CACHE = "/var/cache/fontconfig"
_DEVICES = ("/dev/null", "/dev/zero")
_LOADERS = ("/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1")
"""What the kernel opens to start a program, so starting one needs the right to execute it too."""


class Policy(TypedDict):
    """Paths by what may be done at and below them.

    Folders in `names` may be listed and not read; the folder `forbidden` must turn out closed.
    """

    read: list[str]
    names: list[str]
    execute: list[str]
    write: list[str]
    forbidden: str
    network: bool
    memory_bytes: int


def make_policy(settings: Settings, scratch: Scratch) -> Policy:
    """The narrowest policy under which the configured function works.

    Folders that hold the data folder are never opened as a whole but entry by entry, without it. A user's own function
    may also start the programs it can read, and use the network where the settings say so.
    """
    data_dir = settings.data_dir.resolve()
    own = settings.has_own_processor
    installed = [*_SYSTEM, sys.prefix, sys.base_prefix, *map(str, settings.processor_read_paths)]
    readable = [part for root in installed for part in _without(Path(root).resolve(), data_dir)]
    readable += [part for root in _source_folders() for part in _visible(root, data_dir)]
    models = [settings.tessdata_dir, settings.tessdata_prefix]
    readable += [path for folder in models if folder for path in _with_targets(folder)]
    network = own and settings.processor_network
    program = find_program()
    return Policy(
        read=[*map(str, readable), *_KERNEL, _FONT_CACHE, str(scratch.root), *(_NETWORK if network else ())],
        names=[str(root) for root in _source_folders() if not data_dir.is_relative_to(root)],
        execute=[*_LOADERS, *(map(str, readable) if own else [program] if program else [])],
        write=[*_DEVICES, str(scratch.writable)],
        forbidden=str(data_dir),
        network=network,
        memory_bytes=settings.limits.reader_memory_bytes,
    )


def search_path() -> list[str]:
    """Where this process finds modules, so that the reader finds the same ones."""
    return [str(Path(entry).absolute()) for entry in sys.path]


def _source_folders() -> list[Path]:
    """Places of modules outside the Python installation: the service's own folder, and a user's."""
    installed = [Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve()]
    folders = [Path(entry).resolve() for entry in search_path()]
    return [folder for folder in folders if not any(folder.is_relative_to(prefix) for prefix in installed)]


def _visible(folder: Path, secret: Path) -> list[Path]:
    """The entries of a source folder, without hidden ones: `.env` lies beside the code."""
    if not folder.is_dir():
        return [folder]
    entries = [entry for entry in folder.iterdir() if not entry.name.startswith(".") and not entry.is_symlink()]
    return [part for entry in entries for part in _without(entry, secret)]


def _without(folder: Path, secret: Path) -> list[Path]:
    """`folder`, or as much of it as does not hold `secret`."""
    if folder.is_relative_to(secret):
        return []
    if not secret.is_relative_to(folder):
        return [folder]
    entries = [entry for entry in folder.iterdir() if not entry.is_symlink()]
    return [part for entry in entries for part in _without(entry, secret)]


def _with_targets(folder: Path) -> set[Path]:
    """A folder of models and the folders its links point into."""
    return {folder.resolve(), *(link.resolve().parent for link in folder.glob("*.traineddata") if link.is_symlink())}
