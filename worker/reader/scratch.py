"""A reader's own folder: `in` holds the one upload it is reading, `out` is the only place it may write to."""

import errno
import fcntl
import itertools
import os
import re
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.errors import Code, OcrError

_SUFFIX = re.compile(r"\.[a-z0-9]{1,5}")
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}


class Scratch:
    """A fresh folder below `data_dir/scratch`, locked as long as this process lives.

    Making one removes the folders of processes that live no more.
    """

    def __init__(self, data_dir: Path) -> None:
        parent = _parent(data_dir)
        self.root = parent / secrets.token_hex(8)
        self.uploads = self.root / "in"
        self.writable = self.root / "out"
        self._numbers = itertools.count()
        with exclusive(parent / ".lock"):
            _sweep(parent)
            self.root.mkdir(mode=0o700)
            self._lock = _lock(self.root / "lock")
        self.uploads.mkdir()
        self.writable.mkdir()

    def admit(self, upload: Path) -> Path:
        """Give `upload` a plain name in this folder, without copying where the file system can link.

        Raises:
            OcrError: The upload is gone, or there is no room for a copy.
        """
        suffix = upload.suffix.lower()
        link = self._fresh(self.uploads, suffix if _SUFFIX.fullmatch(suffix) else "")
        with _handing_over():
            _link_or_copy(upload, link)
        return link

    def admit_bytes(self, data: bytes) -> Path:
        """A file of `data` that the reader may read; raises `OcrError` where there is no room for it."""
        path = self._fresh(self.uploads, "")
        with _handing_over():
            path.write_bytes(data)
        return path

    def reserve(self, suffix: str) -> Path:
        """A name that the reader may write a file to."""
        return self._fresh(self.writable, suffix)

    def claim(self, made: Path, target: Path) -> None:
        """Move a file that the reader made to `target`, out of its reach first.

        Raises:
            OcrError: It is not there, or is not one plain file: a link would hand out what it points to.
        """
        taken = self._fresh(self.root, "")
        try:
            made.rename(taken)
            facts = taken.lstat()
            if not stat.S_ISREG(facts.st_mode) or facts.st_nlink != 1:
                raise OcrError(Code.ENGINE_ERROR, "The reader did not leave a plain file.")
            shutil.move(taken, target)
        except OSError as error:
            raise OcrError(Code.ENGINE_ERROR, "The reader left no file.") from error
        finally:
            _remove(taken)

    def clear(self) -> None:
        """Remove everything that the last request left."""
        for folder in (self.uploads, self.writable):
            with os.scandir(folder) as entries:
                for entry in entries:
                    _remove(Path(entry.path))

    def remove(self) -> None:
        shutil.rmtree(self.root, ignore_errors=True)
        os.close(self._lock)

    def _fresh(self, folder: Path, suffix: str) -> Path:
        return folder / f"{next(self._numbers)}{suffix}"


def sweep_scratch(data_dir: Path) -> None:
    """Remove the folders of processes that live no more: in them may be uploads that are erased everywhere else."""
    parent = _parent(data_dir)
    with exclusive(parent / ".lock"):
        _sweep(parent)


def _parent(data_dir: Path) -> Path:
    parent = data_dir.resolve() / "scratch"
    parent.mkdir(parents=True, exist_ok=True)
    return parent


@contextmanager
def _handing_over() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        code = Code.STORAGE_FULL if error.errno in _NO_ROOM else Code.INTERNAL_ERROR
        raise OcrError(code, "The upload cannot be handed to the reader.") from error


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:  # another device, or a file of another user
        shutil.copyfile(source, target)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _sweep(parent: Path) -> None:
    for folder in parent.iterdir():
        if not folder.is_dir():
            continue
        try:
            lock = _lock(folder / "lock")
        except OSError:  # it lives, or is another user's
            continue
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _lock(path: Path) -> int:
    """A descriptor that holds the lock; BlockingIOError when another living process holds it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise
    return descriptor


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Keep other processes out; not by `flock`, whose lock a slot forked meanwhile would hold for its whole life."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
