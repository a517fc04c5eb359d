"""`kill -9` of the API in the middle of an upload, and between the steps that make a task of one."""

import os
import socket
import time
from collections.abc import Callable
from urllib.parse import urlsplit

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
    # Then what has no record is the janitor's, once it is old enough
    campaign.submit_many(3)
    for folder in (campaign.service.data_dir / "data" / "tmp").iterdir():
        os.utime(folder, (0, 0))
    store = campaign.service.redis
    store.delete("ocr:turn:clean")
    wait_until(lambda: bool(store.exists("ocr:turn:clean")), "the janitor comes", 10)
    store.close()
    campaign.expected |= dict.fromkeys(find_tasks(campaign.service))
    row = campaign.settle()
    assert row.ends == {"succeeded": row.accepted}


def _connect(campaign: Campaign) -> socket.socket:
    return socket.create_connection(("127.0.0.1", urlsplit(campaign.service.url).port or 0))


def _restart_api(campaign: Campaign) -> None:
    campaign.service.parts["api"].kill()
    campaign.fault("API killed")
    campaign.service.parts["api"].start()
    wait_until(lambda: is_ready(campaign.service), "the API is back")
