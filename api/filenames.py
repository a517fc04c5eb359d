"""The name a client gives its file; it is shown to people and never used as a path."""

import re
import unicodedata
from pathlib import PurePosixPath
from urllib.parse import unquote_to_bytes

_MOST_CHARACTERS = 255
_MOST_SUFFIX_CHARACTERS = 16
_NAMELESS = "unnamed"

_QUOTED = re.compile(rb'"(?:[^"\\]|\\.)*"')
_EXTENDED = re.compile(rb"filename\*\s*=\s*([\w-]{1,40})'[^']*'([^;\s]+)", re.IGNORECASE)
_BROWSER_ESCAPES = {"%22": '"', "%0D": "", "%0A": ""}
"""All that browsers escape in a name (WHATWG HTML, multipart/form-data); other percent signs are the name's own."""

_HIDDEN_CATEGORIES = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Unicode's controls, formats (which turn the direction of text), lone surrogates and line separators."""


def read_filename(disposition: bytes, plain: bytes) -> str:
    """The file name of a Content-Disposition header, fit to be shown.

    `filename*` (RFC 6266) wins over the plain parameter, which is taken for UTF-8 and else for Latin-1.
    """
    extended = _EXTENDED.search(_QUOTED.sub(b"", disposition))
    if extended is not None:
        try:
            return clean_filename(unquote_to_bytes(extended[2]).decode(extended[1].decode("ascii")))
        except (LookupError, UnicodeError):
            pass
    name = _decode(plain)
    for escape, character in _BROWSER_ESCAPES.items():
        name = name.replace(escape, character)
    return clean_filename(name)


def clean_filename(name: str) -> str:
    """The last part of a name without anything that hides or reorders text, at most 255 characters long."""
    visible = "".join(character for character in name if unicodedata.category(character) not in _HIDDEN_CATEGORIES)
    last = re.split(r"[/\\]", visible)[-1].strip()
    if last in {"", ".", ".."}:
        return _NAMELESS
    if len(last) <= _MOST_CHARACTERS:
        return last
    suffix = PurePosixPath(last).suffix[:_MOST_SUFFIX_CHARACTERS]
    return last[: _MOST_CHARACTERS - len(suffix)] + suffix


def _decode(name: bytes) -> str:
    try:
        return name.decode()
    except UnicodeDecodeError:
        return name.decode("latin-1")
