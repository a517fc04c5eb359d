"""Fetches Tesseract's models from Debian's packages, without root: `python -m launcher.languages rus deu`.

No installed Python package holds more than English. The models land in the environment's own folder, where the
workers look first.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

SYSTEM_FOLDER = Path("/usr/share/tesseract-ocr")
DOWNLOAD_SECONDS = 300


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
        _run(package, [apt, "download", "--quiet", package], scratch)
        _run(package, [dpkg, "--extract", *(str(path) for path in scratch.glob("*.deb")), "."], scratch)
        model = next(scratch.glob(f"usr/share/tesseract-ocr/**/{language}.traineddata"), None)
        if model is None:
            msg = f"{package} holds no {language}.traineddata"
            raise FetchError(msg)
        target.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(model, target / model.name)


def missing_languages(wanted: Iterable[str], folders: Iterable[Path]) -> list[str]:
    """Those of the wanted languages whose model is in none of the folders, nor in folders below them."""
    present = {path.stem for folder in folders for path in folder.glob("**/*.traineddata")}
    return [language for language in wanted if language not in present]


def _run(package: str, command: list[str], folder: Path) -> None:
    done = subprocess.run(  # noqa: S603 - programs of the system, and names that were checked
        command, cwd=folder, capture_output=True, text=True, timeout=DOWNLOAD_SECONDS, check=False
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
    parser = argparse.ArgumentParser(prog="python -m launcher.languages", description=__doc__)
    parser.add_argument("languages", nargs="+", type=_language, help="Tesseract's names of languages, such as rus")
    target = Path(sys.prefix) / "share" / "tessdata"
    status = 0
    for language in missing_languages(parser.parse_args().languages, [target, SYSTEM_FOLDER]):
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
