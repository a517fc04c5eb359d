"""Reads every picture of a manifest and writes what was read, one JSON object a line.

    python bench/accuracy.py --manifest M --out P [--via pipeline|http] [--url U] [--engine E] [--jobs N]

A line of the manifest is `{"id", "image", "lang", "text", "words": [{"text", ...}]}`; one of the output is
`{"id", "text", "words": [{"text", "box", "page", "confidence"}], "seconds", "error"}`, boxes in pixels of the file as
stored. At the end it prints how often a word said to be at least 90 % sure is one of the words that are there.
"""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

_SURE = 90
_POLL_SECONDS = 10


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
        with httpx.Client(base_url=self.url, timeout=60) as client, path.open("rb") as file:
            fields = {"lang": lang, "engine": self.engine}
            task = client.post("/ocr", files={"file": (path.name, file)}, data=fields).raise_for_status().json()
            while task["status"] in {"queued", "running"}:
                answer = client.get(f"/ocr/{task['task_id']}", params={"wait": _POLL_SECONDS}).raise_for_status()
                task = answer.json()
        if task["status"] != "succeeded":
            raise RuntimeError(task["error"]["code"])
        return dict(task["result"])


Reader = Pipeline | Http


def predict(reader: Reader, folder: Path, item: dict[str, Any]) -> dict[str, Any]:
    started = time.perf_counter()
    error = None
    result: dict[str, Any] = {"text": "", "pages": []}
    try:
        result = reader.read(folder / item["image"], item["lang"])
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


def count_sure(item: dict[str, Any], prediction: dict[str, Any]) -> tuple[int, int]:
    """How many words are said to be sure, and how many of those are among the words of the truth."""
    truth = item["text"] or " ".join(word["text"] for word in item["words"] or [])
    fold = str.upper if item.get("caseless") else str
    sure = Counter(fold(word["text"]) for word in prediction["words"] if word["confidence"] >= _SURE)
    right = sure & Counter(fold(truth).split())
    return sure.total(), right.total()


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--manifest", type=Path, required=True)
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
    items = [json.loads(line) for line in arguments.manifest.read_text(encoding="utf-8").splitlines()]
    started, sure, right, failed = time.perf_counter(), 0, 0, 0
    with arguments.out.open("w", encoding="utf-8") as out:
        predictions = predict_all(reader, arguments.manifest.parent, items, arguments.jobs)
        for item, prediction in zip(items, predictions, strict=True):
            out.write(json.dumps(prediction, ensure_ascii=False) + "\n")
            failed += prediction["error"] is not None
            item_sure, item_right = count_sure(item, prediction)
            sure, right = sure + item_sure, right + item_right
    share = f"{100 * right / sure:.1f} %" if sure else "none"
    seconds = time.perf_counter() - started
    print(f"{len(items)} files in {seconds:.1f} s, {failed} not read; {sure} words >= {_SURE} % sure, right: {share}")


if __name__ == "__main__":
    main()
