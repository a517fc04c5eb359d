"""What this worker can do, told without loading an engine."""

import hashlib
import importlib.util
import logging
import os
import socket
from importlib import metadata

from shared.settings import Settings
from shared.workers import WorkerInfo
from worker.program import find_program
from worker.reader.reader import Reader, ReaderStartError
from worker.tessdata import find_models, installed_languages

log = logging.getLogger(__name__)

PIPELINE_VERSION = "7"
"""Raised with every change of the pipeline that changes what is read."""

_PACKAGES = (
    *("tesserocr", "pytesseract", "rapidocr", "onnxruntime", "onnx"),
    *("numpy", "opencv-python-headless", "pillow", "pypdfium2"),
)


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
        pipeline=_fingerprint(),
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


def _fingerprint() -> str:
    """Changes whenever the same upload could be read differently."""
    parts = [PIPELINE_VERSION]
    for package in _PACKAGES:
        try:
            parts.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            continue
    parts += [f"{name} {path.stat().st_size}" for name, path in sorted(find_models().items())]
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:16]
