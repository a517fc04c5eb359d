"""A PDF read back by two libraries: what it shows and where it finds its text."""

import io

import pikepdf
import pypdfium2
from PIL import Image

DPI = 100
Box = tuple[int, int, int, int]


class ReadPdf:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.objects = pikepdf.open(io.BytesIO(data))
        self._document = pypdfium2.PdfDocument(data)

    def text(self, number: int = 1) -> str:
        return str(self._document[number - 1].get_textpage().get_text_range()).strip()

    def show(self, number: int = 1) -> Image.Image:
        """The page as it is seen at 100 dpi."""
        return self._document[number - 1].render(scale=DPI / 72).to_pil().convert("RGB")

    def find(self, text: str) -> Box:
        """Where `text` lies on the first page, in pixels at 100 dpi, as long as the page is not turned."""
        page = self._document[0].get_textpage()
        found = page.search(text).get_next()
        assert found is not None
        start, count = found
        boxes = [page.get_charbox(index, loose=True) for index in range(start, start + count)]
        lefts, bottoms, rights, tops = zip(*boxes, strict=True)
        page_height = self._document[0].get_mediabox()[3]
        edges = (min(lefts), page_height - max(tops), max(rights), page_height - min(bottoms))
        left, top, right, bottom = (round(edge * DPI / 72) for edge in edges)
        return left, top, right, bottom

    @property
    def picture(self) -> pikepdf.Object:
        """The picture on the first page."""
        return self.objects.pages[0].Resources.XObject["/OcrPicture"]


def differ(one: Image.Image, other: Image.Image) -> float:
    """The mean difference of two pictures, of 255; pictures of different sizes differ wholly."""
    if one.size != other.size:
        return 255.0
    pairs = zip(one.convert("L").tobytes(), other.convert("L").tobytes(), strict=True)
    return sum(abs(a - b) for a, b in pairs) / (one.width * one.height)
