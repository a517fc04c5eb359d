"""Where Tesseract's models are: those of the installed wheels and of the system, seen through one folder."""

import functools
import os
import sys
from pathlib import Path

from shared.settings import Settings

ENVIRONMENT_FOLDER = Path(sys.prefix) / "share" / "tessdata"
_SUFFIX = ".traineddata"
_ORIENTATION = "osd"
_SYSTEM_FOLDERS = (
    "/usr/share/tesseract-ocr/*/tessdata",
    "/usr/share/tesseract-ocr/tessdata",
    "/usr/share/tessdata",
    "/usr/share/tesseract/tessdata",
    "/usr/local/share/tessdata",
    "/opt/homebrew/share/tessdata",
)


def find_models() -> dict[str, Path]:
    """The model file of each language, `osd` among them; an installed package wins over the system."""
    models: dict[str, Path] = {}
    for folder in _folders():
        for path in sorted(folder.glob(f"*{_SUFFIX}")):
            models.setdefault(path.name.removesuffix(_SUFFIX), path.resolve())
    return models


@functools.cache
def installed_languages() -> tuple[str, ...]:
    """Names that the option `lang` may join with `+`, as this process found them first."""
    return tuple(sorted(set(find_models()) - {_ORIENTATION}))


@functools.cache
def models_folder() -> Path:
    """One folder that holds every model, made once per process as links below the data folder."""
    settings = Settings()
    if settings.tessdata_dir:
        return settings.tessdata_dir
    folder = settings.data_dir.absolute() / "tessdata"
    folder.mkdir(parents=True, exist_ok=True)
    for name, target in find_models().items():
        link = folder / f"{name}{_SUFFIX}"
        if link.is_symlink() and link.readlink() == target:
            continue
        fresh = link.with_suffix(f".{os.getpid()}")
        fresh.symlink_to(target)
        fresh.replace(link)
    return folder


def find_model(language: str) -> Path:
    """Where a language's model is, if it is installed."""
    return models_folder() / f"{language}{_SUFFIX}"


def _folders() -> list[Path]:
    settings = Settings()
    if settings.tessdata_dir:
        return [settings.tessdata_dir]
    folders = [ENVIRONMENT_FOLDER]
    if prefix := settings.tessdata_prefix:
        folders += [prefix, prefix / "tessdata"]
    for pattern in _SYSTEM_FOLDERS:
        folders += sorted(Path("/").glob(pattern.lstrip("/")), reverse=True)
    return folders
