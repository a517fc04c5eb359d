"""What engines put on paper that is not there: strokes of tables, foreign look-alikes, dashes of the wrong length."""

import re
from dataclasses import replace
from itertools import groupby
from statistics import median

from worker.engines.base import Token

_STROKES = "|_¦"
_LOOK_ALIKES = dict(zip("АВЕКМНОРСТУХаеорсухіЅ", "ABEKMHOPCTYXaeopcyxiS", strict=True))
_LATIN_LOOK_ALIKES = {latin: cyrillic for cyrillic, latin in _LOOK_ALIKES.items() if cyrillic not in "іЅ"}
_INITIALS = re.compile(r"[«(]{0,2}([ABCEHKMOPTX]\.){1,2}[,;)»]{0,2}\d*")
_CYRILLIC_SHARE = 0.67
_DASHES = frozenset("-–—")
_EN_DASH_HEIGHTS = (0.52, 0.81)
"""Width of an en dash, half an em, in heights of the line's words; a hyphen is shorter and an em dash longer."""
_NOISE_CONFIDENCE = 14.0
"""Below this a mark without letter or digit is dirt."""


def tidy(tokens: list[Token]) -> list[Token]:
    """The tokens without what table lines and dirt look like, and with mixed alphabets and dashes put right."""
    words = [word for token in tokens if (word := _without_strokes(token))]
    kept = [replace(word, text=unmix(word.text)) for word in words if not _is_noise(word)]
    return [token for _, line in groupby(kept, key=lambda token: token.line) for token in _right_line(list(line))]


def _right_line(line: list[Token]) -> list[Token]:
    if _is_cyrillic(line):
        line = [replace(token, text=_cyrillic_initials(token.text)) for token in line]
    return _right_dashes(line)


def _is_cyrillic(line: list[Token]) -> bool:
    letters = [character for token in line for character in token.text if character.isalpha()]
    return sum("Ѐ" <= letter <= "ӿ" for letter in letters) > _CYRILLIC_SHARE * len(letters)


def _cyrillic_initials(word: str) -> str:
    """`A.C.` as initials of a Russian name: alone, capitals have nothing that tells their alphabet."""
    if not _INITIALS.fullmatch(word):
        return word
    return "".join(_LATIN_LOOK_ALIKES.get(character, character) for character in word)


def unmix(word: str) -> str:
    """The word in one alphabet, where all of its letters of the rarer one have a twin in the other."""
    cyrillic = [character for character in word if "Ѐ" <= character <= "ӿ"]
    latin = [character for character in word if character.isascii() and character.isalpha()]
    if not cyrillic or not latin:
        return word
    rarer, twins = (latin, _LATIN_LOOK_ALIKES) if len(cyrillic) >= len(latin) else (cyrillic, _LOOK_ALIKES)
    if any(character not in twins for character in rarer):
        return word
    return "".join(twins[character] if character in rarer else character for character in word)


def _without_strokes(token: Token) -> Token | None:
    text = token.text.strip(_STROKES)
    if not text:
        return None
    return token if text == token.text else replace(token, text=text)


def _is_noise(token: Token) -> bool:
    return token.confidence < _NOISE_CONFIDENCE and not any(character.isalnum() for character in token.text)


def _right_dashes(line: list[Token]) -> list[Token]:
    heights = [token.box[3] - token.box[1] for token in line if any(character.isalnum() for character in token.text)]
    if not heights or not any(token.text in _DASHES for token in line):
        return line
    height = median(heights)
    return [replace(token, text=_dash(token, height)) if token.text in _DASHES else token for token in line]


def _dash(token: Token, height: float) -> str:
    width = token.box[2] - token.box[0]
    shortest, longest = (height * heights for heights in _EN_DASH_HEIGHTS)
    if token.text == "-" and width < shortest:
        return "-"
    return "–" if width < longest else "—"
