"""Faults and abuse: a service of real parts for each test, its random seed, and the table of all at the end.

`FAULTS_SEED=n` repeats a run; `--faults-table=FILE` writes the table as Markdown, or as JSON where FILE ends so.
"""

import json
import os
import random
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

pytest.register_assert_rewrite("tests.faults.campaign", "tests.faults.leftovers", "tests.faults.memory")

from tests.faults.campaign import Campaign, Row  # noqa: E402 - its assertions are rewritten first
from tests.faults.house import House  # noqa: E402 - as above

_ROWS = pytest.StashKey[list[Row]]()
_SEED = pytest.StashKey[int]()
_CHEAP = {"OCR_CACHE": "false", "OCR_ENGINE": "tesseract"}
_TITLES = (
    *("name", "seed", "accepted", "faults", "ends", "lost", "stuck"),
    *("extra runs", "seconds to quiet", "reader MiB", "other MiB"),
)


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


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    with House() as house:
        yield house


@pytest.fixture
def start(request: pytest.FixtureRequest, seed: int, house: House) -> Callable[..., Campaign]:
    """A function that begins a campaign against a service of that kind; its row goes into the table, however it ends.

    Its arguments are those of `running_service`.
    """

    def start_campaign(**wishes: Any) -> Campaign:
        campaign = house.open_campaign(request.node.name.removeprefix("test_"), seed, {**_CHEAP, **wishes})
        request.addfinalizer(campaign.close)
        request.config.stash[_ROWS].append(campaign.row)
        return campaign

    return start_campaign


@pytest.fixture
def campaign(start: Callable[..., Campaign]) -> Campaign:
    """For abuse: two slots, and limits that are soon reached."""
    return start(slots=2, OCR_MAX_UPLOAD_BYTES=str(4 << 20), OCR_PAGE_SECONDS="20")


def _format_table(rows: list[Row]) -> str:
    lines = [list(_TITLES), ["---"] * len(_TITLES), *(row.cells() for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
