"""Compares the speed of this service with what else reads pages here, on the same pages in turn.

    python bench/speed.py [--quick] [--long] [--only NAME ...] [--pages DIR] [--seed N] [--json FILE] [--plot FILE]

It prints the table of goals, a ratio or a latency a row, then JSON with all that was measured, then the ratios in one
line, which the README quotes. Everything listens on the loopback alone and ends with this program.
"""

import argparse
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from contest import latency, memory, models, pages, recognition, report
from contest.service import ROOT, running_service

_PARTS = {
    "crop": latency.measure_crop,
    "pages": recognition.compare_pages,
    "scan": recognition.compare_scan,
    "crops": recognition.compare_crops,
    "receipts": recognition.compare_receipts,
    "photos": recognition.compare_photos,
    "text-layer": recognition.compare_text_layer,
    "naive": recognition.compare_as_it_comes,
    "busy": latency.measure_busy,
    "long-scan": latency.measure_long_scan,
    "cached": latency.measure_cached,
    "overhead": latency.measure_overhead,
    "memory": memory.measure_memory,
}


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="few small pages, one turn: whether it works at all")
    parser.add_argument("--long", action="store_true", help="also the memory of a slot after 1,000 pages")
    parser.add_argument("--only", nargs="+", choices=_PARTS, help="some parts of it")
    parser.add_argument("--pages", type=Path, help="a folder of pictures to read instead of drawn A4 pages")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="also write the JSON there")
    parser.add_argument("--plot", type=Path, help="draw the ratios there, as PNG")
    return parser.parse_args()


def main() -> None:
    arguments = parse_arguments()
    sys.path.insert(0, str(ROOT))
    machine = report.describe_machine(ROOT, arguments.seed)
    with TemporaryDirectory(prefix="bench-") as folder:
        rows = measure(Path(folder), arguments)
    print("  ".join(f"{name}: {value}" for name, value in machine.items()))
    print(report.format_table(rows))
    text = report.format_json(machine, rows)
    print(text)
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(text + "\n", encoding="utf-8")
    if arguments.plot:
        from contest.plot import draw_plot  # noqa: PLC0415 - slow to import, and seldom wanted

        draw_plot(rows, arguments.plot)
    print(report.format_summary(rows))


def measure(folder: Path, arguments: argparse.Namespace) -> list[report.Row]:
    """The rows of all parts asked for, each told on standard error as it comes."""
    os.environ["DATA_DIR"] = str(folder / "data")
    sizes = pages.QUICK if arguments.quick else pages.Sizes()
    corpus = pages.make_corpus(folder, arguments.seed, sizes, arguments.pages)
    cores = report.count_cores()
    wanted = arguments.only or [name for name in _PARTS if name != "memory" or arguments.long]
    rows = []
    with running_service(folder, cores, OCR_CACHE="no") as service:
        service.read(corpus.crops[:cores])
        rig = recognition.Rig(
            folder, corpus, service, models.make_environment(folder), cores, turns=1 if arguments.quick else 3
        )
        for name in wanted:
            for row in _PARTS[name](rig):
                print(f"{row.work}, {row.against}: {row.value:.2f} {row.unit}", file=sys.stderr, flush=True)
                rows.append(row)
    return rows


if __name__ == "__main__":
    main()
