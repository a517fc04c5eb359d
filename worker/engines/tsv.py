"""Tesseract's TSV output, the one format that both of its front ends give."""

from worker.engines.base import Token

_WORD_LEVEL = "5"
_COLUMNS = 12


def parse_tsv(tsv: str) -> list[Token]:
    """Words of one page; rows of other levels and empty words are skipped."""
    tokens = []
    for row in tsv.splitlines():
        columns = row.split("\t", _COLUMNS - 1)
        if len(columns) != _COLUMNS or columns[0] != _WORD_LEVEL or not columns[11].strip():
            continue
        block, paragraph, line = (int(column) for column in columns[2:5])
        left, top, width, height = (int(column) for column in columns[6:10])
        box = (left, top, left + width, top + height)
        confidence = min(100.0, max(0.0, float(columns[10])))
        tokens.append(Token(columns[11].strip(), box, confidence, (block, paragraph, line)))
    return tokens
