"""Two readings of one page as one: words of the engine that reads better, boxes of the one that places better."""

from dataclasses import replace
from difflib import SequenceMatcher

from worker.engines.base import Token

_ALIKE = 0.6
"""Similarity from which two readings nearby are of one word."""
_ROW_SHARE = 0.5
_REACH_HEIGHTS = 4.0
"""How far a word may have been misplaced within its line, in its heights."""


def merge(words: list[Token], placed: list[Token]) -> list[Token]:
    """The words, each with the box of its counterpart in `placed`, and with its text where that is surer."""
    return [_merge_word(word, placed) for word in words]


def _merge_word(word: Token, placed: list[Token]) -> Token:
    near = [other for other in placed if _is_near(word, other)]
    ranked = [(_similarity(word, other), -_distance(word, other), number) for number, other in enumerate(near)]
    similarity, _, number = max(ranked, default=(0.0, 0.0, 0))
    if similarity < _ALIKE:
        return word
    surer = max(word, near[number], key=lambda token: token.confidence)
    return replace(word, box=near[number].box, text=surer.text, confidence=surer.confidence)


def _similarity(word: Token, other: Token) -> float:
    return SequenceMatcher(None, word.text, other.text, autojunk=False).ratio()


def _is_near(word: Token, other: Token) -> bool:
    height = min(word.box[3] - word.box[1], other.box[3] - other.box[1])
    shared = min(word.box[3], other.box[3]) - max(word.box[1], other.box[1])
    return shared > _ROW_SHARE * height and _distance(word, other) < _REACH_HEIGHTS * (word.box[3] - word.box[1])


def _distance(word: Token, other: Token) -> float:
    return abs(word.box[0] + word.box[2] - other.box[0] - other.box[2]) / 2
