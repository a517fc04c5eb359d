"""`python kreuzberg_reader.py PDF TEXT`: reads every page of a PDF with kreuzberg and writes its text."""

import sys
from pathlib import Path

from kreuzberg import ExtractionConfig, OcrConfig, extract_file_sync


def main(source: Path, target: Path) -> None:
    ocr = OcrConfig(backend="tesseract", language="eng")
    config = ExtractionConfig(force_ocr=True, use_cache=False, ocr=ocr)
    target.write_text(extract_file_sync(source, config=config).content, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
