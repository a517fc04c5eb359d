"""What engines put on paper that is not there: strokes of tables, foreign look-alikes, dashes of the wrong length."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby, zip_longest
from statistics import median

import numpy as np

from worker.engines.base import Token

_STROKES = "|_¦"
_LOOK_ALIKES = dict(zip("АВЕКМНОРСТУХаеорсухіЅ", "ABEKMHOPCTYXaeopcyxiS", strict=True))
_LATIN_LOOK_ALIKES = {latin: cyrillic for cyrillic, latin in _LOOK_ALIKES.items() if cyrillic not in "іЅ"}
_INITIALS = re.compile(r"[«(]{0,2}([ABCEHKMOPTX]\.){1,2}[,;)»]{0,2}\d*")
_CYRILLIC_SHARE = 0.67
_DASHES = frozenset("-–—")
_SHORTEST_EN_DASH, _SHORTEST_EM_DASH = 0.52, 0.81
"""Widths in heights of the line's words; a hyphen is shorter than either."""
_LINK = "://"
_LINK_REST = re.compile(r"1(?:\w*[^\W\d]|[\w./=&?%-]{4})")
"""More than the number of a page, a day or a year."""
_BULLET = "•"
_BULLET_LOOKS = frozenset("©®¢")
_BULLET_HEIGHTS = 0.75
"""The most height of a bullet, in heights of the line's words."""
_NOISE_CONFIDENCE = 35.0
"""Below this a mark without letter or digit is dirt."""
_SHORT_CHARACTERS, _SHORT_NOISE_CONFIDENCE = 4, 16.0
"""Below this so short a word is what a stamp, a signature or a picture was taken for, nine times in ten."""


def tidy(tokens: list[Token]) -> list[Token]:
    """The tokens without what table lines and dirt look like, and with mixed alphabets and dashes put right."""
    words = [word for token in tokens if (word := _without_strokes(token))]
    legible = [word for word in words if not _is_scrap(word)] or words
    unmixed = [replace(word, text=unmix(word.text)) for word in legible]
    lines = [_right_line(list(line)) for _, line in groupby(unmixed, key=lambda token: token.line)]
    return _right_dashes(lines)


def _right_line(line: list[Token]) -> list[Token]:
    line = [token for token in _right_bullet(line) if not _is_noise(token)]
    if _is_cyrillic(line):
        line = [replace(token, text=_cyrillic_initials(token.text)) for token in line]
    return _join_links(line)


def _right_bullet(line: list[Token]) -> list[Token]:
    """A round mark before a line is a bullet where it is too small for what it was taken for."""
    if line[0].text not in _BULLET_LOOKS or len(line) == 1:
        return line
    height = median(token.box[3] - token.box[1] for token in line[1:])
    is_small = line[0].box[3] - line[0].box[1] <= _BULLET_HEIGHTS * height
    return [replace(line[0], text=_BULLET), *line[1:]] if is_small else line


def _join_links(line: list[Token]) -> list[Token]:
    """A link whole again where Tesseract took the room before a `1` for a space."""
    joined: list[Token] = []
    for token, following in zip_longest(line, line[1:]):
        is_split = _LINK_REST.match(token.text) or (token.text == "1" and following and following.text.startswith("1"))
        if joined and is_split and _LINK in joined[-1].text and joined[-1].text[-1].isalnum():
            joined[-1] = _join(joined[-1], token)
        else:
            joined.append(token)
    return joined


def _join(left: Token, right: Token) -> Token:
    boxes = (left.box, right.box)
    low, high = np.min(boxes, axis=0), np.max(boxes, axis=0)
    box = (float(low[0]), float(low[1]), float(high[2]), float(high[3]))
    return replace(left, text=left.text + right.text, box=box, confidence=min(left.confidence, right.confidence))


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


def _is_scrap(token: Token) -> bool:
    is_short = len(token.text) <= _SHORT_CHARACTERS and any(character.isalnum() for character in token.text)
    return is_short and token.confidence < _SHORT_NOISE_CONFIDENCE


def _is_noise(token: Token) -> bool:
    is_mark = token.text != _BULLET and not any(character.isalnum() for character in token.text)
    return is_mark and token.confidence < _NOISE_CONFIDENCE


def _right_dashes(lines: list[list[Token]]) -> list[Token]:
    """The tokens of all lines, with dashes told by their width; of the long ones a page uses one kind."""
    widths = {id(token): width for line in lines for token, width in _measure_dashes(line)}
    long = [width for width in widths.values() if width >= _SHORTEST_EN_DASH]
    kind = "—" if long and median(long) >= _SHORTEST_EM_DASH else "–"
    return [
        replace(token, text=_dash(token.text, widths[id(token)], kind)) if id(token) in widths else token
        for line in lines
        for token in line
    ]


def _measure_dashes(line: list[Token]) -> Iterator[tuple[Token, float]]:
    """The dashes of a line, and their widths in heights of its words."""
    heights = [token.box[3] - token.box[1] for token in line if any(character.isalnum() for character in token.text)]
    for token in line:
        if heights and token.text in _DASHES:
            yield token, (token.box[2] - token.box[0]) / max(1.0, median(heights))


def _dash(text: str, width: float, kind: str) -> str:
    return "-" if text == "-" and width < _SHORTEST_EN_DASH else kind
