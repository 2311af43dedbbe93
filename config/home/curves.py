"""A line plot of money that adds up over a month, drawn without any script.

Lines are told apart by their strokes and their names, not by colours. Across, everything is in
percent, so that the plot is as wide as its place and its words keep their size.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Any

HEIGHT, TOP, BOTTOM = 230, 24, 26
LEFT, RIGHT = 12.0, 24.0
DAYS = 31
# Before this day a name stands right of its line's end, which is too far left for it.
ROOM_FOR_NAME = 8


@dataclass(frozen=True)
class Line:
    """One line of a plot: `points` are in percent of its frame, its name stands at its end."""

    name: str
    points: str
    kind: str
    x: float
    y: float
    is_named_before: bool


@dataclass(frozen=True)
class Tick:
    text: str
    x: float = 0
    y: float = 0


@dataclass(frozen=True)
class Curve:
    """Lines in a frame, with what a screen reader says of them and the table of their numbers."""

    description: str
    lines: Sequence[Line]
    days: Sequence[Tick]
    amounts: Sequence[Tick]
    columns: Sequence[Any]
    rows: Sequence[tuple[str, Sequence[Any]]]
    height: int = HEIGHT
    left: float = LEFT
    top: int = TOP
    width: float = 100 - LEFT - RIGHT
    depth: int = HEIGHT - TOP - BOTTOM
    right: float = 100 - RIGHT
    floor: int = HEIGHT - BOTTOM


def across(day: int) -> float:
    """Return where a day of the month is, in percent."""
    return round(LEFT + (100 - LEFT - RIGHT) * (day - 1) / (DAYS - 1), 2)


class Scale:
    """From an amount to a height; the ends are round amounts, and zero is among them."""

    def __init__(self, amounts: Sequence[int]) -> None:
        low, high = min(0, *amounts), max(0, *amounts)
        self.step = _round_step((high - low) or 1)
        self.low, self.high = floor(low / self.step), max(1, ceil(high / self.step))

    def marks(self) -> list[int]:
        return [number * self.step for number in range(self.low, self.high + 1)]

    def part(self, amount: int) -> float:
        """Return how far below the top an amount is, from 0 to 1."""
        low, high = self.low * self.step, self.high * self.step
        return (high - amount) / (high - low)

    def down(self, amount: int) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * self.part(amount), 1)


def draw(name: str, sums: Sequence[int], kind: str, scale: Scale) -> Line:
    """Return the line of amounts that add up from the first of a month on."""
    points = " ".join(
        f"{100 * day / (DAYS - 1):.2f},{100 * scale.part(amount):.2f}"
        for day, amount in enumerate(sums)
    )
    is_whole = kind == "dashed"
    return Line(
        name,
        points,
        kind,
        across(len(sums)),
        scale.down(sums[-1]),
        is_named_before=not is_whole and len(sums) >= ROOM_FOR_NAME,
    )


def _round_step(span: int) -> int:
    """Return a round amount of which two to five make up the span."""
    power = 10 ** max(0, floor(log10(span)) - 1)
    return next(step * power for step in (1, 2, 5, 10, 20, 50) if step * power * 5 >= span)
