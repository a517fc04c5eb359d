"""Tokens of the engine as words, lines and blocks in pixels of the upload."""

from dataclasses import replace
from itertools import groupby

from shared.schemas import Block, Line, Word
from worker.engines.base import Token
from worker.page import Page, around, map_boxes


def place(page: Page, tokens: list[Token]) -> list[Token]:
    """The tokens with their boxes in pixels of the upload instead of the picture they were read on."""
    boxes = map_boxes(page.to_upload, [token.box for token in tokens], page.width, page.height)
    return [replace(token, box=(x0, y0, x1, y1)) for token, (x0, y0, x1, y1) in zip(tokens, boxes, strict=True)]


def arrange(tokens: list[Token]) -> list[Block]:
    """Blocks of lines in the order in which they come, boxes in pixels of the upload."""
    blocks = []
    for _, of_block in groupby(tokens, key=lambda token: token.line[:2]):
        lines = [_line(list(of_line)) for _, of_line in groupby(of_block, key=lambda token: token.line)]
        blocks.append(Block(bbox=list(around(line["bbox"] for line in lines)), lines=lines))
    return blocks


def text_of(blocks: list[Block]) -> str:
    """Lines under each other, an empty one between blocks."""
    return "\n\n".join("\n".join(line["text"] for line in block["lines"]) for block in blocks)


def _line(tokens: list[Token]) -> Line:
    words = [_word(token) for token in tokens]
    return Line(
        text=" ".join(word["text"] for word in words),
        bbox=list(around(word["bbox"] for word in words)),
        confidence=round(sum(word["confidence"] for word in words) / len(words), 1),
        words=words,
    )


def _word(token: Token) -> Word:
    return Word(text=token.text, bbox=[round(edge) for edge in token.box], confidence=round(token.confidence, 1))
