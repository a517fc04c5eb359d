"""A processor that does nothing: what a task costs then is what the service adds."""

from typing import Any


def process_image(_: str) -> dict[str, Any]:
    return {"text": ""}
