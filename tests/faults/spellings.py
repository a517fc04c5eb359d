"""The shapes in which a client's text could get into a log."""

import json
from collections.abc import Iterable
from urllib.parse import quote


def find_spellings(texts: Iterable[str], log: str) -> list[str]:
    """Those that `log` holds: as they are, percent-encoded, escaped as in JSON or as Python shows bytes, misread."""
    found = []
    for text in texts:
        utf8 = text.encode()
        spellings = {text, quote(text), json.dumps(text)[1:-1], repr(utf8)[2:-1], utf8.decode("latin-1"), utf8.hex()}
        found += [spelling for spelling in spellings if spelling.lower() in log.lower()]
    return found
