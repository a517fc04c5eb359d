"""The words that a model file of Tesseract knows: a graph whose ways from its root spell them (`dawg.h`)."""

import struct
from array import array
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from worker.engines.lstm.model import CHARACTERS, Scanner, UnknownBuildError, read_names, split_parts

_WORDS = 19
"""The number of a model file's part."""
_MAGIC = 42
_FLAG_BITS = 3
_IS_LAST, _IS_BACKWARD, _ENDS_WORD = 1, 2, 4


class Dictionary:
    """Words, spelled by edges: each holds a letter, flags, and where the edges are that go on from it, if any do."""

    def __init__(self, edges: Sequence[int], letters: list[str]) -> None:
        self.letters = frozenset(letters)
        self._edges = edges
        self._letters = letters
        self._letter_bits = len(letters).bit_length()

    def find_alike(
        self, word: str, letters: Collection[str], most_changes: int, *, is_begun: bool = False
    ) -> Iterator[str]:
        """Known words of the same length in which at most so many letters are others, and then one of `letters`.

        Capitals stay where they are. With `is_begun` a word may be the beginning of a known one.
        """
        ways = [(0, "", most_changes)]
        while ways:
            node, done, changes = ways.pop()
            wanted = word[len(done)]
            for known, flags, following in self._leave(node):
                letter = known.upper() if wanted.isupper() else known
                if len(letter) != 1:
                    continue
                left = changes - (letter != wanted)
                is_meant = letter == wanted or (letter in letters and letter.isupper() == wanted.isupper())
                if left < 0 or not is_meant:
                    continue
                if len(done) + 1 < len(word):
                    ways += [(following, done + letter, left)] if following else []
                elif flags & _ENDS_WORD or (is_begun and following):
                    yield done + letter

    def _leave(self, node: int) -> Iterator[tuple[str, int, int]]:
        """The letter, the flags and the next node of each edge of a node."""
        flags = 0
        while not flags & _IS_LAST:
            edge = self._edges[node]
            flags = (edge >> self._letter_bits) & ((1 << _FLAG_BITS) - 1)
            if not flags & _IS_BACKWARD:
                letter = self._letters[edge & ((1 << self._letter_bits) - 1)]
                yield letter, flags, edge >> (self._letter_bits + _FLAG_BITS)
            node += 1


def load_dictionary(path: Path) -> Dictionary:
    """The dictionary in a `traineddata` file.

    Raises:
        UnknownBuildError: where there is none in it, or one of another kind.
        OSError: where the file cannot be read.
    """
    try:
        parts = split_parts(path.read_bytes())
        letters = read_names(parts[CHARACTERS])
        scanner = Scanner(parts[_WORDS])
        magic, size, count = scanner.numbers("hii")
        edges = array("Q", scanner.array("<u8", count).astype("u8").tobytes())
    except (KeyError, struct.error, ValueError) as error:
        raise UnknownBuildError from error
    if magic != _MAGIC or not size <= len(letters) or not count:
        raise UnknownBuildError
    return Dictionary(edges, letters[:size])
