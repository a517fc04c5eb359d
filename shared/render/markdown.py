"""Markdown (CommonMark): paragraphs and headings in reading order."""

import re
from itertools import pairwise
from statistics import median

from shared.render.geometry import Span, level_line, reading_angle
from shared.render.markup import describe_failure
from shared.schemas import PageResult, Result

_MARKUP = re.compile(r"([\\`*_\[\]<>|~&])")
_LINE_START = re.compile(r"^(\s*)(?:([#+=-])|(\d+)([.)]))")
_HYPHENATED = re.compile(r"[^\W\d_]{2}[-\u00ad\u2010]$")
_CONTINUED = re.compile(r"(?!(?:либо|нибудь|таки)\b)[^\W\d_A-ZА-ЯЁ][^\W\d_]{2}")
"""The rest of a word, and not what keeps its hyphen in Russian."""
_HEADING_RATIO = 1.5
"""A block whose words are this much taller than the page's usual ones is a heading..."""
_HEADING_LINES = 3
"""... unless it has more lines than this."""
_Levelled = tuple[str, Span, list[Span]]


def render_markdown(result: Result, _filename: str) -> str:
    """A paragraph or a heading of level 2 for each block; a rule stands between two pages.

    What Markdown would take for markup is escaped. A line that was broken on purpose ends in a hard break, so
    addresses and receipts keep their lines; a word that was parted at the end of a line is whole again. A failed page
    is an emphasized sentence that says why.
    """
    return "\n---\n\n".join(map(_format_page, result["pages"]))


def _format_page(page: PageResult) -> str:
    if page["status"] == "failed":
        return f"*{escape(describe_failure(page))}*\n"
    angle = reading_angle(page)
    blocks = [[(line["text"].strip(), *level_line(line, angle)) for line in block["lines"]] for block in page["blocks"]]
    usual = _word_height([line for block in blocks for line in block])
    return "\n".join(_format_block(block, usual) for block in blocks if block) or escape(page["text"]) + "\n"


def _format_block(lines: list[_Levelled], usual_height: float) -> str:
    if len(lines) <= _HEADING_LINES and _word_height(lines) > _HEADING_RATIO * usual_height:
        return "## " + " ".join(escape(text) for text, _, _ in lines) + "\n"
    width = max(span.end for _, span, _ in lines) - min(span.start for _, span, _ in lines)
    text = ""
    for line, following in pairwise(lines):
        if _is_broken_on_purpose(line, following, width):
            text += escape(line[0]) + "\\\n"
        elif _HYPHENATED.search(line[0]) and _CONTINUED.match(following[0]):
            text += escape(line[0][:-1])
        else:
            text += escape(line[0]) + "\n"
    return text + escape(lines[-1][0]) + "\n"


def _word_height(lines: list[_Levelled]) -> float:
    return median([word.height for _, _, words in lines for word in words] or [0])


def _is_broken_on_purpose(line: _Levelled, following: _Levelled, width: float) -> bool:
    """Whether the next line's first word had room in this line, or the line has columns."""
    _, span, words = line
    first = following[2][0]
    has_room = span.end - span.start + span.height / 2 + first.end - first.start < width
    return has_room or any(right.start - left.end > span.height for left, right in pairwise(words))


def escape(text: str) -> str:
    """`text` so that CommonMark shows it as it is; single line feeds stay soft breaks."""
    return "\n".join(_escape_line(line) for line in text.splitlines())


def _escape_line(line: str) -> str:
    return _LINE_START.sub(_escape_start, _MARKUP.sub(r"\\\1", line))


def _escape_start(match: re.Match[str]) -> str:
    space, sign, number, point = match.groups()
    return f"{space}\\{sign}" if sign else f"{space}{number}\\{point}"
