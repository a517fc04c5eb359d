"""What both XML formats need."""

import re
from xml.etree.ElementTree import Element, SubElement, tostring

from shared.schemas import PageResult

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """`text` without the characters that XML 1.0 cannot hold, not even escaped."""
    return _FORBIDDEN.sub("", text)


def add(parent: Element, tag: str, text: str | None = None, /, **attributes: str | int) -> Element:
    element = SubElement(parent, tag, {name: clean(str(value)) for name, value in attributes.items()})
    element.text = None if text is None else clean(text)
    return element


def serialize(root: Element, prolog: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{prolog}{tostring(root, encoding="unicode")}\n'


def describe_failure(page: PageResult) -> str:
    """Why a page has no text, for a reader of the format; the code is the one of the problem document."""
    error = page["error"] or {}
    return f"Page {page['number']} could not be read: {error.get('title', 'unknown')} ({error.get('code', 'unknown')})"
