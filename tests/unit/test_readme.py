"""What the README says of settings is true and complete."""

import re
from pathlib import Path

from pydantic import AliasChoices

from shared.settings import Limits, Settings

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


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
    assert [link for link in links if not (Path(__file__).parents[2] / link).exists()] == []


def _variable(name: str, alias: object) -> str:
    return str(alias.choices[0]) if isinstance(alias, AliasChoices) else f"OCR_{name.upper()}"
