"""`kill -9` of the API in the middle of an upload, and between the steps that make a task of one."""

import os
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

import httpx
import pytest

from tests.faults.campaign import Campaign
from tests.faults.leftovers import find_tasks
from tests.faults.pictures import draw_line
from tests.service import is_ready, wait_until

_HEAD = (
    "POST /ocr HTTP/1.1\r\nHost: localhost\r\n"
    "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {}\r\n\r\n"
)
_PART = b'--b\r\nContent-Disposition: form-data; name="file"; filename="scan.png"\r\n\r\n'
_FEWEST_STEPS = 150
"""The lines of a submit; fewer would mean that not all are counted."""


@pytest.mark.parametrize("kills", [3, pytest.param(20, marks=pytest.mark.long)])
def test_api_killed_during_uploads(start: Callable[..., Campaign], kills: int) -> None:
    # Given
    campaign = start()
    incoming = campaign.service.data_dir / "data" / "tmp" / "incoming"
    for _ in range(kills):
        with _connect(campaign) as client:
            client.sendall(
                _HEAD.format(5_000_000).encode() + _PART + bytes(campaign.chance.randrange(1 << 20, 4 << 20))
            )
            wait_until(lambda: any(path.stat().st_size for path in incoming.iterdir()), "a part is written", 10)
            # When
            _restart_api(campaign)
        # Then
        assert list(incoming.iterdir()) == []
    campaign.submit_many(3)
    campaign.settle()


@pytest.mark.parametrize("kills", [5, pytest.param(40, marks=pytest.mark.long)])
def test_api_killed_while_it_accepts(start: Callable[..., Campaign], kills: int) -> None:
    # Given
    campaign = start()
    for number in range(kills):
        body = _PART + draw_line(f"Paper {number}") + b"\r\n--b--\r\n"
        with _connect(campaign) as client:
            # When it dies before, between or after the steps of a submit
            client.sendall(_HEAD.format(len(body)).encode() + body)
            time.sleep(campaign.chance.uniform(0, 0.04))
            _restart_api(campaign)
    # Then
    campaign.submit_many(3)
    _call_janitor(campaign)
    campaign.expected |= dict.fromkeys(find_tasks(campaign.service))
    row = campaign.settle()
    assert row.ends == {"succeeded": row.accepted}


@pytest.mark.parametrize("stride", [40, pytest.param(3, marks=pytest.mark.long)])
def test_api_killed_before_any_line_of_a_submit(start: Callable[..., Campaign], stride: int) -> None:
    # Given
    campaign = start()
    others = find_tasks(campaign.service)
    api = campaign.service.parts["api"]
    options = api.command[api.command.index("--port") :]
    sound = api.command
    texts: list[str] = []
    # When it dies before this line and that, until there are no more
    answer = None
    while answer is None:
        line = campaign.chance.randint(1, stride) + stride * len(texts)
        api.command = [sys.executable, "-m", "tests.faults.mortal_api", str(line), *options]
        _restart_api(campaign)
        texts.append(f"Invoice {stride}-{line}")
        answer = _submit(campaign, texts[-1])
    api.command = sound
    _restart_api(campaign)
    # Then each was taken wholly or not at all, and sent again it is the same task
    assert answer.status_code == 202
    assert list((campaign.service.data_dir / "data" / "tmp" / "incoming").iterdir()) == []
    for text in texts:
        again = _submit(campaign, text)
        assert again is not None
        campaign.expected[again.json()["task_id"]] = text
    assert find_tasks(campaign.service) - others == set(campaign.expected)
    assert len(campaign.expected) == len(texts) > _FEWEST_STEPS // stride
    _call_janitor(campaign)
    row = campaign.settle()
    assert row.ends == {"succeeded": row.accepted}


def _submit(campaign: Campaign, text: str) -> httpx.Response | None:
    """The answer to a submit with a key of its own, or None where the connection broke."""
    with suppress(httpx.TransportError):
        return httpx.post(
            f"{campaign.service.url}/ocr",
            files={"file": ("scan.png", draw_line(text))},
            headers={"Idempotency-Key": text},
            timeout=20,
        )
    return None


def _call_janitor(campaign: Campaign) -> None:
    """What has no record is the janitor's, once it is old enough."""
    for folder in (campaign.service.data_dir / "data" / "tmp").iterdir():
        os.utime(folder, (0, 0))
    store = campaign.service.redis
    store.delete("ocr:turn:clean")
    wait_until(lambda: bool(store.exists("ocr:turn:clean")), "the janitor comes", 10)
    store.close()


def _connect(campaign: Campaign) -> socket.socket:
    return socket.create_connection(("127.0.0.1", urlsplit(campaign.service.url).port or 0))


def _restart_api(campaign: Campaign) -> None:
    campaign.service.parts["api"].kill()
    campaign.fault("API killed")
    campaign.service.parts["api"].start()
    wait_until(lambda: is_ready(campaign.service), "the API is back")
