"""Whether the characters that a PDF page carries are those it shows.

Fonts without a true encoding give others; those of natural text are vowels for a third and more. What recognized
letters of another alphabet gives ones that look like them, whatever their case.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import islice

from worker.engines.dictionaries import open_dictionary

_SOUND_SHARE = 0.95
"""Share of the characters that must be readable."""
_UNREADABLE = frozenset({"Cc", "Co", "Cn", "Cs"})
_NO_CHARACTER = "\ufffd"
_NUMBER_OF_GLYPH = re.compile(r"\(cid:\d+\)")
"""What some programs write for a glyph of which they do not know the character."""
_MARKS = re.compile(r"[\W_]+")
_REPEATED = re.compile(r"(.{1,2}?)\1+")
"""Dots that lead to page numbers, and lines drawn of signs."""
_FEWEST_CHARACTERS, _LEAST_LETTERS = 10, 0.4
"""Of 5,000 passages of source code, and as many of 200 characters in any language, none has fewer letters and digits;
numbers of glyphs, read as characters, are signs for two thirds."""
_LONG_WORD = re.compile(r"\b[a-zæœøßıłđðþəа-ѿґғҗқңөүұһ]{5,}\b")
_VOWELS = "aeiouyæœøıəаеёиоуыэюяіѣъөүұ"
_FEWEST_LETTERS, _LEAST_VOWELS = 60, 0.24
"""Of 71,000 passages in 196 languages one has fewer vowels; English whose letters are all moved by three has 0.19."""
_ACCENTS = re.compile(r"[\u0300-\u036f]+")
_ACCENTED = re.compile(r"[À-ÖØ-öø-ɏ]")
_MISREAD = re.compile(r"[À-ÖØ-öø-ɏ]{5,}|(?:[ÐÑ][^A-Za-z\s]){3,}")
"""Cyrillic in Windows' encoding or in UTF-8, read as Latin: no language has words of accented letters alone."""
_MOST_MISREAD, _MOST_MISREAD_SHARE = 3, 0.1
_FEWEST_ACCENTED, _MOST_ACCENTED = 5, 0.6
"""Names of countries in Yoruba, the language with the most accents, have them on half of their letters."""
_SYMBOLS = "[¡-©¬®¯±´¶¸¿†‡‰‹›∂-≥─-▟◊⌠⌡]"
_INNER_SYMBOLS = re.compile(
    rf"{_SYMBOLS}(?:(?<=[^\W\d_]{{2}}.){_SYMBOLS}*(?=[^\W\d_])|(?<=[^\W\d_].){_SYMBOLS}*(?=[^\W\d_]{{2}}))"
)
"""Symbols, and lines of tables, stand within words where they are read for letters of DOS or of a Mac."""
_FEWEST_SYMBOLS, _MOST_SYMBOLS = 5, 0.2
"""Symbols within words, for each word."""
_LOWER, _UPPER = "a-zа-џ", "A-ZЀ-Я"
_MIX = re.compile(rf"[{_LOWER}](?:[{_UPPER}]|\d[{_LOWER}{_UPPER}])|[{_UPPER}]\d[{_LOWER}]")
"""A capital after a small letter, or a digit between letters that are not both capitals."""
_HEXADECIMAL = re.compile(r"(?<!\S)(?:0x)?(?:[0-9a-f]+|[0-9A-F]+)[,;]?(?!\S)")
"""Digests, and numbers of programs, in which digits and letters stand side by side."""
_FEWEST_LOWER, _LONGEST = 3, 30
"""Small letters of a mixed word, for fewer are in units and formulas; longer words are addresses and keys."""
_FEWEST_MIXED, _LEAST_MIXED = 3, 0.1
"""Mixed words from which a page may be a misread one, or source code, whose names are made of known words."""
_PART = re.compile(rf"[{_UPPER}]?[{_LOWER}]{{3,}}|[{_UPPER}]{{4,}}")
_CYRILLIC = re.compile(r"[Ѐ-ӿ]{4,}")
_NOT_RUSSIAN = re.compile(r"[ЀЂ-Џѐђ-ӿ]")
_MOST_NOT_RUSSIAN, _FEW_VOWELS = 0.03, 0.4
_DICTIONARIES = ("eng", "rus")
_FEWEST_TOLD, _MOST_TOLD = 8, 30
"""Words that tell whether the others are known, too; looking one up takes 50 µs."""
_LEAST_KNOWN_PARTS, _LEAST_KNOWN_WORDS = 0.3, 0.05
"""Of misread Russian a tenth is known, of source code half and more; of other languages than Russian, in its letters
alone, a twentieth and more."""


def is_legible(words: Sequence[str]) -> bool:
    """Whether the characters are some, and those that were meant, as far as words of the two alphabets tell."""
    text = _NUMBER_OF_GLYPH.sub(_NO_CHARACTER, " ".join(words))
    long_words = _find_long_words(text)
    return (
        _is_readable(text)
        and _has_letters(text)
        and not _is_accented(text)
        and not _is_full_of_symbols(text)
        and not _is_misread(text, long_words)
        and _has_vowels(long_words)
        and not _is_mixed(text)
        and not _is_misread_russian(text)
    )


def _is_readable(text: str) -> bool:
    unreadable = sum(text.count(character) for character in set(text) if _is_unreadable(character))
    return bool(text) and unreadable <= (1 - _SOUND_SHARE) * (len(text) - text.count(" "))


def _is_unreadable(character: str) -> bool:
    return unicodedata.category(character) in _UNREADABLE or character == _NO_CHARACTER


def _has_letters(text: str) -> bool:
    """Whether letters and digits are not too few among the signs that stand together."""
    if len(_MARKS.sub("", text)) >= _LEAST_LETTERS * (len(text) - text.count(" ")):
        return True
    shortened = (_REPEATED.sub(r"\1", word) for word in text.split())
    joined = "".join(word for word in shortened if len(word) > 1)
    letters = sum(unicodedata.category(character)[0] in "LMN" for character in joined)
    return len(joined) < _FEWEST_CHARACTERS or letters >= _LEAST_LETTERS * len(joined)


def _is_accented(text: str) -> bool:
    accented = len(_ACCENTED.findall(text))
    return accented >= _FEWEST_ACCENTED and accented > _MOST_ACCENTED * sum(map(str.isalpha, text))


def _is_full_of_symbols(text: str) -> bool:
    symbols = len(_INNER_SYMBOLS.findall(text))
    return symbols >= _FEWEST_SYMBOLS and symbols > _MOST_SYMBOLS * len(text.split())


def _find_long_words(text: str) -> set[str]:
    return set(_LONG_WORD.findall(_ACCENTS.sub("", unicodedata.normalize("NFD", text.lower()))))


def _is_misread(text: str, long_words: set[str]) -> bool:
    misread = len(set(_MISREAD.findall(text)))
    return misread > max(min(_MOST_MISREAD, len(long_words) / 2), _MOST_MISREAD_SHARE * len(long_words))


def _has_vowels(long_words: set[str]) -> bool:
    letters = "".join(long_words)
    return len(letters) < _FEWEST_LETTERS or _count_vowels(letters) >= _LEAST_VOWELS * len(letters)


def _count_vowels(letters: str) -> int:
    return sum(map(letters.count, _VOWELS))


def _is_mixed(text: str) -> bool:
    """Whether words are mixed of what does not stand in one, and made of unknown parts."""
    if len(_MIX.findall(text)) < _FEWEST_MIXED:
        return False
    text = _HEXADECIMAL.sub("", text)
    words = {word for word in text.split() if len(word) <= _LONGEST and sum(map(str.isalpha, word)) > _FEWEST_LOWER}
    mixed = sum(bool(_MIX.search(word)) and sum(map(str.islower, word)) >= _FEWEST_LOWER for word in words)
    if mixed < max(_FEWEST_MIXED, _LEAST_MIXED * len(words)):
        return False
    return not _are_known(_PART.findall(text), _LEAST_KNOWN_PARTS)


def _is_misread_russian(text: str) -> bool:
    """Whether Cyrillic letters stand for others of them."""
    words = _CYRILLIC.findall(text)
    letters = "".join(words)
    if _count_vowels(letters.lower()) >= _FEW_VOWELS * len(letters):
        return False
    if len(_NOT_RUSSIAN.findall(letters)) > _MOST_NOT_RUSSIAN * len(letters):
        return False
    return not _are_known(words, _LEAST_KNOWN_WORDS)


def _are_known(words: Iterable[str], least: float) -> bool:
    """Whether dictionaries know that share of the first words in their letters, or these are too few to tell."""
    dictionaries = [dictionary for name in _DICTIONARIES if (dictionary := open_dictionary(name))]
    told = known = 0
    for word in islice(dict.fromkeys(words), _MOST_TOLD):
        fitting = [dictionary for dictionary in dictionaries if dictionary.letters.issuperset(word)]
        told += bool(fitting)
        known += any(any(dictionary.find_alike(word, (), 0)) for dictionary in fitting)
        if known >= least * _MOST_TOLD:
            return True
    return told < _FEWEST_TOLD or known >= least * told
