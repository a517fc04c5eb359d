"""The pages that are read: drawn with their words known, then worn like scans and photos; a seed tells them all."""

import importlib.util
import random
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pikepdf
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

_FONTS = "rinoh_typeface_dejavusans"
_NUMBERS = 1 / 25
"""The share of them among words."""
_VOCABULARY = """
    the of and to in that is was for with as on be by it this are from which not have had were their been more will
    account agreement amount annual answer article balance between board building capital carried certain charge
    committee company condition contract council country court current customer date decision delivery department
    description different directly document during effect energy engine evidence example expense experience figure
    following general government however important industry interest invoice journal language letter machine manager
    material measure meeting member method minister modern month morning natural number office order original others
    outside paper payment period person picture place power present price problem produce project property provide
    public purpose quality question railway reason receive record report request research result return school season
    second section service several should signature similar society special standard state station statement subject
    summer support surface system through together total toward town under university value village water weather
    whether winter within without words writing yellow yesterday
"""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file of `pages` pages and the words on it, if they are known."""

    path: Path
    words: tuple[str, ...] = ()
    pages: int = 1


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is drawn of each kind; `small` makes pages of a quarter of A4's area."""

    pages: int = 8
    receipts: int = 20
    crops: int = 120
    photos: int = 4
    scan_pages: int = 20
    long_pages: int = 300
    layers: int = 8
    layer_pages: int = 10
    blurred: int = 4
    small: bool = False


QUICK = Sizes(
    pages=2, receipts=2, crops=12, photos=1, scan_pages=4, long_pages=30, layers=2, layer_pages=2, blurred=2, small=True
)


@dataclass(frozen=True, slots=True)
class Corpus:
    """Scans and text layers are PDF files; scans hold pages of the same kind as `pages`."""

    pages: list[Sheet]
    receipts: list[Sheet]
    crops: list[Sheet]
    photos: list[Sheet]
    crop_batch: Sheet
    scan: Sheet
    scan_page: Sheet
    long_scan: Sheet
    text_layers: list[Sheet]
    blurred: list[Sheet]


def make_corpus(folder: Path, seed: int, sizes: Sizes, real: Path | None = None) -> Corpus:
    """Draw everything into `folder`; pictures of `real` take the place of the drawn A4 pages.

    A text file beside a picture of `real`, of the same name, holds its words.
    """
    chance = random.Random(seed)  # noqa: S311 - pictures, not secrets
    page = (1240, 1754) if sizes.small else (2480, 3508)
    pages = _collect(real) if real else _draw(folder, "page", sizes.pages, lambda: draw_page(chance, page), "jpg")
    crops = _draw(folder, "crop", sizes.crops, lambda: draw_crop(chance), "png")
    scan = [pages[number % len(pages)] for number in range(sizes.scan_pages)]
    return Corpus(
        pages=pages,
        receipts=_draw(folder, "receipt", sizes.receipts, lambda: draw_receipt(chance), "png"),
        crops=crops,
        photos=_draw(folder, "photo", sizes.photos, lambda: draw_photo(chance), "jpg"),
        crop_batch=_join_frames(folder / "crops.tif", crops),
        scan=_join_pages(folder / "scan.pdf", scan),
        scan_page=_join_pages(folder / "scan-page.pdf", scan[:1]),
        long_scan=_join_pages(folder / "long.pdf", pages[:1] * sizes.long_pages),
        text_layers=[
            _write_text_layer(folder / f"text-{number}.pdf", chance, sizes.layer_pages)
            for number in range(sizes.layers)
        ],
        blurred=_draw(folder, "blurred", sizes.blurred, lambda: draw_blurred(chance), "png"),
    )


def draw_page(chance: random.Random, size: tuple[int, int]) -> tuple[Image.Image, list[str]]:
    """Dense text of 10 points, a title and paragraphs; slightly askew, soft and noisy."""
    width, height = size
    text_size = round(width * 42 / 2480)
    margin = width // 12
    image, words = Image.new("L", size, 250), _make_words(chance, 6)
    draw = ImageDraw.Draw(image)
    draw.text((margin, margin), " ".join(words), font=_font(round(text_size * 1.6), "-Bold"), fill=20)
    y = margin + 4 * text_size
    while y < height - margin:
        for _ in range(chance.randint(3, 8)):
            if y >= height - margin:
                break
            line = _fill_line(chance, _font(text_size), width - 2 * margin)
            draw.text((margin, y), " ".join(line), font=_font(text_size), fill=25)
            words += line
            y += round(text_size * 1.5)
        y += text_size
    angle = chance.uniform(-0.7, 0.7)
    image = image.rotate(angle, Image.Resampling.BICUBIC, fillcolor=250).filter(ImageFilter.GaussianBlur(0.6))
    return _add_noise(image, chance, 6), words


def draw_receipt(chance: random.Random) -> tuple[Image.Image, list[str]]:
    """640 x 1420 pixels: names at the left, prices at the right."""
    image, font = Image.new("L", (640, 1420), 245), _font(26, "Condensed")
    draw = ImageDraw.Draw(image)
    words: list[str] = []
    for y in range(40, 1380, 40):
        name, price = _make_words(chance, 2), f"{chance.randrange(1, 90)}.{chance.randrange(100):02}"
        draw.text((30, y), " ".join(name), font=font, fill=60)
        draw.text((610, y), price, font=font, fill=60, anchor="ra")
        words += [*name, price]
    return _add_noise(image.filter(ImageFilter.GaussianBlur(0.8)), chance, 8), words


def draw_crop(chance: random.Random) -> tuple[Image.Image, list[str]]:
    """400 x 40 pixels: one line, as a form's field or a label is cut out."""
    font, image = _font(22), Image.new("L", (400, 40), 248)
    words = [*_fill_line(chance, font, 280), str(chance.randrange(1000, 9999))]
    ImageDraw.Draw(image).text((10, 6), " ".join(words), font=font, fill=30)
    return _add_noise(image, chance, 5), words


def draw_photo(chance: random.Random) -> tuple[Image.Image, list[str]]:
    """4000 x 3000 pixels in color: a sheet on a dark desk, seen at an angle and lit from one side."""
    sheet, words = draw_page(chance, (1700, 2200))
    jitter = [chance.randint(-80, 80) for _ in range(8)]
    corners = np.array([(1000, 250), (3050, 330), (3250, 2750), (800, 2700)]) + np.array(jitter).reshape(4, 2)
    coefficients = _solve_perspective(corners, sheet.size)
    kind, sampling = Image.Transform.PERSPECTIVE, Image.Resampling.BICUBIC
    seen = sheet.transform((4000, 3000), kind, coefficients, sampling, fillcolor=70)
    slope = np.linspace(1.0, chance.uniform(0.5, 0.7), 4000)[None, :] * np.linspace(1.0, 0.85, 3000)[:, None]
    lit = (np.asarray(seen, dtype=np.float32) * slope)[..., None] * np.array([1.0, 0.97, 0.9])
    return Image.fromarray(lit.clip(0, 255).astype(np.uint8)), words


def draw_blurred(chance: random.Random) -> tuple[Image.Image, list[str]]:
    """760 x 1000 pixels: print of a form at 100 dpi, so soft that Tesseract is unsure of it and PP-OCR is asked."""
    font, image, words = _font(16), Image.new("L", (760, 1000), 235), list[str]()
    draw = ImageDraw.Draw(image)
    for y in range(60, 940, 48):
        line = _fill_line(chance, font, 640)
        draw.text((60, y), " ".join(line), font=font, fill=60)
        words += line
    return _add_noise(image.filter(ImageFilter.GaussianBlur(1.35)), chance, 8), words


def _draw(
    folder: Path, name: str, count: int, draw: Callable[[], tuple[Image.Image, list[str]]], suffix: str
) -> list[Sheet]:
    sheets = []
    for number in range(count):
        image, words = draw()
        path = folder / f"{name}-{number}.{suffix}"
        image.save(path, dpi=(300, 300), quality=85)
        sheets.append(Sheet(path, tuple(words)))
    return sheets


def _collect(folder: Path) -> list[Sheet]:
    sheets = []
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in {".jpg", ".jpeg", ".png"}:
            truth = path.with_suffix(".txt")
            sheets.append(Sheet(path, tuple(truth.read_text(encoding="utf-8").split()) if truth.exists() else ()))
    if not sheets:
        msg = f"{folder} has no JPEG or PNG files"
        raise SystemExit(msg)
    return sheets


def _join_frames(path: Path, sheets: Sequence[Sheet]) -> Sheet:
    with ExitStack() as stack:
        first, *others = [stack.enter_context(Image.open(sheet.path)) for sheet in sheets]
        first.save(path, save_all=True, append_images=others, compression="tiff_deflate")
    return _joined(path, sheets)


def _join_pages(path: Path, sheets: Sequence[Sheet]) -> Sheet:
    """A PDF of pictures; one that repeats is stored once."""
    pdf, made = pikepdf.new(), dict[Path, int]()
    for number, sheet in enumerate(sheets):
        if sheet.path in made:
            pdf.pages.append(pdf.pages[made[sheet.path]])
            continue
        made[sheet.path] = number
        single = path.with_suffix(".single.pdf")
        with Image.open(sheet.path) as image:
            image.convert("L").save(single, resolution=image.info.get("dpi", (300,))[0], quality=85)
        with pikepdf.open(single) as source:
            pdf.pages.extend(source.pages)
        single.unlink()
    pdf.save(path)
    return _joined(path, sheets)


def _joined(path: Path, sheets: Sequence[Sheet]) -> Sheet:
    return Sheet(path, tuple(word for sheet in sheets for word in sheet.words), sum(sheet.pages for sheet in sheets))


def _write_text_layer(path: Path, chance: random.Random, count: int) -> Sheet:
    pdf = pikepdf.new()
    font = pdf.make_indirect(pikepdf.Dictionary(Type="/Font", Subtype="/Type1", BaseFont="/Helvetica"))
    words: list[str] = []
    for _ in range(count):
        lines = [_make_words(chance, 11) for _ in range(48)]
        shown = "\n".join(f"({' '.join(line)}) Tj T*" for line in lines)
        page = pdf.add_blank_page(page_size=(595, 842))
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        page.Contents = pdf.make_stream(f"BT /F1 10 Tf 15 TL 50 780 Td\n{shown}\nET".encode())
        words += [word for line in lines for word in line]
    pdf.save(path)
    return Sheet(path, tuple(words), count)


def _make_words(chance: random.Random, count: int) -> list[str]:
    return chance.choices(_VOCABULARY.split(), k=count)


def _fill_line(chance: random.Random, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    line = _make_words(chance, 1)
    while True:
        word = str(chance.randrange(10, 3000)) if chance.random() < _NUMBERS else _make_words(chance, 1)[0]
        if font.getlength(" ".join([*line, word])) > width:
            return line
        line.append(word)


def _add_noise(image: Image.Image, chance: random.Random, deviation: float) -> Image.Image:
    noise = np.random.default_rng(chance.randrange(2**32)).normal(0, deviation, (image.height, image.width))
    return Image.fromarray((np.asarray(image) + noise).clip(0, 255).astype(np.uint8))


def _solve_perspective(corners: NDArray[np.int_], size: tuple[int, int]) -> list[float]:
    """What Pillow needs to bring the corners of a picture of `size` to `corners`: output to input coordinates."""
    width, height = size
    rows, values = [], []
    for (x, y), (u, v) in zip(corners, [(0, 0), (width, 0), (width, height), (0, height)], strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return [float(value) for value in np.linalg.solve(np.array(rows, dtype=float), np.array(values, dtype=float))]


def _font(size_pixels: int, style: str = "") -> ImageFont.FreeTypeFont:
    found = importlib.util.find_spec(_FONTS)
    if found is None or found.origin is None:
        msg = "the fonts are missing: pip install --require-hashes -r requirements/bench.txt"
        raise SystemExit(msg)
    # The package itself cannot be imported: it asks for the typesetter it was made for.
    return ImageFont.truetype(Path(found.origin).parent / f"DejaVuSans{style}.ttf", size_pixels)
