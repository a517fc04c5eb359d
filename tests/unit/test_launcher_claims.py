"""A port and a data folder belong to one service at a time."""

import asyncio
import dataclasses
import os
import socket
from pathlib import Path

import pytest

from launcher.claims import check_port, lock_folder
from launcher.config import LaunchError, read_config


def test_a_taken_port_is_refused_with_its_number() -> None:
    # Given a port somebody listens on
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        # When the launcher asks for it
        with pytest.raises(LaunchError) as caught:
            check_port(read_config({"PORT": str(port)}))
    # Then the message names it and the way out
    assert f"port {port}" in str(caught.value)
    assert "PORT=" in str(caught.value)


def test_a_free_port_passes() -> None:
    # Given a port that was free a moment ago
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    # When it is asked for
    # Then there is no complaint
    check_port(read_config({"PORT": str(port)}))


def test_an_address_of_another_machine_is_refused() -> None:
    # Given an address reserved for documentation
    config = dataclasses.replace(read_config({"PORT": "8000"}), host="192.0.2.1")
    # When it is to be listened on
    # Then that is an error for the person who chose it
    with pytest.raises(LaunchError):
        check_port(config)


def test_a_locked_folder_is_refused_until_it_is_let_go(tmp_path: Path) -> None:
    async def take_twice() -> None:
        # Given a folder in use
        async with lock_folder(tmp_path):
            # When another launcher wants it
            # Then it is told so
            with pytest.raises(LaunchError, match="in use"):
                async with lock_folder(tmp_path, wait_seconds=0):
                    pass
        # And once it is free the next one may have it
        async with lock_folder(tmp_path):
            pass

    asyncio.run(take_twice())


def test_a_redis_that_outlives_its_launcher_keeps_the_folder_locked(tmp_path: Path) -> None:
    async def inherit() -> None:
        # Given a launcher that is gone, while a child of it holds the lock's descriptor
        async with lock_folder(tmp_path) as lock:
            inherited = os.dup(lock)
        # When another launcher wants the folder
        # Then it must wait for that child
        try:
            with pytest.raises(LaunchError, match="in use"):
                async with lock_folder(tmp_path, wait_seconds=0):
                    pass
        finally:
            os.close(inherited)

    asyncio.run(inherit())


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    async def lock() -> None:
        # Given a file where the folder should be
        (tmp_path / "file").touch()
        # When the folder is wanted
        # Then the message names it
        with pytest.raises(LaunchError, match="file/redis"):
            async with lock_folder(tmp_path / "file" / "redis"):
                pass

    asyncio.run(lock())
