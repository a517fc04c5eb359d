"""A user's own `process_image`, through the queue: the README's example, and functions that go wrong."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.service import ROOT, Service, running_service

FAULTY = '''
import time
from PIL import Image

def process_image(path):
    """What goes wrong depends on the width of the picture."""
    width = Image.open(path).width
    if width == 1:
        raise ValueError("the scanner is on fire")
    if width == 2:
        return {"when": object()}
    while width == 3:
        time.sleep(1)
    return {"width": width}
'''


def read_example() -> str:
    """The Python block in the README."""
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    return next(block for block in blocks if "def process_image(path)" in block)


def submit(service: Service, width: int) -> dict[str, Any]:
    buffer = BytesIO()
    Image.new("L", (width, 20)).save(buffer, "PNG")
    files = {"file": ("a.png", buffer.getvalue())}
    answer = httpx.post(f"{service.url}/ocr", files=files, headers={"Prefer": "wait=40"}, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.json()


def make_module(folder: Path, code: str) -> dict[str, str]:
    (folder / "own_processor.py").write_text(code, encoding="utf-8")
    return {"OCR_PROCESSOR": "own_processor:process_image", "PYTHONPATH": str(folder), "OCR_PROCESSOR_SECONDS": "2"}


@pytest.fixture(scope="module")
def faulty_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with running_service(**make_module(tmp_path_factory.mktemp("faulty"), FAULTY)) as service:
        yield service


def test_the_example_of_the_readme_takes_the_place_of_the_built_in_one(tmp_path: Path) -> None:
    # Given
    with running_service(**make_module(tmp_path, read_example())) as service:
        # When
        task = submit(service, 40)

    # Then
    assert (task["status"], task["result"]) == ("succeeded", {"width": 40, "height": 20})


@pytest.mark.parametrize(
    ("fault", "code"),
    [(1, "processor_error"), (2, "processor_error"), (3, "task_timeout")],
    ids=["raises", "no JSON", "hangs"],
)
def test_a_function_that_goes_wrong_fails_its_task_and_no_other(faulty_service: Service, fault: int, code: str) -> None:
    # When
    failed, next_one = submit(faulty_service, fault), submit(faulty_service, 40 + fault)

    # Then
    assert (failed["status"], failed["error"]["code"]) == ("failed", code)
    assert next_one["status"] == "succeeded"
