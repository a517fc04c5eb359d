"""The ratios as a picture."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from contest.report import Row, pick_ratios

_MET, _MISSED, _GOAL = "#2f7d5b", "#b5533c", "#222222"


def draw_plot(rows: Sequence[Row], target: Path) -> None:
    """Bars of how many times faster this service is, on a logarithmic scale, with a mark at each goal."""
    ratios = pick_ratios(rows)
    figure = Figure(figsize=(9, 0.9 + 0.42 * len(ratios)), layout="constrained")
    axes = figure.subplots()
    labels = [f"{row.work}\nagainst {row.against}" for row in ratios]
    bars = axes.barh(
        labels, [row.value for row in ratios], height=0.6, color=[_MET if row.is_met else _MISSED for row in ratios]
    )
    axes.bar_label(bars, [f"{row.value:.1f}x" for row in ratios], padding=4)
    axes.scatter([row.goal for row in ratios], labels, marker="|", s=220, color=_GOAL, label="goal", zorder=3)
    axes.set_xscale("log")
    axes.axvline(1, color=_GOAL, linewidth=0.8)
    axes.margins(x=0.15)
    axes.invert_yaxis()
    axes.tick_params(axis="y", labelsize=8)
    axes.set_xlabel("times as many pages a second")
    axes.legend(loc="lower right")
    target.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(target, dpi=130)
