"""What a client sent and what was read in it stand in no log and in no message, however they are spelled."""

import base64
import io
import json
from collections.abc import Callable

import httpx
import pytest
from PIL import Image, ImageDraw

from tests.faults.campaign import Campaign
from tests.faults.spellings import find_spellings
from tests.fonts import load_font
from worker.tessdata import installed_languages

_NAME, _TEXT = "Выписка Кузнецовой.png", "Сумма прописью"
_SECRETS = ("Выписка", "Кузнецовой", "Сумма", "прописью")


@pytest.mark.skipif("rus" not in installed_languages(), reason="there is no Russian model here")
def test_names_and_texts_stay_out_of_logs_and_messages(start: Callable[..., Campaign]) -> None:
    # Given a slot that is busy, so that messages wait
    campaign = start(OCR_LOG_LEVEL="debug", OCR_ENGINE="tesseract")
    url = campaign.service.url
    blocker = campaign.block_slot()
    picture = _draw(_TEXT)
    # When one file is read, one is refused, one fails, and what there is of them is asked for
    answers = [
        httpx.post(f"{url}/ocr", files={"file": (_NAME, data)}, data={"lang": "rus"}, timeout=20)
        for data in (picture, b"no picture", picture[: len(picture) // 2])
    ]
    messages = campaign.service.redis.lrange("interactive", 0, -1)
    campaign.cancel(blocker)
    read, refused, broken = answers
    for answer in (read, broken):
        campaign.expected[answer.json()["task_id"]] = None
    task = campaign.wait_for(read.json()["task_id"], "succeeded")
    campaign.wait_for_end(broken.json()["task_id"])
    for format_ in ("json", "text", "pdf"):
        httpx.get(f"{url}/ocr/{task['task_id']}/result", params={"format": format_}, timeout=20).raise_for_status()
    httpx.get(f"{url}/ocr/{_NAME}", params={"lang": _TEXT}, timeout=20)
    campaign.settle()
    # Then
    assert refused.status_code == 415
    assert (task["filename"], task["result"]["text"]) == (_NAME, _TEXT)
    assert len(messages) == 2
    assert find_spellings(_SECRETS, campaign.service.log()) == []
    assert find_spellings(_SECRETS, "".join(map(_unpack, messages))) == []


def _draw(text: str) -> bytes:
    picture = Image.new("L", (420, 80), 255)
    ImageDraw.Draw(picture).text((20, 16), text, font=load_font(40), fill=0)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", dpi=(200, 200))
    return buffer.getvalue()


def _unpack(message: bytes) -> str:
    """The message as it is, and what stands in its body."""
    envelope = json.loads(message)
    is_encoded = envelope["properties"].get("body_encoding") == "base64"
    return message.decode() + (base64.b64decode(envelope["body"]).decode() if is_encoded else "")
