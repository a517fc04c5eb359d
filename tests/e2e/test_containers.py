"""The containers, from `docker compose up` to their end: read, crash, scale, and keep their promises."""

import json
from collections.abc import Iterator

import pytest

from tests.e2e.stack import Stack, encode, make_page, missing_engine

pytestmark = pytest.mark.timeout(1500)

ENGLISH = "The quick brown fox\njumps over the lazy dog\nwhile seven wizards watch"
RUSSIAN = "Съешь же ещё этих\nмягких французских булок\nда выпей чаю"


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    if reason := missing_engine():
        pytest.skip(f"NO CONTAINERS WERE TESTED: {reason}")
    stack = Stack()
    try:
        stack.up("--build")
        yield stack
    finally:
        stack.down()


@pytest.mark.parametrize("engine", ["tesserocr", "pytesseract"])
@pytest.mark.parametrize(("lang", "text"), [("eng", ENGLISH), ("rus", RUSSIAN)])
def test_a_page_is_read(stack: Stack, lang: str, text: str, engine: str) -> None:
    # Given a page in a language
    page = encode([make_page(text, 48)])
    # When it is submitted
    task = stack.wait_for(stack.submit(page, lang=lang, engine=engine), "succeeded", "failed")
    # Then its words are in the result
    assert task["status"] == "succeeded", task["error"]
    assert task["result"]["text"].split() == text.split()


def test_a_task_outlives_the_crash_of_its_worker(stack: Stack) -> None:
    # Given a document that takes a while, and is being read
    body = "\nsphinx of black quartz judge my vow" * 30
    pages = [make_page(f"Page {number}{body}") for number in range(1, 17)]
    task_id = stack.submit(encode(pages))
    stack.wait_for(task_id, "running")
    # When the worker's processes all die
    stack.crash("worker")
    # Then the container comes again, and the task is finished, with every page
    task = stack.wait_for(task_id, "succeeded", "failed")
    assert task["status"] == "succeeded", task["error"]
    assert [page["text"].split()[:2] for page in task["result"]["pages"]] == [["Page", str(n)] for n in range(1, 17)]
    assert stack.restarts("worker") == 1


def test_results_outlive_the_crash_of_redis(stack: Stack) -> None:
    # Given a finished task
    task_id = stack.submit(encode([make_page(ENGLISH, 48)]))
    text = stack.wait_for(task_id, "succeeded")["result"]["text"]
    # When Redis is killed
    stack.crash("redis")
    # Then the result is there as soon as Redis is
    assert stack.restarts("redis") == 1
    assert stack.wait_for(task_id, "succeeded")["result"]["text"] == text


def test_more_workers_can_be_added(stack: Stack) -> None:
    # Given one worker
    # When another is asked for
    stack.up("--no-recreate", "--scale", "worker=2")
    # Then both are at work
    assert len(stack.health()["workers"]) == 2
    tasks = [stack.submit(encode([make_page(f"{ENGLISH}\n{number}", 48)])) for number in range(8)]
    assert {stack.wait_for(task_id, "succeeded", "failed")["status"] for task_id in tasks} == {"succeeded"}


@pytest.mark.parametrize("service", ["api", "worker", "redis"])
def test_a_container_has_few_rights(stack: Stack, service: str) -> None:
    # Given a running container
    # When it looks at itself
    user = stack.run_inside(service, "id", "-u").stdout.strip()
    status = stack.run_inside(service, "cat", "/proc/self/status").stdout
    # Then it is nobody of importance, may gain nothing, and cannot change its own programs
    assert user not in {"", "0"}
    assert "CapBnd:\t0000000000000000" in status
    assert "NoNewPrivs:\t1" in status
    assert "Read-only" in stack.run_inside(service, "touch", "/usr/x").stderr


def test_the_api_can_open_no_picture(stack: Stack) -> None:
    # Given the API's container
    # When it is searched for what opens pictures
    code = "import importlib.util as u; print([n for n in ('PIL', 'cv2', 'numpy', 'pypdfium2') if u.find_spec(n)])"
    found = stack.run_inside("api", "python", "-c", code).stdout.strip()
    program = stack.run_inside("api", "sh", "-c", "command -v tesseract")
    # Then there is nothing
    assert (found, program.stdout) == ("[]", "")


def test_redis_wants_a_password_and_has_no_way_out(stack: Stack) -> None:
    # Given Redis' container
    # When somebody asks without the password, and when its ports are listed
    answer = stack.run_inside("redis", "env", "-u", "REDISCLI_AUTH", "valkey-cli", "get", "x")
    services = [json.loads(line) for line in stack.compose("ps", "--format", "json").stdout.splitlines()]
    # Then it says no, and the API's port alone is open, on this machine only
    assert "NOAUTH" in answer.stdout + answer.stderr
    published = {(port["URL"], port["PublishedPort"]) for one in services for port in one["Publishers"] or []}
    assert published - {("", 0)} == {("127.0.0.1", stack.port)}


def test_the_reader_is_walled_in_inside_its_container(stack: Stack) -> None:
    # Given what the kernel has
    code = "from worker.reader.landlock import abi_version; print(abi_version())"
    landlock = int(stack.run_inside("worker", "python", "-c", code).stdout)
    # When the workers tell what their readers measured
    protections = [worker["protections"] for worker in stack.health()["workers"]]
    # Then it is all that, and what every Linux has
    walls = ("seccomp", "no_network", "memory_limit", "dies_with_worker")
    assert protections
    assert all(
        one == {"landlock": landlock, "no_foreign_files": landlock > 0, **dict.fromkeys(walls, True)}
        for one in protections
    )
