"""Words that no dictionary knows, looked at once more: a known one that its picture shows hardly less is what it says.

The likelihood of the picture times how often a word of either kind is printed decides, as in a noisy channel
(M. Kernighan, K. Church and W. Gale, A spelling correction program based on a noisy channel model, 1990).
"""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice
from math import log

import numpy as np

from worker.engines.base import Token
from worker.engines.dictionaries import open_dictionary
from worker.engines.lstm.decode import decode, score
from worker.engines.lstm.dictionary import Dictionary
from worker.engines.lstm.network import LineNetwork
from worker.engines.lstm.picture import picture_line
from worker.engines.networks import are_known, open_network
from worker.page import Gray

_FEWEST_LETTERS, _MOST_CHARACTERS = 5, 40
"""Shorter words are alike by chance, and often abbreviations; longer ones are none."""
_LETTERS_A_CHANGE, _MOST_CHANGES = 4, 2
"""One letter in so many may be another, but no more than that."""
_SURE = 90.0
"""Confidence from which a word stands, known or not."""
_LEAST_SEEN = 1e-3
"""The probability, somewhere in the word, from which a letter may be one of it."""
_KNOWN_ODDS = 300.0
"""How many times more often a word is a known one than another that looks like it."""
_LEAST_SHOWN = 1e-6
"""The likelihood of the picture for a known word, next to that for what the network reads in it: of another word it is
less by far."""
_MOST_WORDS, _MOST_ALIKE = 100, 100
"""Words of a page that are looked at, and known ones that each is compared with."""
_MARGIN_PIXELS = 4
_TALLEST_LINE, _WIDEST_LETTER = 2.0, 2.0
"""In heights of the word; what is more is a box of something else."""
_WORD = re.compile(r"([^\w]*)([^\W\d_]+)([^\w]*)")
_HYPHEN = "-"


@dataclass(frozen=True, slots=True)
class _Word:
    """Letters between marks; a hyphen after them may part a word at the end of its line."""

    before: str
    letters: str
    after: str

    @property
    def text(self) -> str:
        return self.before + self.letters + self.after

    def find_alike(self, dictionary: Dictionary, letters: Collection[str], most_changes: int) -> Iterator["_Word"]:
        is_begun = self.after.startswith(_HYPHEN)
        found = dictionary.find_alike(self.letters, letters, most_changes, is_begun=is_begun)
        return (replace(self, letters=alike) for alike in found)


def spell(image: Gray, tokens: list[Token], models: str, is_late: Callable[[], bool]) -> list[Token]:
    """The tokens of a picture that was read with those models, some of the unknown words now known ones."""
    dictionaries = _open_dictionaries(models.split("+"))
    spelled = list(tokens)
    for number, word in islice(_find_unknown(tokens, dictionaries), _MOST_WORDS):
        cut = _cut(image, tokens[number], tokens)
        fitting = [name for name, dictionary in dictionaries.items() if dictionary.letters.issuperset(word.letters)]
        if is_late():
            break
        if fitting and cut is not None:
            likeliest = _choose(cut, word, [dictionaries[name] for name in fitting], open_network(fitting[0]))
            spelled[number] = replace(tokens[number], text=likeliest.text)
    return spelled


def _find_unknown(tokens: list[Token], dictionaries: dict[str, Dictionary]) -> Iterator[tuple[int, _Word]]:
    """The doubtful words that are in no dictionary, if there is one, and their numbers."""
    for number, token in enumerate(tokens if dictionaries else []):
        word = _find_word(token.text) if token.confidence < _SURE else None
        if word and not any(any(word.find_alike(dictionary, (), 0)) for dictionary in dictionaries.values()):
            yield number, word


def _open_dictionaries(languages: list[str]) -> dict[str, Dictionary]:
    """Those of all languages; none at all where one cannot tell its words."""
    opened = {name: open_dictionary(name) for name in languages} if are_known(languages) else {}
    told = {name: dictionary for name, dictionary in opened.items() if dictionary}
    return told if len(told) == len(opened) else {}


def _find_word(text: str) -> _Word | None:
    found = _WORD.fullmatch(text) if len(text) <= _MOST_CHARACTERS else None
    return _Word(*found.groups()) if found and len(found[2]) >= _FEWEST_LETTERS else None


def _cut(image: Gray, token: Token, tokens: list[Token]) -> Gray | None:
    """The picture of a word, as high as its line, if it can be one."""
    left, top, right, bottom = token.box
    if right - left > _WIDEST_LETTER * (bottom - top) * len(token.text):
        return None
    line = [other.box for other in tokens if other.line == token.line]
    highest, lowest = min(box[1] for box in line), max(box[3] for box in line)
    if lowest - highest <= _TALLEST_LINE * (bottom - top):
        top, bottom = highest, lowest
    low, high = (max(0, round(edge)) for edge in (top - _MARGIN_PIXELS, bottom + _MARGIN_PIXELS))
    start, end = (max(0, round(edge)) for edge in (left - _MARGIN_PIXELS, right + _MARGIN_PIXELS))
    cut = image[low:high, start:end]
    return cut if min(cut.shape) > 2 * _MARGIN_PIXELS else None


def _choose(picture: Gray, word: _Word, dictionaries: list[Dictionary], network: LineNetwork) -> _Word:
    """The word itself or a known one, whichever is likelier."""
    (probabilities,) = network.run([picture_line(picture)])
    model = network.model
    seen = frozenset(model.characters[number] for number in np.flatnonzero(probabilities.max(axis=0) >= _LEAST_SEEN))
    most_changes = min(_MOST_CHANGES, len(word.letters) // _LETTERS_A_CHANGE)
    found = chain.from_iterable(word.find_alike(dictionary, seen, most_changes) for dictionary in dictionaries)
    scores = {known: score(probabilities, known.text, model) for known in islice(found, _MOST_ALIKE)}
    if not scores:
        return word
    known = max(scores, key=lambda known: scores[known])
    read = score(probabilities, "".join(decode(probabilities, model).texts), model)
    is_shown = scores[known] > read + log(_LEAST_SHOWN)
    return known if is_shown and scores[known] + log(_KNOWN_ODDS) > score(probabilities, word.text, model) else word
