"""`kill -9` of workers, of any of their processes, in the middle of their work."""

import time
from collections.abc import Callable

import pytest

from tests.faults import kills
from tests.faults.campaign import Campaign
from tests.faults.pictures import draw_slow_page
from tests.service import wait_until


@pytest.mark.parametrize(("tasks", "kill_count"), [(60, 6), pytest.param(300, 20, marks=pytest.mark.long)])
def test_killed_workers(start: Callable[..., Campaign], tasks: int, kill_count: int) -> None:
    # Given
    campaign = start(workers=2, slots=1)
    campaign.supervised = [name for name in campaign.service.parts if name.startswith("worker")]
    # When
    for _ in range(kill_count):
        campaign.submit_many(tasks // kill_count)
        time.sleep(campaign.chance.uniform(0, 0.5))
        program = campaign.service.parts[campaign.chance.choice(campaign.supervised)]
        kind = campaign.chance.choice(["whole", "main", "slot"])
        if kind == "slot" and not kills.kill_slot(program):
            kind = "whole"  # it is just starting
        if kind == "whole":
            kills.kill_whole_worker(program)
        elif kind == "main":
            kills.kill_main_process(program)
        campaign.fault(f"{kind} worker killed")
        campaign.restart_ended()
    # Then
    row = campaign.settle(workers=2)
    assert sum(row.faults.values()) == kill_count
    assert row.ends["succeeded"] >= row.accepted - kill_count // 4
    assert campaign.errors() <= {"worker_lost"}


@pytest.mark.long
def test_main_process_killed_leaves_no_orphans(start: Callable[..., Campaign]) -> None:
    # Given a worker in the middle of a page
    campaign = start()
    program = campaign.service.parts["worker0"]
    campaign.wait_for(campaign.submitted(draw_slow_page(20)), "running")
    family = [*kills.slots(program), *kills.readers(program)]
    assert len(family) == 2
    # When
    kills.kill_main_process(program)
    campaign.fault("main worker killed")
    # Then
    wait_until(lambda: not any(process.is_running() for process in family), "its slot and its reader are gone", 20)
    program.start()
    campaign.settle()


def test_killed_readers(start: Callable[..., Campaign]) -> None:
    # Given
    campaign = start(slots=2)
    program = campaign.service.parts["worker0"]
    # When
    for _ in range(6):
        campaign.submit_many(8)
        time.sleep(campaign.chance.uniform(0, 0.2))
        if kills.kill_reader(program):
            campaign.fault("reader killed")
    # Then
    row = campaign.settle()
    assert row.ends.get("failed", 0) <= row.faults["reader killed"]
    assert campaign.errors() <= {"engine_error"}


def test_reader_killed_in_mid_page_fails_that_page_alone(start: Callable[..., Campaign]) -> None:
    # Given
    campaign = start()
    task_id = campaign.block_slot()
    time.sleep(1)
    # When
    kills.kill_reader(campaign.service.parts["worker0"])
    campaign.fault("reader killed")
    # Then
    error = campaign.wait_for(task_id, "failed", 10)["error"]
    assert (error["code"], error["detail"]) == ("engine_error", "The process that read the upload died of SIGKILL.")
    campaign.wait_for(campaign.submitted(), "succeeded")
    row = campaign.settle()
    assert row.extra_runs == 0


@pytest.mark.long
def test_poison(start: Callable[..., Campaign]) -> None:
    # Given a task that takes its slot along each time
    campaign = start()
    poison = campaign.submitted(draw_slow_page())
    program = campaign.service.parts["worker0"]
    # When
    for attempt in (1, 2, 3):
        campaign.wait_until_tried(poison, attempt)
        time.sleep(0.5)
        assert kills.kill_slot(program)
        campaign.fault("slot killed")
    campaign.wait_for(poison, "failed")
    # Then
    task = campaign.find(poison)
    assert task["error"]["code"] == "worker_lost"
    assert task["attempts"] == 3
    healthy = campaign.submitted()
    campaign.wait_for(healthy, "succeeded")
    campaign.settle()
