"""Tab-separated values as `tesseract page.png out tsv` writes them."""

from collections.abc import Iterator

from shared.render.geometry import words_of
from shared.schemas import Block, PageResult, Result

_COLUMNS = (
    *("level", "page_num", "block_num", "par_num", "line_num", "word_num"),
    *("left", "top", "width", "height", "conf", "text"),
)
_PAGE, _BLOCK, _PARAGRAPH, _LINE, _WORD = range(1, 6)
_Row = tuple[int | float | str, ...]


def render_tsv(result: Result, _filename: str) -> str:
    """Twelve columns under a head, a row for each page, block, paragraph, line and word (levels 1 to 5).

    `conf` is -1 except for words. A block is one paragraph. A failed page is a row of level 1 without others.
    """
    rows: list[_Row] = [_COLUMNS]
    for page in result["pages"]:
        rows += _page_rows(page)
    return "".join("\t".join(map(str, row)) + "\n" for row in rows)


def _page_rows(page: PageResult) -> Iterator[_Row]:
    number = page["number"]
    yield _row(_PAGE, (number, 0, 0, 0, 0), [0, 0, page["width"], page["height"]])
    for block_number, block in enumerate(page["blocks"], 1):
        yield from _block_rows(number, block_number, block)


def _block_rows(page_number: int, block_number: int, block: Block) -> Iterator[_Row]:
    yield _row(_BLOCK, (page_number, block_number, 0, 0, 0), block["bbox"])
    yield _row(_PARAGRAPH, (page_number, block_number, 1, 0, 0), block["bbox"])
    for line_number, line in enumerate(block["lines"], 1):
        yield _row(_LINE, (page_number, block_number, 1, line_number, 0), line["bbox"])
        for word_number, word in enumerate(words_of(line), 1):
            place = (page_number, block_number, 1, line_number, word_number)
            yield _row(_WORD, place, word["bbox"], word["confidence"], " ".join(word["text"].split()))


def _row(level: int, place: tuple[int, ...], box: list[int], confidence: float = -1, text: str = "") -> _Row:
    left, top, right, bottom = box
    return (level, *place, left, top, right - left, bottom - top, confidence, text)
