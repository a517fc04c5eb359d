"""Makes `docs/screenshot.png`: the form and a result, as a real Chromium shows them over the real service."""

import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Page, ViewportSize, expect

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER.parent))

from tests.browser.chromium import open_chromium  # noqa: E402 - found only now that the project is on the path
from tests.service import running_service  # noqa: E402 - found only now that the project is on the path

VIEW: ViewportSize = {"width": 720, "height": 860}
GAP_PIXELS = 24
READING_MS = 60_000
LETTER = """The Lighthouse Keepers' Society
12 Harbor Road

Dear members,

the lamp has burned without a break for one
hundred and forty years. On the first of May
we open the tower to everyone: come up the
207 steps, and see how far its light reaches.

Entrance: 4.50, children free."""


def draw_letter(path: Path) -> None:
    """A page as a scanner gives it: not quite white and a little askew."""
    page = Image.new("L", (1240, 1400), 244)
    font = ImageFont.load_default(42)
    ImageDraw.Draw(page).multiline_text((150, 150), LETTER, 30, font, spacing=26)
    page.rotate(1.2, Image.Resampling.BICUBIC, fillcolor=244).save(path, dpi=(150, 150))


def take_pictures(page: Page, scan: Path) -> list[Path]:
    """The form with a document chosen, then the page of its task."""
    pictures = [scan.with_name(f"{name}.png") for name in ("form", "result")]
    page.goto("/")
    page.set_input_files("#file", scan)
    page.screenshot(path=pictures[0])
    page.click("button[type=submit]")
    expect(page.get_by_role("status")).to_have_text("Done", timeout=READING_MS)
    page.screenshot(path=pictures[1])
    return pictures


def join(pictures: list[Path], path: Path) -> None:
    """Side by side, on a color that is seen on a light page and on a dark one."""
    images = [Image.open(picture).convert("RGB") for picture in pictures]
    width = sum(image.width for image in images) + GAP_PIXELS * (len(images) + 1)
    canvas = Image.new("RGB", (width, images[0].height + 2 * GAP_PIXELS), "#9fb3ab")
    left = GAP_PIXELS
    for image in images:
        canvas.paste(image, (left, GAP_PIXELS))
        left += image.width + GAP_PIXELS
    canvas.quantize(128).save(path, optimize=True)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, running_service() as service, open_chromium() as browser:
        scan = Path(folder) / "letter.png"
        draw_letter(scan)
        page = browser.new_page(base_url=service.url, locale="en-US", color_scheme="light", viewport=VIEW)
        join(take_pictures(page, scan), FOLDER / "screenshot.png")


if __name__ == "__main__":
    main()
