"""Faults and abuse: a service of real parts for each test, its random seed, and the table of all at the end.

`FAULTS_SEED=n` repeats a run; `--faults-table=FILE` writes the table as Markdown, or as JSON where FILE ends so.
"""

import json
import os
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

import pytest

pytest.register_assert_rewrite("tests.faults.campaign", "tests.faults.leftovers")

from tests.faults.campaign import Campaign, Row  # noqa: E402 - its assertions are rewritten first
from tests.service import Service, running_service  # noqa: E402 - as above

_ROWS = pytest.StashKey[list[Row]]()
_SEED = pytest.StashKey[int]()
_CHEAP = {"OCR_CACHE": "false", "OCR_ENGINE": "tesseract"}
Route = Callable[[str], str]
_TITLES = ("name", "seed", "accepted", "faults", "ends", "lost", "stuck", "extra runs", "seconds to quiet")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--faults-table", type=Path, help="write the table of the faults suite to this file")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "long: takes minutes; `make faults` leaves it out")
    config.stash[_ROWS] = []
    config.stash[_SEED] = int(os.environ.get("FAULTS_SEED") or random.SystemRandom().randrange(10**6))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("timeout") is None and "faults" in Path(item.path).parts:
            item.add_marker(pytest.mark.timeout(900))


def pytest_report_header(config: pytest.Config) -> str:
    return f"faults: FAULTS_SEED={config.stash[_SEED]}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    rows = config.stash[_ROWS]
    if not rows:
        return
    table = _format_table(rows)
    terminalreporter.section("faults")
    terminalreporter.write_line(table)
    path: Path | None = config.getoption("--faults-table")
    if path is not None:
        path.write_text(json.dumps([asdict(row) for row in rows], indent=1) if path.suffix == ".json" else table + "\n")


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    return request.config.stash[_SEED]


@pytest.fixture
def start(request: pytest.FixtureRequest, seed: int) -> Iterator[Callable[..., Campaign]]:
    """A function that starts a service and a campaign against it; its row goes into the table, however it ends."""
    with ExitStack() as stack:

        def start_campaign(*, workers: int = 1, slots: int = 1, route: Route = str, **settings: str) -> Campaign:
            settings = {**_CHEAP, **settings}
            service = stack.enter_context(running_service(workers=workers, slots=slots, route=route, **settings))
            return _open_campaign(request, seed, service)

        yield start_campaign


@pytest.fixture(scope="session")
def standing_service() -> Iterator[Service]:
    """For abuse, which must leave a service as it was: the next abuser's."""
    with running_service(slots=2, OCR_MAX_UPLOAD_BYTES=str(4 << 20), OCR_PAGE_SECONDS="20", **_CHEAP) as service:
        yield service


@pytest.fixture
def campaign(request: pytest.FixtureRequest, seed: int, standing_service: Service) -> Campaign:
    return _open_campaign(request, seed, standing_service)


def _open_campaign(request: pytest.FixtureRequest, seed: int, service: Service) -> Campaign:
    campaign = Campaign(request.node.name.removeprefix("test_"), seed, service)
    request.config.stash[_ROWS].append(campaign.row)
    return campaign


def _format_table(rows: list[Row]) -> str:
    lines = [list(_TITLES), ["---"] * len(_TITLES), *(row.cells() for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
