"""Files that are not what they are called, and names that are meant to harm."""

from pathlib import Path

import httpx

from tests.faults.campaign import Campaign
from tests.faults.pictures import draw_document, draw_line
from tests.faults.spellings import find_spellings

_VICTIM = "Secret 4711"
_MARKUP = '<script>alert("x")</script>'
_LONGEST_NAME = 1000
_NAMES = (
    "../../../../etc/passwd",
    "/etc/passwd",
    "C:\\Windows\\win.ini",
    "a\r\nSet-Cookie: x=1",
    f"{_MARKUP}.png",
    "a" * 5000 + ".png",
    "\u202egnp.exe",
    ".",
    "..",
    "nul\x00.png",
    "%2e%2e%2f.png",
    "'; DROP TABLE--.png",
    "-rf",
    "счёт № 7.png",
)


def test_lists_of_other_peoples_files(campaign: Campaign) -> None:
    """Tesseract takes any file that is no picture for a list of paths to read."""
    # Given an upload that waits, and the path where it lies
    tmp = campaign.service.data_dir / "data" / "tmp"
    victim = tmp / "victim"
    victim.mkdir()
    (victim / "upload.png").write_bytes(draw_line(_VICTIM))
    # When
    said = []
    for data in _make_lists(victim / "upload.png"):
        answer = campaign.submit(data)
        campaign.fault("list of paths")
        assert answer is not None
        said.append(answer.text)
        if answer.status_code == 202:
            task_id = answer.json()["task_id"]
            campaign.wait_for_end(task_id)
            said += [_ask(campaign, f"/ocr/{task_id}{path}") for path in ("", "/result?format=text", "/pages/1")]
        else:
            assert answer.status_code in {415, 422}, answer.text
    # Then
    (victim / "upload.png").unlink()
    victim.rmdir()
    assert len(campaign.expected) > 0
    assert not any("4711" in text for text in (*said, campaign.service.log()))
    campaign.settle()


def test_polyglots(campaign: Campaign) -> None:
    """What stands at the first byte decides, whatever the name or the rest says."""
    # Given
    picture, document = draw_line("Picture"), draw_document(["Sheet"])
    pdf = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer<<>>\n%%EOF"
    mixtures = {
        "image/png": [picture + pdf, picture + document, picture + b"PK\x03\x04" + bytes(100)],
        "image/tiff": [document + picture, document + pdf],
        "application/pdf": [pdf + picture, b"#!/bin/sh\n" + pdf],
        "image/gif": [b"GIF89a" + picture, b"GIF89a" + pdf],
        None: [b"<html>" + picture, b"PK\x03\x04" + pdf, b"\x7fELF" + pdf, b"MZ" + picture],
    }
    for media_type, files in mixtures.items():
        for data in files:
            # When
            answer = campaign.submit(data)
            campaign.fault("polyglot")
            # Then
            assert answer is not None
            if answer.status_code == 202:
                assert campaign.find(answer.json()["task_id"])["media_type"] == media_type
            else:
                assert answer.status_code in ({415} if media_type is None else {415, 422}), answer.text
    campaign.settle()


def test_hostile_names(campaign: Campaign) -> None:
    # Given
    url = campaign.service.url
    for name in _NAMES:
        # When
        answer = httpx.post(f"{url}/ocr", files={"file": (name, draw_line("Name"))}, timeout=20)
        campaign.fault("hostile name")
        # Then
        if len(name) > _LONGEST_NAME:
            assert answer.status_code == 400, answer.text
            continue
        assert answer.status_code == 202, answer.text
        task_id = answer.json()["task_id"]
        campaign.expected[task_id] = "Name"
        task = httpx.get(f"{url}/ocr/{task_id}", params={"wait": 30}, timeout=60)
        page = httpx.get(f"{url}/ocr/{task_id}", headers={"Accept": "text/html"}, timeout=20)
        result = httpx.get(f"{url}/ocr/{task_id}/result", params={"format": "text"}, timeout=20)
        assert not {"/", "\\", "\0", "\n", "\r"} & set(task.json()["filename"])
        assert _MARKUP not in page.text
        assert result.headers["content-disposition"] == f'attachment; filename="{task_id}.txt"'
        assert all("set-cookie" not in given.headers for given in (answer, task, page, result))
        assert len(name) < 3 or find_spellings([name], campaign.service.log()) == []
    campaign.settle()


def _ask(campaign: Campaign, path: str) -> str:
    return httpx.get(campaign.service.url + path, timeout=20).text


def _make_lists(victim: Path) -> list[bytes]:
    path = str(victim).encode()
    lists = [
        path,
        path + b"\n",
        path + b"\n" + b"# padding\n" * 2000,
        b"\xef\xbb\xbf" + path + b"\n",
        path.decode().encode("utf-16"),
        b"\n" + path + b"\n",
        path + b"\0" * 64,
        b"stdin\n",
        b"http://127.0.0.1:9/x.png\n",
        b"P1\n# " + path + b"\n1 1\n0\n",
        b"P5\n" + path + b"\n",
        b"BM" + path + b"\n",
        b"GIF89a" + path + b"\n",
    ]
    return lists * 2
