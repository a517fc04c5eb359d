"""The volume that holds the uploads is full."""

import contextlib
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.campaign import Campaign
from tests.faults.leftovers import find_tasks
from tests.service import Program, is_ready, wait_until

_ROOM_BYTES = 1 << 20


@pytest.fixture
def small_volume(tmp_path: Path) -> Iterator[Path]:
    """A file system of one mebibyte; only root may mount one."""
    if os.getuid() != 0 or not sys.platform.startswith("linux"):
        pytest.skip("only root can mount a small volume; test_no_file_may_grow stands in for it")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={_ROOM_BYTES}", "tmpfs", tmp_path], check=False)  # noqa: S607 - the system's mount
    if mounted.returncode:
        pytest.skip("this container may not mount; test_no_file_may_grow stands in for it")
    yield tmp_path
    subprocess.run(["umount", "--lazy", tmp_path], check=True)  # noqa: S607 - the system's umount


def test_full_volume(start: Callable[..., Campaign], small_volume: Path) -> None:
    # Given
    campaign = start()
    uploads = campaign.service.data_dir / "data" / "tmp"
    subprocess.run(["mount", "--bind", small_volume, uploads], check=True)  # noqa: S607 - the system's mount
    try:
        (small_volume / "incoming").mkdir()
        (small_volume / "ballast").write_bytes(bytes(_ROOM_BYTES - (128 << 10)))
        # When / Then
        _check_refusals(campaign, uploads)
        (small_volume / "ballast").unlink()
        campaign.submit_many(3)
        campaign.settle()
    finally:
        subprocess.run(["umount", "--lazy", uploads], check=True)  # noqa: S607 - the system's umount


def test_no_file_may_grow(start: Callable[..., Campaign]) -> None:
    """What any user can have: the kernel refuses to let a file of the API's grow."""
    # Given
    campaign = start()
    api = campaign.service.parts["api"]
    with _limited(api, 128 << 10):
        wait_until(lambda: is_ready(campaign.service), "the API is back")
        # When / Then
        _check_refusals(campaign, campaign.service.data_dir / "data" / "tmp")
        campaign.submit_many(3)
    campaign.settle()


def _check_refusals(campaign: Campaign, uploads: Path) -> None:
    before, files = find_tasks(campaign.service), set(uploads.rglob("*"))
    for size in (200_000, 600_000, 2_000_000):
        answer = campaign.submit(_noise(size))
        campaign.fault("volume full")
        assert answer is not None
        assert (answer.status_code, answer.json()["code"]) == (503, "storage_full")
        assert int(answer.headers["retry-after"]) > 0
        assert set(uploads.rglob("*")) == files
    assert find_tasks(campaign.service) == before


def _noise(size_bytes: int) -> bytes:
    """A bitmap, which is as large as it says."""
    side = 256
    rows = size_bytes // side
    header = b"P5 %d %d 255\n" % (side, rows)
    return header + os.urandom(side * rows)


@contextlib.contextmanager
def _limited(program: Program, file_bytes: int) -> Iterator[None]:
    """The program started anew under a limit on the size of its files, its log excepted by being short."""
    program.stop()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, hard))
    try:
        program.start()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    yield
