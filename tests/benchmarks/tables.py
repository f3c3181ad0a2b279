"""Markdown tables of measured runs: figures beside targets, growth over sizes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from tests.benchmarks.runs import Run

FULL = 100_000  # reports that the targets are meant for
FAR = 1_000_000
_STEADY = 10_000  # below it what every build takes, however small, hides how the rest grows
_MEMORY = 1_500_000_000


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows))


def compared(runs: Sequence[Run]) -> str:
    """All runs of one size, with the share of Hugo's time and the targets; it says which are missed."""
    full = next((run for run in runs if run.tool == "Hugo"), None)
    rows = []
    for run in runs:
        share = run.seconds / full.seconds if full and run.name.startswith("clean") and run.reports == full.reports else None
        rows.append([run.tool, run.name, seconds(run.seconds), f"{share:.2f}" if share else "", _target(run, share), seconds(run.cpu),
                     size(run.memory), f"{run.amount.files:,}", size(run.amount.bytes)])
    return table(["", "", "seconds", "of Hugo's", "wanted at 100,000", "CPU seconds", "peak memory", "files written", "bytes written"], rows)


def _target(run: Run, share: float | None) -> str:
    if run.tool != "Waypost":
        return ""
    wanted, missed = [], []
    if run.limit is not None:
        wanted.append(f"{run.limit:g} s")
        missed += ["time"] if run.seconds > run.limit else []
    if run.share is not None:
        wanted.append(f"{run.share:g} of Hugo's")
        missed += ["time"] if share is not None and share > run.share and run.reports >= FULL else []  # start-up decides below
    wanted.append(size(_MEMORY))
    missed += ["memory"] if run.memory > _MEMORY else []
    return ", ".join(wanted) + (f"; **missed: {' and '.join(missed)}**" if missed else "")


def growth(runs: Sequence[Run]) -> str:
    """Seconds and memory by number of reports, how they grow, and what follows for a million; empty with one size."""
    sizes = sorted({run.reports for run in runs})
    kinds: dict[tuple[str, str], list[Run]] = {}
    for run in runs:
        kinds.setdefault((run.tool, run.name), []).append(run)
    rows = [row for found in kinds.values() if len(found) > 1 for row in _growing(found, sizes)]
    head = ["", "", *(f"{one:,}" for one in sizes), "slope", f"{FAR:,} (calculated)"]
    return table(head, rows) if rows else ""


def _growing(runs: Sequence[Run], sizes: Sequence[int]) -> Iterator[list[str]]:
    yield _grown(runs, "seconds", {run.reports: run.seconds for run in runs}, sizes, seconds)
    if runs[0].name.startswith("clean"):
        yield _grown(runs, "memory", {run.reports: float(run.memory) for run in runs}, sizes, size)


def _grown(runs: Sequence[Run], unit: str, values: dict[int, float], sizes: Sequence[int], shown: Callable[[float], str]) -> list[str]:
    """A row; nothing is calculated for a million where too few sizes are large enough to tell."""
    steep, largest = slope(values), max(values)
    far = f"about {shown(values[largest] * (FAR / largest) ** steep)}" if len(_steady(values)) > 1 else "needs larger sizes"
    return [f"{runs[0].tool}: {runs[0].name}", unit, *(shown(values[one]) if one in values else "" for one in sizes), f"{steep:.2f}", far]


def slope(values: dict[int, float]) -> float:
    """Exponent of the power law (least squares of the logarithms) through the sizes from 10,000 up, or all where these are too few."""
    steady = _steady(values)
    chosen = steady if len(steady) > 1 else list(values)
    across, up = [math.log(one) for one in chosen], [math.log(values[one]) for one in chosen]
    middle, height = sum(across) / len(across), sum(up) / len(up)
    return sum((x - middle) * (y - height) for x, y in zip(across, up, strict=True)) / sum((x - middle) ** 2 for x in across)


def _steady(values: dict[int, float]) -> list[int]:
    return [one for one in values if one >= _STEADY]


def seconds(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def size(value: float) -> str:
    """Bytes in units of a thousand."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("KB", 1e3)):
        if value >= factor:
            number = value / factor
            return f"{number:.1f} {unit}" if number < 10 else f"{number:,.0f} {unit}"
    return f"{value:.0f} B"
