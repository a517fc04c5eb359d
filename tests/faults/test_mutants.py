"""Damaged files through the whole service: whatever they are, they end well, and get no text but their own."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults import kills
from tests.faults.campaign import Campaign
from tests.faults.mutants import make_samples, mutate

_CLIENTS = 6
_REFUSALS = {413, 415, 422}
_MUTANTS_TO_A_SOUND_FILE = 8
_SOUND_TEXT = "Invoice"
_UNTRIED = {"worker_lost", "attempts_exhausted", "internal_error"}


@pytest.mark.parametrize("number", [150, pytest.param(2000, marks=pytest.mark.long)])
def test_mutants(campaign: Campaign, number: int) -> None:
    # Given
    samples = make_samples()
    slots = {process.pid for process in kills.slots(campaign.service.parts["worker0"])}
    seeds = [campaign.chance.randrange(1 << 30) for _ in range(number)]

    def submit(seed: int) -> int:
        if seed % _MUTANTS_TO_A_SOUND_FILE == 0:
            campaign.submitted()
        answer = campaign.submit(mutate(samples, random.Random(seed)))  # noqa: S311 - to be repeated
        campaign.fault("mutant")
        assert answer is not None, seed
        assert answer.status_code in {202, *_REFUSALS}, (seed, answer.text)
        return answer.status_code

    # When
    with ThreadPoolExecutor(_CLIENTS) as pool:
        answers = list(pool.map(submit, seeds))
    campaign.settle()
    # Then
    assert answers.count(202) > 0
    assert {process.pid for process in kills.slots(campaign.service.parts["worker0"])} == slots
    for task_id, text in campaign.expected.items():
        task = campaign.find(task_id)
        error = task["error"]
        assert error is None or (error["code"] not in _UNTRIED and "died" not in error["detail"]), error
        assert (_SOUND_TEXT in str(task["result"])) is (text is not None)
