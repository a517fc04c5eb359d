"""Everything that goes wrong in a reader ends as one typed error, and the slot works on."""

import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.errors import Code, OcrError
from shared.settings import Limits
from tests.slot import Slot, needs_linux, wait_for_end
from worker.reader.reader import Reader, Watch

_MEBIBYTE = 1 << 20


@pytest.fixture(scope="module")
def slot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slot]:
    """One slot for all of them: each test finds what the one before left."""
    limits = Limits(reader_memory_bytes=512 * _MEBIBYTE, max_text_bytes=_MEBIBYTE)
    slot = Slot(tmp_path_factory.mktemp("faults"), limits=limits)
    yield slot
    slot.reader.close()


@pytest.fixture(scope="module")
def hasty_slot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slot]:
    """A slot whose reader may do nothing for no longer than a second."""
    slot = Slot(tmp_path_factory.mktemp("hasty"), limits=Limits(stall_seconds=1))
    yield slot
    slot.reader.close()


def failure(slot: Slot, action: str, watch: Watch | None = None) -> OcrError:
    with pytest.raises(OcrError) as caught:
        slot.order(action, watch=watch)
    return caught.value


@pytest.mark.parametrize(
    ("action", "detail"),
    [
        ("fail", "ValueError: no such line in ..."),
        ("leave", "SystemExit: 3"),
        ("return_set", "TypeError: Object of type set is not JSON serializable"),
        ("return_nan", "ValueError: Out of range float values are not JSON compliant"),
        ("return_list", "The function returned list, and not a dict."),
        ("return_much", "The result is larger than the 1048576 bytes allowed."),
        ("exit_hard", "The process that read the upload ended with status 7."),
        ("crash", "The process that read the upload died of SIGSEGV."),
        ("eat_memory", "It takes more than the 536870912 bytes of memory allowed."),
        ("eat_memory_bit_by_bit", "It takes more than the 536870912 bytes of memory allowed."),
    ],
)
def test_failure_is_typed_and_the_slot_works_on(slot: Slot, action: str, detail: str) -> None:
    # Given
    expected = (Code.PROCESSOR_ERROR, detail)
    # When
    error = failure(slot, action)
    # Then
    assert (error.code, error.detail) == expected
    assert slot.order("tell_pid")["pid"] != os.getpid()


def test_result_nested_deeper_than_json_is_read_is_typed(slot: Slot) -> None:
    # Given
    reader = slot.order("tell_pid")["pid"]
    # When
    with pytest.raises(OcrError) as caught:
        slot.order("nest", depth=250)
    # Then it is the function's failure and no death
    assert caught.value.code is Code.PROCESSOR_ERROR
    assert "recursion limit" in caught.value.detail
    assert slot.order("tell_pid")["pid"] == reader


def test_failure_whose_detail_is_no_text_is_typed(slot: Slot) -> None:
    # Given
    reader = slot.order("tell_pid")["pid"]
    # When
    error = failure(slot, "complain")
    # Then
    assert error.code is Code.CORRUPT_FILE
    assert slot.order("tell_pid")["pid"] == reader


@needs_linux
def test_crash_of_a_reader_that_had_grown_large_names_its_memory(slot: Slot) -> None:
    # When
    with pytest.raises(OcrError) as caught:
        slot.order("crash", memory_bytes=300 * _MEBIBYTE)
    # Then
    how = "died of SIGSEGV after it had taken more than half of the 536870912 bytes of memory allowed"
    assert caught.value.detail == f"The process that read the upload {how}."


@pytest.mark.parametrize("action", ["sleep", "hang_in_c"])
def test_request_ends_in_time_wherever_it_hangs(slot: Slot, action: str) -> None:
    # Given
    slot.order("tell_pid")
    started = time.monotonic()
    # When
    error = failure(slot, action, Watch(seconds=0.5))
    # Then
    assert (error.code, time.monotonic() - started < 1.5) == (Code.TASK_TIMEOUT, True)
    assert slot.order("tell_pid")


@needs_linux
def test_request_that_does_nothing_ends_long_before_its_time(hasty_slot: Slot) -> None:
    # Given
    started = time.monotonic()
    # When
    error = failure(hasty_slot, "sleep")
    # Then
    assert (error.code, error.detail) == (
        Code.TASK_TIMEOUT,
        "It did nothing for 1 seconds, and used no processor time.",
    )
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    "order",
    [
        {"action": "work", "seconds": 2.5},
        {"action": "run", "program": [sys.executable, "-c", "import time\nwhile time.process_time() < 2.5: pass"]},
    ],
    ids=["itself", "in a program it started"],
)
def test_request_that_works_is_left_to_it(hasty_slot: Slot, order: dict[str, Any]) -> None:
    # Given
    slot = hasty_slot
    # When
    answer = slot.order(**order)
    # Then
    assert answer


def test_what_the_watch_raises_kills_the_child_and_goes_on(slot: Slot) -> None:
    # Given
    pid = slot.order("tell_pid")["pid"]

    def cancel() -> None:
        raise OcrError(Code.CANCELLED, "The client does not want it any more.")

    # When
    error = failure(slot, "hang_in_c", Watch(seconds=30, poll=cancel))
    # Then
    assert error.code == Code.CANCELLED
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@needs_linux
def test_what_the_child_started_goes_with_it(slot: Slot, capfd: pytest.CaptureFixture[str]) -> None:
    # Given
    slot.reader.close()  # the child writes to the standard error of its start
    # When
    failure(slot, "start_child_and_hang", Watch(seconds=1))
    # Then
    (line,) = (line for line in capfd.readouterr().err.splitlines() if line.startswith("processes "))
    assert wait_for_end([int(pid) for pid in line.split()[1:]], seconds=1)


def test_watch_is_polled_while_the_child_works(slot: Slot) -> None:
    # Given
    polls: list[float] = []
    slot.order("tell_pid")
    # When
    failure(slot, "sleep", Watch(seconds=1.1, poll=lambda: polls.append(time.monotonic())))
    # Then
    assert 2 <= len(polls) <= 5


def test_idle_child_that_died_is_replaced_unnoticed(slot: Slot) -> None:
    # Given
    pid = slot.order("tell_pid")["pid"]
    os.kill(pid, 9)
    time.sleep(0.2)
    # When
    fresh = slot.order("tell_pid")["pid"]
    # Then
    assert fresh != pid


def test_child_is_kept_between_requests(slot: Slot) -> None:
    # Given
    first = slot.order("tell_pid")
    # When
    second = slot.order("tell_pid")
    # Then
    assert first == second


def test_child_is_replaced_when_old(slot: Slot) -> None:
    # Given
    first = slot.order("tell_pid")
    # When
    pids = {slot.order("tell_pid")["pid"] for _ in range(2000)}
    # Then
    assert len(pids - {first["pid"]}) == 1


@needs_linux
def test_child_is_replaced_when_it_has_grown(tmp_path_factory: pytest.TempPathFactory) -> None:
    # Given
    slot = Slot(tmp_path_factory.mktemp("grown"))
    slot.order("tell_pid")
    # When
    pids = [slot.order("grow", mebibytes=150)["pid"] for _ in range(4)]
    # Then
    assert (pids[0] == pids[1] == pids[2], pids[3] == pids[2]) == (True, False)
    slot.reader.close()


def test_files_left_behind_are_gone_after_the_request(slot: Slot) -> None:
    # Given
    left = slot.order("litter")["file"]
    # When
    exists = os.path.exists(left)  # noqa: PTH110 - only whether it is there
    # Then
    assert not exists


def test_printing_disturbs_nothing_and_reaches_standard_error(slot: Slot, capfd: pytest.CaptureFixture[str]) -> None:
    # Given
    slot.reader.close()  # the child writes to the standard error of its start
    # When
    answer = slot.order("say")
    # Then
    assert (answer, '{"result": 1}\n' in capfd.readouterr().err) == ({"said": True}, True)


def test_log_tells_an_exceptions_types_and_places_and_none_of_its_text(
    slot: Slot, capfd: pytest.CaptureFixture[str]
) -> None:
    # Given
    slot.reader.close()  # the child writes to the standard error of its start
    # When
    with pytest.raises(OcrError, match="ValueError: Dear John"):
        slot.order("quote", text="Dear John")
    # Then
    logged = capfd.readouterr().err
    place = r".*/tests/processors.py:\d+ in quote\n"
    assert re.search(rf"ValueError\n{place}\s+after KeyError\n{place}", logged, re.DOTALL)
    assert ("Dear John" in logged, "raise " in logged) == (False, False)


def test_upload_that_is_gone_is_a_typed_error(slot: Slot) -> None:
    # Given
    missing = slot.data_dir / "tmp" / "gone.png"
    # When
    with pytest.raises(OcrError) as caught:
        slot.reader.process(missing, Watch(seconds=5))
    # Then
    assert caught.value.code == Code.INTERNAL_ERROR


def test_function_that_does_not_exist_is_a_typed_error(tmp_path_factory: pytest.TempPathFactory) -> None:
    # Given
    slot = Slot(tmp_path_factory.mktemp("missing"), processor="no_such_function")
    # When
    with pytest.raises(OcrError) as caught:
        slot.process(b"picture")
    # Then
    assert caught.value.code == Code.PROCESSOR_ERROR
    slot.reader.close()


def test_closing_leaves_no_folder_and_no_process(tmp_path_factory: pytest.TempPathFactory) -> None:
    # Given
    slot = Slot(tmp_path_factory.mktemp("closed"))
    pid = slot.order("tell_pid")["pid"]
    # When
    slot.reader.close()
    # Then
    assert [entry.name for entry in (slot.data_dir / "scratch").iterdir()] == [".lock"]
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_reader_is_replaced_after_so_many_uploads(tmp_path: Path) -> None:
    # Given
    slot = Slot(tmp_path)
    slot.reader = Reader(slot.settings, most_uploads=2)
    # When
    pids = [slot.order("tell_pid")["pid"] for _ in range(4)]
    slot.reader.close()
    # Then
    assert pids[0] == pids[1] != pids[2] == pids[3]


def test_an_upload_that_is_gone_does_not_wear_the_reader(tmp_path: Path) -> None:
    # Given
    slot = Slot(tmp_path)
    slot.reader = Reader(slot.settings, most_uploads=2)
    first = slot.order("tell_pid")["pid"]
    # When
    with pytest.raises(OcrError):
        slot.reader.process(tmp_path / "gone.png", Watch(seconds=30))
    # Then
    assert slot.order("tell_pid")["pid"] == first
    slot.reader.close()
