"""Fetches Tesseract's models from Debian's packages, without root: `python -m worker.models rus deu`.

No installed Python package holds more than English. The models land where the workers look first: in the folder of
`OCR_TESSDATA_DIR`, or in the environment's own.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from shared.settings import Settings
from worker.tessdata import ENVIRONMENT_FOLDER, find_models

_DOWNLOAD_SECONDS = 300
_APT_OPTIONS = ("--quiet", "--option", "Acquire::Retries=1", "--option", "Acquire::http::Timeout=10")


class FetchError(Exception):
    """A language's model is not to be had this way; the message says what to do."""


def fetch_model(language: str, target: Path) -> None:
    """Put `<language>.traineddata` into the folder `target`.

    Raises:
        FetchError: this is no Debian, or it has no package for the language.
    """
    apt, dpkg = shutil.which("apt-get"), shutil.which("dpkg-deb")
    package = f"tesseract-ocr-{language.replace('_', '-').lower()}"
    if apt is None or dpkg is None:
        msg = f"no apt-get here: install your system's Tesseract models, or put {language}.traineddata into {target}"
        raise FetchError(msg)
    with tempfile.TemporaryDirectory(prefix="ocr-model-") as name:
        scratch = Path(name)
        _run(package, [apt, *_APT_OPTIONS, "download", package], scratch)
        _run(package, [dpkg, "--extract", *(str(path) for path in scratch.glob("*.deb")), "."], scratch)
        model = next(scratch.glob(f"usr/share/tesseract-ocr/**/{language}.traineddata"), None)
        if model is None:
            msg = f"{package} holds no {language}.traineddata"
            raise FetchError(msg)
        target.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(model, target / model.name)


def _run(package: str, command: list[str], folder: Path) -> None:
    done = subprocess.run(  # noqa: S603 - programs of the system, and names that were checked
        command, cwd=folder, capture_output=True, text=True, timeout=_DOWNLOAD_SECONDS, check=False
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        msg = f"cannot fetch {package} ({last}); a fresh system may need `apt-get update` once"
        raise FetchError(msg)


def _language(text: str) -> str:
    if not (text.replace("_", "").isalpha() and text.isascii()):
        raise argparse.ArgumentTypeError(text)
    return text


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m worker.models", description=__doc__)
    parser.add_argument("languages", nargs="+", type=_language, help="Tesseract's names of languages, such as rus")
    target = Settings().tessdata_dir or ENVIRONMENT_FOLDER
    present = find_models()
    status = 0
    for language in parser.parse_args().languages:
        if language in present:
            print(f"{language}: is here, {present[language]}")  # noqa: T201 - a command talks
            continue
        try:
            fetch_model(language, target)
        except FetchError as error:
            print(f"{language}: {error}", file=sys.stderr)  # noqa: T201 - a command talks
            status = 1
        else:
            print(f"{language}: installed into {target}")  # noqa: T201 - a command talks
    return status


if __name__ == "__main__":
    sys.exit(main())
