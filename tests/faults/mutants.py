"""Damaged files, made of sound ones by a seeded chance."""

import io
import random
import struct

from PIL import Image, features

from tests.faults.pictures import draw_document, draw_line

_KINDS = ("PNG", "JPEG", "GIF", "BMP", "PPM", "TIFF", "PDF")
_OPTIONAL = {"WEBP": "webp", "JPEG2000": "jpg_2000", "AVIF": "avif"}
_TELLING = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def make_samples() -> list[bytes]:
    """A small sound file of every kind that this Pillow writes and the service takes."""
    picture = Image.open(io.BytesIO(draw_line("Sample 42"))).convert("RGB")
    kinds = [
        *_KINDS,
        *(["WEBP"] if features.check("webp") else []),
        *(["JPEG2000"] if features.check("jpg_2000") else []),
    ]
    return [draw_document(["one", "two"]), *(_encode(picture, kind) for kind in kinds)]


def mutate(samples: list[bytes], chance: random.Random) -> bytes:
    """One of them with one to four kinds of damage."""
    data = bytearray(chance.choice(samples))
    for _ in range(chance.randint(1, 4)):
        chance.choice([_flip, _overwrite, _cut, _repeat, _blank, _splice])(data, samples, chance)
        if not data:
            return b"\0"
    return bytes(data)


def _flip(data: bytearray, _: list[bytes], chance: random.Random) -> None:
    for _ in range(chance.randint(1, 20)):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _overwrite(data: bytearray, _: list[bytes], chance: random.Random) -> None:
    """A number of the header, mostly, that says something else now."""
    value = chance.choice(_TELLING)
    packed = struct.pack(chance.choice("<>") + "Q", value)
    packed = packed[:4] if packed[0] else packed[-4:]
    at = chance.randrange(min(len(data), chance.choice([64, 512, len(data)])))
    data[at : at + 4] = packed


def _cut(data: bytearray, _: list[bytes], chance: random.Random) -> None:
    del data[chance.randrange(len(data)) :]


def _repeat(data: bytearray, _: list[bytes], chance: random.Random) -> None:
    start = chance.randrange(len(data))
    data[start:start] = data[start : start + chance.randint(1, 200)] * chance.randint(1, 50)


def _blank(data: bytearray, _: list[bytes], chance: random.Random) -> None:
    start = chance.randrange(len(data))
    size = min(chance.randint(1, 100), len(data) - start)
    data[start : start + size] = bytes([chance.choice([0, 0xFF, 0x20])]) * size


def _splice(data: bytearray, samples: list[bytes], chance: random.Random) -> None:
    other = chance.choice(samples)
    data[chance.randrange(len(data)) :] = other[chance.randrange(len(other)) :]


def _encode(picture: Image.Image, kind: str) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind)
    return buffer.getvalue()
