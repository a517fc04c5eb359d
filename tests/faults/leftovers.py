"""What must not be there once a service has nothing to do."""

import fcntl
from pathlib import Path

import psutil
import redis

from tests.service import Service

_OPEN_KINDS = {"lease", "pieces", "pages", "misses", "owned", "active", "open", "waiting"}
_MOST_CONNECTIONS = 120
"""The API's threads keep one each, a worker's processes a few."""


def is_quiet(service: Service) -> bool:
    store = service.redis
    try:
        return not any(store.exists(f"ocr:{name}") for name in ("active", "open")) and not any(
            store.llen(queue) for queue in ("interactive", "bulk")
        )
    except redis.RedisError:
        return False
    finally:
        store.close()


def is_tidy(service: Service) -> bool:
    """Whether a worker has looked after the files of all tasks that have ended."""
    store = service.redis
    try:
        seconds, _ = store.time()
        return not store.zcount("ocr:ended", "-inf", (seconds + 1) * 1000) and not find_files(service)
    finally:
        store.close()


def check(service: Service) -> None:
    assert find_files(service) == []
    assert find_keys(service) == set()
    assert find_strays(service) == []
    assert count_connections(service) <= _MOST_CONNECTIONS


def find_files(service: Service) -> list[str]:
    """Uploads, broken or whole, what readers were given or wrote, and folders of readers that live no more."""
    data, known = service.data_dir / "data", find_tasks(service)
    files = [path for path in (data / "tmp").rglob("*") if not path.is_dir() and not _is_rendering(path, known)]
    for folder in (data / "scratch").glob("*/"):
        files += [folder] if _is_abandoned(folder) else [*folder.glob("in/*"), *folder.glob("out/*")]
    return [str(path.relative_to(data)) for path in files]


def find_tasks(service: Service) -> set[str]:
    """The ids of all that have a record."""
    store = service.redis
    try:
        return {key.decode().rpartition(":")[2] for key in store.scan_iter("ocr:job:*", count=1000)}
    finally:
        store.close()


def find_keys(service: Service) -> set[str]:
    """Kinds of keys that only an open task has."""
    store = service.redis
    try:
        return {key.decode().split(":")[1] for key in store.scan_iter("ocr:*")} & _OPEN_KINDS
    finally:
        store.close()


def find_strays(service: Service) -> list[list[str]]:
    """Command lines of processes that work for the service and that none of its living parts answers for."""
    known = {pid for part in service.parts.values() if part.process for pid in family(part.process.pid)}
    return [process.cmdline() for process in _workforce(service) if process.pid not in known]


def count_connections(service: Service) -> int:
    store = service.redis
    try:
        return len(store.client_list())
    finally:
        store.close()


def family(pid: int) -> set[int]:
    """A process and all that descend from it."""
    try:
        process = psutil.Process(pid)
        return {pid, *(child.pid for child in process.children(recursive=True))}
    except psutil.NoSuchProcess:
        return set()


def _workforce(service: Service) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            folder = process.environ().get("DATA_DIR", "")
            if folder.startswith(str(service.data_dir)) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def _is_rendering(path: Path, known: set[str]) -> bool:
    return path.name == "searchable.pdf" and path.parent.name in known


def _is_abandoned(folder: Path) -> bool:
    """A reader's folder is locked by the process that has it."""
    with (folder / "lock").open("rb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True
