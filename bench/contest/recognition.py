"""How fast pages are read: this service and its rivals on the same files, in turn."""

import importlib.util
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from contest import rivals
from contest.measure import Contestant, Outcome, race
from contest.pages import Corpus, Sheet
from contest.report import Row
from contest.service import Service
from contest.tesserocr_reader import AUTO_PSM

_CLIENTS = 4
_RECEIPT_PSM = 6
"""The service's choice for what is narrow; at Tesseract's own a receipt loses its column of prices."""
_NAIVE_PAGES = _CLIENTS
"""One for each client; the naive handler may take a quarter of a minute for each."""


@dataclass(frozen=True, slots=True)
class Rig:
    """What every comparison needs; `cores` is also the number of slots of `service`."""

    folder: Path
    corpus: Corpus
    service: Service
    environment: dict[str, str]
    cores: int
    turns: int

    @property
    def models(self) -> str:
        return self.environment["TESSDATA_PREFIX"]


class Batch:
    """The service again, which gets all sheets as the pages of one file."""

    name = "this service, in one file"

    def __init__(self, service: Service, joined: Sheet) -> None:
        self._service = service
        self._joined = joined

    def read(self, sheets: Sequence[Sheet]) -> list[str]:
        pages = self._service.read_one(self._joined.path)["result"]["pages"]
        return [str(page["text"]) for page in pages[: len(sheets)]]

    def cpu_seconds(self) -> float:
        return self._service.cpu_seconds()


def compare_pages(rig: Rig) -> Iterator[Row]:
    sheets = rig.corpus.pages
    program = rivals.tesseract_program(rig.environment, rig.cores)
    outcomes = _race_tesserocr(rig, sheets, AUTO_PSM, program)
    yield _ratio("A4 pages", outcomes, "tesserocr kept open", 1.2)
    yield _ratio("A4 pages", outcomes, program.name, 1.5)


def compare_scan(rig: Rig) -> Iterator[Row]:
    sheets = [rig.corpus.scan]
    peers: list[Contestant] = []
    if importlib.util.find_spec("kreuzberg"):
        peers.append(rivals.kreuzberg_program(rig.environment))
    if importlib.util.find_spec("ocrmypdf"):
        peers.append(rivals.ocrmypdf_program(rig.environment, rig.cores))
    outcomes = race([rig.service, *peers], sheets, rig.turns)
    work = f"a scan of {sheets[0].pages} pages"
    for peer in peers:
        yield _ratio(work, outcomes, peer.name, 2.2 if peer.name == "kreuzberg" else 2.8)
    page_seconds = statistics.median(_seconds(rig.service, [rig.corpus.scan_page]) for _ in range(rig.turns))
    share = outcomes[rig.service.name].seconds / (page_seconds * sheets[0].pages / rig.cores)
    yield Row(work, "its pages one by one / slots", share, "x", 1.15, "less", detail={"page_seconds": page_seconds})


def compare_crops(rig: Rig) -> Iterator[Row]:
    sheets = rig.corpus.crops
    service = rig.service.asking(_CLIENTS)
    with rivals.naive_server(rig.folder, rig.environment, one_thread=True, clients=_CLIENTS) as naive:
        batch = Batch(service, rig.corpus.crop_batch)
        outcomes = race([service, batch, naive], sheets, rig.turns)
    yield _ratio("line crops, one by one", outcomes, naive.name, 5)
    yield _ratio("line crops, in one file", outcomes, naive.name, 9, ours=batch.name)


def compare_receipts(rig: Rig) -> Iterator[Row]:
    outcomes = _race_tesserocr(rig, rig.corpus.receipts, _RECEIPT_PSM)
    yield _ratio("receipts", outcomes, f"tesserocr kept open, psm {_RECEIPT_PSM}", 0.95)


def compare_photos(rig: Rig) -> Iterator[Row]:
    outcomes = _race_tesserocr(rig, rig.corpus.photos, AUTO_PSM)
    yield _ratio("photos of 12 megapixels", outcomes, "tesserocr kept open", 1.1)


def compare_text_layer(rig: Rig) -> Iterator[Row]:
    sheets = rig.corpus.text_layers
    used = race([rig.service], sheets, rig.turns)
    recognized = race([rig.service.asking(2 * rig.cores, text_layer="force")], sheets, 1)
    outcomes = {**used, "recognizing them": recognized[rig.service.name]}
    yield _ratio("PDF pages with text", outcomes, "recognizing them", 30)


def compare_as_it_comes(rig: Rig) -> Iterator[Row]:
    sheets = rig.corpus.pages[:_NAIVE_PAGES]
    with rivals.naive_server(rig.folder, rig.environment, one_thread=False, clients=_CLIENTS) as naive:
        outcomes = race([rig.service.asking(_CLIENTS), naive], sheets, 1)
    yield _ratio("A4 pages", outcomes, naive.name, 8)


def _race_tesserocr(rig: Rig, sheets: Sequence[Sheet], psm: int, *others: Contestant) -> dict[str, Outcome]:
    if not importlib.util.find_spec("tesserocr"):
        return race([rig.service, *others], sheets, rig.turns)
    with ExitStack() as stack:
        rival = rivals.Tesserocr(rig.cores, rig.models, sheets, psm)
        stack.callback(rival.close)
        return race([rig.service, rival, *others], sheets, rig.turns)


def _ratio(
    work: str,
    outcomes: dict[str, Outcome],
    rival: str,
    goal: float,
    *,
    ours: str = Service.name,
) -> Row:
    our, their = outcomes[ours], outcomes.get(rival)
    detail = {name: asdict(outcome) for name, outcome in outcomes.items()}
    if their is None:
        return Row(work, rival, 0, "x", goal, failed="not installed", detail=detail)
    failed = ""
    if our.recall is not None and their.recall is not None and our.recall < their.recall:
        failed = f"{our.recall:.3f} of the words, not {their.recall:.3f}"
    ratio = our.pages_per_second / their.pages_per_second
    cpu_ratio = their.cpu_seconds_per_page / our.cpu_seconds_per_page
    return Row(work, rival, ratio, "x", goal, failed=failed, cpu_ratio=cpu_ratio, detail=detail)


def _seconds(service: Service, sheets: Sequence[Sheet]) -> float:
    started = time.perf_counter()
    service.read(sheets)
    return time.perf_counter() - started
