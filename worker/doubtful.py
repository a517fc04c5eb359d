"""Lines that came out badly on a page that else came out well, each read again in other ways."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from worker.cutting import Reader, read_cut
from worker.engines.base import Token, evidence, mean_confidence
from worker.page import Gray, around

_DOUBTFUL = 50.0
"""Mean confidence below which a line is read again."""
_FEWEST_CHARACTERS = 3
_MOST_LINES = 60


def read_doubtful(image: Gray, letters: float, tokens: Iterable[Token], readers: Sequence[Reader]) -> list[Token]:
    """The tokens, a doubtful line's as the reader has them that found most, if that is more likely right than wrong.

    `letters` is the height of the page's letters in pixels.
    """
    lines = [list(line) for _, line in groupby(tokens, key=lambda token: token.line)]
    doubtful = [number for number, line in enumerate(lines) if _is_doubtful(line)]
    for number in doubtful[:_MOST_LINES]:
        lines[number] = _read_again(image, letters, lines[number], readers)
    return [token for line in lines for token in line]


def _is_doubtful(line: list[Token]) -> bool:
    return mean_confidence(line) < _DOUBTFUL and sum(len(token.text) for token in line) >= _FEWEST_CHARACTERS


def _read_again(image: Gray, letters: float, line: list[Token], readers: Sequence[Reader]) -> list[Token]:
    box = around(token.box for token in line)
    others = ([replace(word, line=line[0].line) for word in read_cut(image, box, letters, read)] for read in readers)
    best = max(others, key=evidence)
    return best if evidence(best) > 0 else line
