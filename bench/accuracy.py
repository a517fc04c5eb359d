"""Reads every picture of a manifest and writes what was read, one JSON object a line.

    python bench/accuracy.py [--manifest M] --out P [--via pipeline|http] [--url U] [--engine E] [--jobs N]

A line of the manifest is `{"id", "image", "lang", "text", "words": [{"text", ...}], "kind"}`; one of the output is
`{"id", "text", "words": [{"text", "box", "page", "confidence"}], "seconds", "error"}`, boxes in pixels of the file as
stored. Without a manifest it draws pages of the kinds that `speed.py` reads.

At the end it prints for each kind the share of the words there that were found, the share of the words read that are
there, and the same of the words said to be at least 90 % sure; their order does not count.
"""

import argparse
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from contest import pages
from contest.client import Client

_SURE = 90


@dataclass(frozen=True)
class Pipeline:
    """Calls `process_image` in this process."""

    engine: str

    def read(self, path: Path, lang: str) -> dict[str, Any]:
        from shared.schemas import Options  # noqa: PLC0415 - the project is put on the path by main
        from worker.process import process_image  # noqa: PLC0415 - likewise, and not needed over HTTP

        return dict(process_image(path, Options(lang=lang, engine=self.engine)))


@dataclass(frozen=True)
class Http:
    """Submits to a running service and waits for the task to end."""

    engine: str
    url: str

    def read(self, path: Path, lang: str) -> dict[str, Any]:
        with closing(Client(self.url)) as client:
            return dict(client.read(path, lang=lang, engine=self.engine)["result"])


Reader = Pipeline | Http


def predict(reader: Reader, folder: Path, item: dict[str, Any]) -> dict[str, Any]:
    started = time.perf_counter()
    error = None
    result: dict[str, Any] = {"text": "", "pages": []}
    try:
        result = reader.read(folder / item["image"], item["lang"])
        error = next(
            (f"{page['error']['code']}: page {page['number']}" for page in result["pages"] if page["error"]), None
        )
    except Exception as failure:  # noqa: BLE001 - a page that cannot be read is a result of the bench
        error = f"{getattr(failure, 'code', type(failure).__name__)}: {failure}"
    words = [
        {"text": word["text"], "box": word["bbox"], "page": page["number"], "confidence": word["confidence"]}
        for page in result["pages"]
        for block in page["blocks"]
        for line in block["lines"]
        for word in line["words"]
    ]
    seconds = round(time.perf_counter() - started, 3)
    return {"id": item["id"], "text": result["text"], "words": words, "seconds": seconds, "error": error}


def predict_all(reader: Reader, folder: Path, items: list[dict[str, Any]], jobs: int) -> Iterator[dict[str, Any]]:
    if jobs == 1:
        yield from (predict(reader, folder, item) for item in items)
        return
    executor: Executor = ThreadPoolExecutor(jobs) if isinstance(reader, Http) else ProcessPoolExecutor(jobs)
    with executor:
        yield from executor.map(predict, [reader] * len(items), [folder] * len(items), items)


@dataclass(slots=True)
class Tally:
    """Words of some files: those that are there, those read, those said to be sure, and how many of these are right."""

    files: int = 0
    failed: int = 0
    there: int = 0
    read: int = 0
    right: int = 0
    sure: int = 0
    sure_right: int = 0

    def add(self, item: dict[str, Any], prediction: dict[str, Any]) -> None:
        fold = str.upper if item.get("caseless") else str
        truth = Counter(fold(item["text"] or " ".join(word["text"] for word in item["words"] or [])).split())
        words = Counter(fold(word["text"]) for word in prediction["words"])
        sure = Counter(fold(word["text"]) for word in prediction["words"] if word["confidence"] >= _SURE)
        self.files += 1
        self.failed += prediction["error"] is not None
        self.there += truth.total()
        self.read += words.total()
        self.right += (truth & words).total()
        self.sure += sure.total()
        self.sure_right += (truth & sure).total()

    def tell(self) -> str:
        found, right, sure_right = (
            f"{100 * part / whole:.1f} %" if whole else "none"
            for part, whole in ((self.right, self.there), (self.right, self.read), (self.sure_right, self.sure))
        )
        return (
            f"{self.files} files, {self.failed} not read; of {self.there} words found: {found}; of {self.read} read "
            f"right: {right}; of {self.sure} said to be {_SURE} % sure right: {sure_right}"
        )


def draw_manifest(folder: Path) -> Path:
    """Pages, receipts, crops and photos with their words, and the manifest that names them."""
    sizes = replace(pages.QUICK, pages=4, receipts=6, crops=40, photos=2, long_pages=1, small=False)
    corpus = pages.make_corpus(folder, 1, sizes)
    kinds = {"page": corpus.pages, "receipt": corpus.receipts, "crop": corpus.crops, "photo": corpus.photos}
    lines = [
        {"id": sheet.path.stem, "image": sheet.path.name, "lang": "eng", "text": " ".join(sheet.words), "kind": kind}
        for kind, sheets in kinds.items()
        for sheet in sheets
    ]
    manifest = folder / "manifest.jsonl"
    manifest.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return manifest


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--manifest", type=Path, help="what to read, instead of drawn pages")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--via", choices=["pipeline", "http"], default="pipeline")
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--jobs", type=int, default=1)
    return parser.parse_args()


def main() -> None:
    arguments = parse_arguments()
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    reader = Http(arguments.engine, arguments.url) if arguments.via == "http" else Pipeline(arguments.engine)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="bench-") as folder:
        manifest = arguments.manifest or draw_manifest(Path(folder))
        tallies, started = defaultdict[str, Tally](Tally), time.perf_counter()
        items = [json.loads(line) for line in manifest.read_text(encoding="utf-8").splitlines()]
        with arguments.out.open("w", encoding="utf-8") as out:
            predictions = predict_all(reader, manifest.parent, items, arguments.jobs)
            for item, prediction in zip(items, predictions, strict=True):
                out.write(json.dumps(prediction, ensure_ascii=False) + "\n")
                tallies[item.get("kind", "all")].add(item, prediction)
    for kind, tally in tallies.items():
        print(f"{kind}: {tally.tell()}")
    print(f"in {time.perf_counter() - started:.1f} s")
    if all(tally.failed == tally.files for tally in tallies.values()):
        sys.exit("nothing was read")


if __name__ == "__main__":
    main()
