"""A font with Cyrillic letters, which neither Pillow nor a fresh machine has, but a package does."""

import importlib.util
from pathlib import Path

from PIL import ImageFont

_PACKAGE = "rinoh_typeface_dejavusans"


def load_font(size_pixels: int, style: str = "") -> ImageFont.FreeTypeFont:
    """DejaVu Sans; `style` as in its files' names: `-Bold`, `-Oblique`, `Condensed`."""
    found = importlib.util.find_spec(_PACKAGE)
    assert found is not None, "make setup installs the fonts"
    assert found.origin is not None
    # The package itself cannot be imported: it asks for the typesetter it was made for.
    return ImageFont.truetype(Path(found.origin).parent / f"DejaVuSans{style}.ttf", size_pixels)
