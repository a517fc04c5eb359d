"""What the README says of settings is true and complete."""

import re
from pathlib import Path

from shared.settings import Limits, Settings

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


def test_every_setting_is_in_the_table() -> None:
    # Given
    named = set(re.findall(r"`((?:OCR_|REDIS_|DATA_)[A-Z_]+)`", README))

    # When
    fields = [*Settings.model_fields, *Limits.model_fields]
    settings = {f"OCR_{name.upper()}" for name in fields if name not in {"redis_url", "data_dir", "limits"}}

    # Then
    assert settings - named == set()


def test_every_file_it_links_to_exists() -> None:
    # When
    links = re.findall(r"\]\((?!https?://)([^)#]+)\)", README)

    # Then
    assert [link for link in links if not (Path(__file__).parents[2] / link).exists()] == []
