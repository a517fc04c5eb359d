"""What the README says of settings and of speed is true and complete."""

import json
import re
from pathlib import Path

from contest.report import Row, format_summary
from pydantic import AliasChoices

from shared.settings import Limits, Settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_setting_is_in_the_table() -> None:
    # Given
    named = set(re.findall(r"`([A-Z_]+)`", README))

    # When
    fields = Settings.model_fields | Limits.model_fields
    settings = {_variable(name, field.validation_alias) for name, field in fields.items() if name != "limits"}

    # Then
    assert settings - named == set()


def test_every_file_it_links_to_exists() -> None:
    # When
    links = re.findall(r"\]\((?!https?://)([^)#]+)\)", README)

    # Then
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_it_quotes_the_ratios_that_were_published() -> None:
    # Given
    rows = json.loads((ROOT / "docs" / "speed.json").read_text(encoding="utf-8"))["rows"]

    # When
    summary = format_summary([Row(**{name: value for name, value in row.items() if name != "is_met"}) for row in rows])

    # Then
    assert " ".join(re.findall(r"^> (.*)$", README, re.MULTILINE)) == summary


def _variable(name: str, alias: object) -> str:
    return str(alias.choices[0]) if isinstance(alias, AliasChoices) else f"OCR_{name.upper()}"
