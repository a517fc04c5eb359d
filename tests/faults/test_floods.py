"""More than the service takes: connections, tasks, questions."""

import socket
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from urllib.parse import urlsplit

import httpx
import pytest

from shared.jobs import connect
from shared.keys import Keys
from tests.faults.campaign import Campaign
from tests.faults.pictures import draw_line, draw_slow_page
from tests.service import wait_until

_SLOW_SECONDS = 13
"""Ten, and what it takes to look."""
_ANSWER_SECONDS = 5.0


def test_slow_clients(campaign: Campaign) -> None:
    """A hundred with a part of a head, a hundred with a part of a body; half of them send a byte now and then."""
    # Given
    starts = (
        b"GET / HTTP/1.1\r\nHost: localhost\r\n",
        (
            b"POST /ocr HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\n"
            b"Content-Length: 9999\r\n\r\n"
            b"--b\r\nContent-Disposition: form-data; name=file; filename=a.png\r\n\r\n\x89PNG"
        ),
    )
    address = ("127.0.0.1", urlsplit(campaign.service.url).port or 0)
    deadline = time.monotonic() + _SLOW_SECONDS
    clients = [socket.create_connection(address) for _ in range(200)]
    # When
    for number, client in enumerate(clients):
        client.sendall(starts[number % 2])
        client.settimeout(0)
        campaign.fault("slow client")
    silent, trickling = clients[: len(clients) // 2], clients[len(clients) // 2 :]
    # Then an honest one is served meanwhile, and they are gone in time
    campaign.wait_for(campaign.submitted(), "succeeded")
    while (silent or trickling) and time.monotonic() < deadline:
        silent = [client for client in silent if _is_open(client)]
        trickling = [client for client in trickling if _is_open(client, b"a")]
        time.sleep(0.25)
    assert (silent, trickling) == ([], [])
    campaign.settle()


@pytest.mark.parametrize(("submits", "cap"), [(150, 30), pytest.param(500, 100, marks=pytest.mark.long)])
def test_full_queue(start: Callable[..., Campaign], submits: int, cap: int) -> None:
    # Given
    campaign = start(OCR_MAX_QUEUE=str(cap))
    blocker = campaign.block_slot()
    statuses: Counter[int] = Counter()

    def submit(_: int) -> None:
        answer = campaign.submit()
        campaign.fault("submit at once")
        assert answer is not None
        statuses[answer.status_code] += 1
        if answer.status_code == 429:
            assert answer.json()["code"] == "queue_full"
            assert int(answer.headers["retry-after"]) > 0
        assert len(campaign.service.redis.zrange("ocr:active", 0, -1)) <= cap

    # When
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(submit, range(submits)))
    # Then
    assert statuses == {202: cap - 1, 429: submits - cap + 1}
    campaign.cancel(blocker)
    row = campaign.settle()
    assert row.ends == {"succeeded": cap - 1, "cancelled": 1}


def test_one_key_floods_and_another_is_served(start: Callable[..., Campaign]) -> None:
    # Given
    campaign = start(OCR_ANONYMOUS="never", OCR_MAX_QUEUE="100")
    with connect(campaign.service.redis_url) as store:
        flood, other = (Keys(store).create(name, max_open=20)[1] for name in ("flood", "other"))
    url = campaign.service.url
    blocker = httpx.post(
        f"{url}/ocr", files={"file": ("a.png", draw_slow_page())}, headers={"X-API-Key": other}, timeout=20
    ).json()["task_id"]

    def submit(key: str, number: int) -> httpx.Response:
        files = {"file": ("a.png", draw_line(f"Flood {number}"))}
        return httpx.post(f"{url}/ocr", files=files, headers={"Authorization": f"Bearer {key}"}, timeout=20)

    # When
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: submit(flood, number), range(80)))
    campaign.fault("flood of one key")
    served = submit(other, 0)
    # Then
    assert Counter(answer.status_code for answer in answers) == {202: 20, 429: 60}
    assert served.status_code == 202
    task = f"{url}/ocr/{served.json()['task_id']}"
    assert httpx.get(task, headers={"Authorization": f"Bearer {flood}"}, timeout=10).status_code == 404
    assert httpx.get(task, timeout=10).status_code == 401
    assert httpx.get(task, params={"key": other, "api_key": other}, timeout=10).status_code == 401
    assert httpx.get(task, headers={"Authorization": "Bearer wrong"}, timeout=10).status_code == 403
    httpx.post(f"{url}/ocr/{blocker}/cancel", headers={"X-API-Key": other}, timeout=10).raise_for_status()
    wait_until(lambda: _status(task, other) == "succeeded", "the other is served")
    accepted = [f"{url}/ocr/{answer.json()['task_id']}" for answer in answers if answer.status_code == 202]
    wait_until(lambda: all(_status(task, flood) == "succeeded" for task in accepted), "so is what was accepted")
    campaign.settle()
    assert flood not in campaign.service.log()


@pytest.mark.parametrize("pollers", [60, pytest.param(200, marks=pytest.mark.long)])
def test_pollers_while_all_slots_are_busy(start: Callable[..., Campaign], pollers: int) -> None:
    # Given
    campaign = start(slots=2)
    blockers = [campaign.block_slot() for _ in range(2)]
    ids = [campaign.submitted() for _ in range(40)]

    def poll(client: httpx.Client, number: int) -> tuple[str, float]:
        began = time.monotonic()
        answer = client.get(f"/ocr/{ids[number % len(ids)]}").raise_for_status()
        campaign.fault("poll")
        return answer.json()["status"], time.monotonic() - began

    # When
    limits = httpx.Limits(max_keepalive_connections=0)
    with (
        httpx.Client(base_url=campaign.service.url, timeout=30, limits=limits) as client,
        ThreadPoolExecutor(pollers) as pool,
    ):
        statuses, seconds = zip(*pool.map(poll, [client] * pollers * 3, range(pollers * 3)), strict=True)
    # Then all waited behind the slots, and nobody for an answer
    assert set(statuses) == {"queued"}
    assert [campaign.find(task_id)["status"] for task_id in blockers] == ["running"] * 2
    assert sorted(seconds)[len(seconds) * 95 // 100] < _ANSWER_SECONDS
    for task_id in blockers:
        campaign.cancel(task_id)
    row = campaign.settle()
    assert row.ends == {"succeeded": 40, "cancelled": 2}


def test_interactive_tasks_are_read_before_bulk_ones(start: Callable[..., Campaign]) -> None:
    # Given
    campaign = start()
    blocker = campaign.block_slot()
    bulk = [campaign.submitted(priority="bulk") for _ in range(10)]
    # When
    interactive = campaign.submitted(priority="interactive")
    campaign.fault("interactive after bulk")
    campaign.cancel(blocker)
    campaign.settle()
    # Then it was the first, but for the one that the worker had already taken
    done = campaign.find(interactive)["finished_at"]
    assert sum(campaign.find(task_id)["finished_at"] < done for task_id in bulk) <= 1


def _is_open(client: socket.socket, sent: bytes = b"") -> bool:
    with suppress(ConnectionError):
        try:
            client.send(sent)
            while client.recv(4096):
                pass
        except BlockingIOError:
            return True
    client.close()
    return False


def _status(task: str, key: str) -> str:
    return str(httpx.get(task, headers={"X-API-Key": key}, timeout=10).json()["status"])
