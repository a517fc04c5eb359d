"""`GET /health/ready` tells what one reader measured when its worker started; those at work have the same walls."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psutil

from shared.settings import Limits
from tests.faults import kills
from tests.faults.campaign import Campaign
from tests.faults.pictures import draw_line
from tests.slot import needs_linux

_SLOTS = 2


@needs_linux
def test_a_reader_at_work_finds_closed_what_is_told(start: Callable[..., Campaign]) -> None:
    # Given
    campaign = start(slots=_SLOTS, OCR_PROCESSOR="tests.faults.walls:try_walls")
    found = []
    # When readers are asked, those in the place of killed ones too
    for number in range(3 * _SLOTS):
        task_id = campaign.submitted(draw_line(f"Wall {number}"))
        found.append(campaign.wait_for(task_id, "succeeded")["result"])
        kills.kill_reader(campaign.service.parts["worker0"])
        campaign.fault("reader killed")
    # Then
    told = _told(campaign)
    assert found == [{name: told[name] for name in found[0]}] * len(found)
    assert told["no_foreign_files"] == (told["landlock"] > 0)
    campaign.settle()


@needs_linux
def test_the_kernel_shows_the_walls_of_every_reader_at_work(campaign: Campaign) -> None:
    # Given
    worker = campaign.service.parts["worker0"]
    kills.kill_reader(worker)
    campaign.fault("reader killed")
    campaign.submit_many(4 * _SLOTS)
    campaign.settle()
    # When
    readers = kills.readers(worker)
    # Then
    assert len(readers) == _SLOTS
    for reader in readers:
        status = Path(f"/proc/{reader.pid}/status").read_text()
        assert "\nNoNewPrivs:\t1\n" in status
        assert ("\nSeccomp:\t2\n" in status) == _told(campaign)["seccomp"]
        assert reader.rlimit(psutil.RLIMIT_AS) == (Limits().reader_memory_bytes,) * 2
        assert reader.rlimit(psutil.RLIMIT_CORE) == (0, 0)


def _told(campaign: Campaign) -> dict[str, Any]:
    (worker,) = httpx.get(f"{campaign.service.url}/health/ready", timeout=10).json()["workers"]
    return dict(worker["protections"])
