"""What this worker can do, told without loading an engine."""

import hashlib
import importlib.util
import logging
import os
import platform
import socket
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path

from shared.settings import Settings
from shared.workers import WorkerInfo
from worker.program import find_program, program_versions
from worker.reader.reader import Reader, ReaderStartError
from worker.tessdata import find_models, installed_languages

log = logging.getLogger(__name__)

_ROOT = Path(__file__).parents[1]
_SOURCES = (_ROOT / "shared", _ROOT / "worker")
"""Of all that reads a page, and writes down what it says."""
_PACKAGES = (
    *("tesserocr", "pytesseract", "rapidocr", "onnxruntime", "onnx", "pyclipper", "shapely"),
    *("numpy", "opencv-python-headless", "pillow", "pillow-heif", "pypdfium2", "pikepdf"),
)
"""What decodes, reads and writes."""


def describe_worker(settings: Settings, slots: int) -> WorkerInfo:
    """Starts a reader for a moment: what the kernel really gives is measured in one, not assumed."""
    reader = Reader(settings, preloads=False)
    try:
        reader.start()
        protections = reader.protections
    except ReaderStartError:
        log.exception("no reader starts here")
        protections = {}
    finally:
        reader.close()
    return WorkerInfo(
        name=f"{socket.gethostname()}-{os.getpid()}",
        slots=slots,
        languages=installed_languages(),
        engines=tuple(_engines()),
        pipeline=fingerprint(settings, find_models()),
        protections=protections,
    )


def _engines() -> list[str]:
    engines = ["auto", "tesseract"]
    if importlib.util.find_spec("tesserocr"):
        engines.append("tesserocr")
    if find_program():
        engines.append("pytesseract")
    if importlib.util.find_spec("rapidocr"):
        engines.append("rapidocr")
    return engines


def fingerprint(settings: Settings, models: Mapping[str, Path], sources: Sequence[Path] = _SOURCES) -> str:
    """Changes whenever the same upload could be read differently, or its searchable PDF be made or not.

    Of the limits, two set how large a page of a PDF is rendered; the others end in a failure, which is never reused.
    """
    parts = [
        *(line for folder in sources for line in _hash_sources(folder)),
        f"python {platform.python_version()}",
        *_package_versions(),
        *program_versions(),
        *(f"{name} {_hash(path)}" for name, path in sorted(models.items())),
        *(f"pixels {settings.limits.max_pixels} {settings.limits.max_side_pixels}", f"pdf {settings.searchable_pdf}"),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _hash_sources(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*.py")):
        if path.is_file():
            yield f"{folder.name}/{path.relative_to(folder)} {_hash(path)}"


def _package_versions() -> Iterator[str]:
    for package in _PACKAGES:
        try:
            yield f"{package} {metadata.version(package)}"
        except metadata.PackageNotFoundError:
            continue


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
