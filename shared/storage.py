"""Files on the volume that the API and the workers share.

tmp/incoming/<random>           an upload that is still streaming in
tmp/<task_id>/upload.<suffix>   what the client sent, until the task ends
tmp/<task_id>/searchable.pdf    the rendering that needs the upload's pictures, until the result expires
"""

import errno
import fcntl
import os
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from shared.errors import Code, OcrError

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS}


class Incoming:
    """A file being written; it vanishes with its `Storage.incoming` block unless it was kept."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path = path
        self._file = file

    def write(self, data: bytes) -> None:
        with _storage_errors():
            self._file.write(data)

    def flush(self) -> None:
        with _storage_errors():
            self._file.flush()

    def sync(self) -> None:
        """Wait until it would survive a power cut."""
        with _storage_errors():
            self._file.flush()
            os.fsync(self._file.fileno())


class Storage:
    """Raises `OcrError(STORAGE_FULL)` where the volume takes no more bytes."""

    def __init__(self, data_dir: Path) -> None:
        self.root = data_dir / "tmp"
        self._incoming = self.root / "incoming"

    def prepare(self) -> None:
        self._incoming.mkdir(parents=True, exist_ok=True)
        self.sweep_incoming()

    @contextmanager
    def incoming(self) -> Iterator[Incoming]:
        path = self._incoming / secrets.token_hex(16)
        with _storage_errors():
            file = _open_locked(path)
        try:
            yield Incoming(path, file)
        finally:
            with suppress(OSError):  # what could not be written is not written now
                file.close()
            path.unlink(missing_ok=True)

    def sweep_incoming(self) -> None:
        """Remove what processes that live no more were writing."""
        for path in self._incoming.iterdir():
            with suppress(FileNotFoundError, BlockingIOError), path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()

    def keep(self, incoming: Incoming, task_id: str, suffix: str) -> None:
        """Make a finished upload the task's own, on the disk as well; to be called inside the `incoming` block."""
        incoming.sync()
        folder = self.folder(task_id)
        try:
            with _storage_errors():
                folder.mkdir()
                incoming.path.rename(folder / f"upload{suffix}")
                for changed in (folder, self.root):
                    _sync_folder(changed)
        except OcrError:
            self.erase(task_id)
            raise

    def folder(self, task_id: str) -> Path:
        return self.root / task_id

    def upload(self, task_id: str) -> Path:
        """Raises `OcrError(INTERNAL_ERROR)` where there is none."""
        upload = self._find_upload(task_id)
        if upload is None:
            raise OcrError(Code.INTERNAL_ERROR, "The upload is no longer there.")
        return upload

    def searchable_pdf(self, task_id: str) -> Path:
        return self.folder(task_id) / "searchable.pdf"

    def erase_searchable_pdf(self, task_id: str) -> None:
        self.searchable_pdf(task_id).unlink(missing_ok=True)

    def share_searchable_pdf(self, source_ids: Iterable[str], task_id: str) -> None:
        """Give a task the file of the first of others that has one, at no cost; without room it has none."""
        source = next((path for path in map(self.searchable_pdf, source_ids) if path.exists()), None)
        if source is None:
            return
        folder = self.folder(task_id)
        with suppress(OSError):
            folder.mkdir(exist_ok=True)
            self.searchable_pdf(task_id).hardlink_to(source)
        self._remove_if_empty(folder)

    def erase_upload(self, task_id: str) -> None:
        upload = self._find_upload(task_id)
        if upload is not None:
            upload.unlink(missing_ok=True)
        self._remove_if_empty(self.folder(task_id))

    def erase(self, task_id: str) -> None:
        shutil.rmtree(self.folder(task_id), ignore_errors=True)

    def stale(self, older_than_seconds: float) -> Iterator[str]:
        """Names of the task folders not touched lately."""
        limit = time.time() - older_than_seconds
        for folder in self.root.iterdir():
            if folder != self._incoming and _modified(folder) < limit:
                yield folder.name

    def _find_upload(self, task_id: str) -> Path | None:
        folder = self.folder(task_id)
        with suppress(FileNotFoundError):
            return next((path for path in folder.iterdir() if path.stem == "upload"), None)
        return None

    @staticmethod
    def _remove_if_empty(folder: Path) -> None:
        try:
            folder.rmdir()
        except OSError as error:
            if error.errno not in {errno.ENOTEMPTY, errno.ENOENT}:
                raise


def _open_locked(path: Path) -> BinaryIO:
    """A new file, locked as long as this process has it open: `sweep_incoming` leaves it alone."""
    file = path.open("xb")
    fcntl.flock(file, fcntl.LOCK_EX)
    if path.exists():
        return file
    file.close()  # swept between its making and its locking
    return _open_locked(path)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # somebody else removed it meanwhile
        return time.time()


@contextmanager
def _storage_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        raise OcrError(Code.STORAGE_FULL, "The volume that holds uploads takes no more data.") from error
