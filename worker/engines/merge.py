"""Two readings of one page as one: words of the engine that reads better, boxes of the one that places better."""

from dataclasses import replace
from difflib import SequenceMatcher
from itertools import accumulate, pairwise

from worker.engines.base import Token

_ALIKE = 0.6
"""Similarity from which two readings nearby are of one word."""
_SAME = 0.8
"""Similarity from which several words say the same as one without the spaces between them."""
_SPACE_HEIGHTS = 0.4
"""The least gap between letters that is a space, in heights of the word before it."""
_ROW_SHARE = 0.5
_REACH_HEIGHTS = 4.0
"""How far a word may have been misplaced within its line, in its heights."""


def merge(words: list[Token], placed: list[Token]) -> list[Token]:
    """The words, each with the box of its counterpart in `placed`, and with its text where that is surer."""
    return [_merge_word(part, placed) for word in words for part in _part(word, placed)]


def _part(word: Token, placed: list[Token]) -> list[Token]:
    """The word, or the several that it is in `placed`: PP-OCR leaves out spaces, and Tesseract sees them."""
    within = [other for other in placed if _is_beside(word, other) and word.box[0] < _middle(other) < word.box[2]]
    within.sort(key=_middle)
    matcher = SequenceMatcher(None, "".join(token.text for token in within), word.text, autojunk=False)
    if not within[1:] or matcher.ratio() < _SAME:
        return [word]
    ends = [_find_end(end, matcher) for end in accumulate(len(token.text) for token in within[:-1])]
    if not all(map(_is_space, pairwise(within))) or not all(_is_between_letters(word.text, end) for end in ends):
        return [word]
    spans = zip(within, pairwise([0, *ends, len(word.text)]), strict=True)
    return [replace(word, text=word.text[start:end], box=token.box) for token, (start, end) in spans]


def _is_space(words: tuple[Token, Token]) -> bool:
    before, after = words
    return after.box[0] - before.box[2] >= _SPACE_HEIGHTS * (before.box[3] - before.box[1])


def _is_between_letters(text: str, index: int) -> bool:
    return text[index - 1 : index].isalpha() and text[index : index + 1].isalpha()


def _find_end(end: int, matcher: "SequenceMatcher[str]") -> int:
    """Where in the word its part ends that ends at `end` in `placed`; 0 if that cannot be told."""
    for block in matcher.get_matching_blocks():
        if block.a < end <= block.a + block.size:
            return block.b + end - block.a
    return 0


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
    return _is_beside(word, other) and _distance(word, other) < _REACH_HEIGHTS * (word.box[3] - word.box[1])


def _is_beside(word: Token, other: Token) -> bool:
    height = min(word.box[3] - word.box[1], other.box[3] - other.box[1])
    return min(word.box[3], other.box[3]) - max(word.box[1], other.box[1]) > _ROW_SHARE * height


def _distance(word: Token, other: Token) -> float:
    return abs(_middle(word) - _middle(other))


def _middle(word: Token) -> float:
    return (word.box[0] + word.box[2]) / 2
