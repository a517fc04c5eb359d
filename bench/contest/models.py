"""One folder of models and a `tesseract` program for everything that is compared: the same English everywhere."""

import os
from pathlib import Path

_PARAMETERS = {"hocr": "tessedit_create_hocr", "txt": "tessedit_create_txt", "tsv": "tessedit_create_tsv"}


def make_environment(folder: Path) -> dict[str, str]:
    """An environment in which each finds that program and those models, and uses one thread a page unless told."""
    from worker.program import find_program  # noqa: PLC0415 - the project is put on the path by main
    from worker.tessdata import find_models  # noqa: PLC0415 - likewise

    models = folder / "tessdata"
    (models / "configs").mkdir(parents=True)
    for name in ("eng", "osd"):
        (models / f"{name}.traineddata").symlink_to(find_models()[name])
    for name, parameter in _PARAMETERS.items():
        (models / "configs" / name).write_text(f"{parameter} 1\n")
    paths = [os.environ.get("PATH", "")]
    if program := find_program():
        paths.insert(0, str(Path(program).parent))
    return {
        **os.environ,
        "TESSDATA_PREFIX": str(models),
        "PATH": os.pathsep.join(paths),
        "OMP_THREAD_LIMIT": "1",
    }
