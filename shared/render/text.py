"""Plain text that keeps the layout of the page."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from shared.render.geometry import Span, level_line, reading_angle, words_of
from shared.render.markup import describe_failure
from shared.schemas import PageResult, Result

_GAP_CHARACTERS = 2
"""Words further apart than this many characters stand in different columns; the text keeps this many spaces."""
_MOST_COLUMNS = 400
_PARAGRAPH_GAP = 0.8
"""A gap between rows of more than this share of a row's height becomes an empty line."""


@dataclass(slots=True)
class _Chunk:
    """Words that belong together, in one row; `column` is where they start in the text."""

    text: str
    start: float
    end: float
    previous: "_Chunk | None" = None
    column: int = 0

    @property
    def next_column(self) -> int:
        return self.column + len(self.text) + _GAP_CHARACTERS


@dataclass(slots=True)
class _Row:
    span: Span
    words: list[tuple[Span, str]]
    chunks: list[_Chunk]


def render_text(result: Result, _filename: str) -> str:
    """The pages as they look: columns stay side by side, a receipt's prices below each other, as `pdftotext -layout`.

    Each page ends with a line feed; a form feed stands between two pages. A failed page is one line in brackets
    that says why. The text in reading order, column after column, is in the JSON and in the Markdown.
    """
    return "\f".join(map(format_page, result["pages"]))


def format_page(page: PageResult) -> str:
    """The page's text on a grid of characters; without blocks, its text as it is."""
    if page["status"] == "failed":
        return f"[{describe_failure(page)}]\n"
    rows = _find_rows(page)
    if not rows:
        return page["text"].rstrip() + "\n"
    words = [word for row in rows for word in row.words]
    left = min(span.start for span, _ in words)
    extent = max(span.end for span, _ in words) - left
    cell = sum(span.end - span.start for span, _ in words) / max(1, sum(len(text) for _, text in words))
    cell = max(cell, extent / _MOST_COLUMNS, 1.0)
    for row in rows:
        row.chunks = _join_words(row, cell)
    for column in _find_columns(rows):
        _place(column, left, cell)
    return _draw(rows)


def _find_rows(page: PageResult) -> list[_Row]:
    """The lines of the page from top to bottom, those at the same height in one row."""
    angle = reading_angle(page)
    rows: list[_Row] = []
    lines = [(line, *level_line(line, angle)) for block in page["blocks"] for line in block["lines"]]
    for line, span, spans in sorted(lines, key=lambda item: item[1].middle):
        words = [(place, word["text"]) for place, word in zip(spans, words_of(line), strict=True)]
        if rows and span.middle - rows[-1].span.middle < min(span.height, rows[-1].span.height) / 2:
            rows[-1].words += words
        else:
            rows.append(_Row(span, words, []))
    return rows


def _join_words(row: _Row, cell: float) -> list[_Chunk]:
    chunks: list[_Chunk] = []
    gap = max(_GAP_CHARACTERS * cell, _PARAGRAPH_GAP * row.span.height)
    for span, text in sorted(row.words, key=lambda word: word[0].start):
        if chunks and span.start - chunks[-1].end < gap:
            chunks[-1].text += f" {text}"
            chunks[-1].end = max(span.end, chunks[-1].end)
        else:
            chunks.append(_Chunk(text, span.start, span.end, previous=chunks[-1] if chunks else None))
    return chunks


def _find_columns(rows: Iterable[_Row]) -> list[list[_Chunk]]:
    """Chunks that share a column, the columns from left to right.

    Only a chunk with another to its left makes a column, so that a line as wide as the page does not tie all columns
    together; one that starts its row may stand in a column too.
    """
    columns: list[list[_Chunk]] = []
    shared: list[_Chunk] = []
    end = float("-inf")
    for chunk in sorted((chunk for row in rows for chunk in row.chunks), key=lambda chunk: chunk.start):
        if chunk.start < end:
            shared.append(chunk)
        elif chunk.previous:
            shared = [chunk]
            columns.append(shared)
        else:
            columns.append([chunk])
            continue
        end = max(end, chunk.end) if chunk.previous else end
    return columns


def _place(column: list[_Chunk], left: float, cell: float) -> None:
    """Sets where the chunks start: all by the edge that lines up better, shifted right until each has room."""
    starts, ends = [chunk.start for chunk in column], [chunk.end for chunk in column]
    by_right_edge = max(ends) - min(ends) < max(starts) - min(starts)
    for chunk in column:
        edge = (chunk.end if by_right_edge else chunk.start) - left
        chunk.column = round(edge / cell) - (len(chunk.text) if by_right_edge else 0)
    members = {id(chunk) for chunk in column}
    placed = [chunk for chunk in column if chunk.previous and id(chunk.previous) not in members]
    shift = max((chunk.previous.next_column - chunk.column for chunk in placed if chunk.previous), default=0)
    for chunk in column:
        chunk.column = max(0, chunk.column + max(0, shift))


def _draw(rows: list[_Row]) -> str:
    height = median(row.span.height for row in rows)
    text, bottom = "", rows[0].span.top
    for row in rows:
        if row.span.top - bottom > _PARAGRAPH_GAP * height:
            text += "\n"
        line = ""
        for chunk in row.chunks:
            gap = max(chunk.column - len(line), _GAP_CHARACTERS if line else 0)
            line += " " * gap + chunk.text
        text += f"{line}\n"
        bottom = row.span.bottom
    return text
