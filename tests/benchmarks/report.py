"""Prints the tables and draws the plot."""

import statistics
import sys
from typing import Any

_told: list[tuple[Any, Any]] = []


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def share(times: list[float], part: float) -> float:
    """Return the percentile of the times, `part` being from 0 to 1."""
    return sorted(times)[int(len(times) * part)]


def tell(operation: Any, rounds: Any) -> None:
    """Print the row of an operation, and the table's heading before the first one."""
    if not _told:
        say("| operation | requests/s | plain DRF | FastAPI | bare | × plain | × bare | p99, ms |")
        say("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    _told.append((operation, rounds))
    rates = [_rate(rounds, name) for name in ("ours", "plain", "fast", "bare")]
    ratios = [_ratio(operation, rounds, name) for name in ("plain", "bare")]
    p99 = statistics.median(one["ours"].p99 for one in rounds)
    most = operation.most_p99
    goal = "" if most is None else f" (goal {most:g}{'' if p99 < most else ' MISSED'})"
    say(f"| {operation.name} | {' | '.join([*rates, *ratios, f'{p99:.1f}{goal}'])} |")


def tell_figure(name: str, figure: Any) -> None:
    """Print the result of a measurement that is not a series of requests."""
    say(f"- {name}: {figure.told}{'' if figure.is_reached else ' MISSED'}")


def _rate(rounds: Any, name: str) -> str:
    rates = [one[name].rate for one in rounds if name in one]
    return f"{statistics.median(rates):,.1f}" if rates else "–"


def _ratio(operation: Any, rounds: Any, name: str) -> str:
    if name not in rounds[0]:
        return "–"
    median, least, most = operation.ratio(rounds, name)
    goal = operation.goals.get(name)
    met = "" if goal is None else f", goal {goal:g}" + ("" if median >= goal else " MISSED")
    return f"**{median:.2f}** ({least:.2f}–{most:.2f}{met})"


def draw(file: str | None) -> None:
    """Draw how many times faster than the plain peer each server was."""
    if not file or not _told:
        return
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    named = {"ours": "Regulars", "fast": "FastAPI", "bare": "the bare statement"}
    figure, axes = pyplot.subplots(figsize=(9, 0.9 * len(_told) + 1))
    for place, (name, title) in enumerate(named.items()):
        there = [(row, told) for row, (_, told) in enumerate(_told) if name in told[0]]
        ratios = [
            statistics.median(one[name].rate / one["plain"].rate for one in told)
            for _, told in there
        ]
        bars = axes.barh([row + 0.27 * place for row, _ in there], ratios, 0.25, label=title)
        axes.bar_label(bars, [f" {ratio:.1f} ×" for ratio in ratios], fontsize=8)
    axes.set_yticks([row + 0.27 for row in range(len(_told))], [one.name for one, _ in _told])
    axes.set_xscale("log")
    axes.set_xlabel("requests a second, as a multiple of plain DRF's")
    axes.invert_yaxis()
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1), ncols=len(named))
    figure.tight_layout()
    figure.savefig(file, dpi=120)
