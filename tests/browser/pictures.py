"""Pictures of text, drawn for a test."""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

HEIGHT_PIXELS = 48
MARGIN_PIXELS = 80


def draw_page(path: Path, *lines: str) -> Path:
    """Black lines of text on white, of a size that is read with ease."""
    _draw(lines).save(path, dpi=(200, 200))
    return path


def draw_document(path: Path, *pages: str) -> Path:
    """A TIFF with one line on each of its pages."""
    first, *others = (_draw([text]) for text in pages)
    first.save(path, save_all=True, append_images=others)
    return path


def _draw(lines: tuple[str, ...] | list[str]) -> Image.Image:
    font = ImageFont.load_default(HEIGHT_PIXELS)
    image = Image.new("L", (1240, 2 * MARGIN_PIXELS + 2 * HEIGHT_PIXELS * len(lines)), 255)
    for number, line in enumerate(lines):
        ImageDraw.Draw(image).text((MARGIN_PIXELS, MARGIN_PIXELS + 2 * HEIGHT_PIXELS * number), line, 0, font)
    return image
