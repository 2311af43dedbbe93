"""Names that a request brings and the document does not have: refused, or ignored and reported.

A lenient surface ignores them, so that clients that were written for its document work unchanged.
It refuses a name that looks like a typing error, which must not cost money or rows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from config.card_numbers import mask_card_numbers

from .problems import Fault

HEADER = "Ignored-Fields"
# Limits of the header, and of the unknown names in one request: each name costs comparisons.
MOST_NAMES, MOST_BYTES = 20, 1_000
MOST_UNKNOWN = 100
_LONGEST_NAME = 64
_SHORT = 6


@dataclass
class UnknownNames:
    """The unknown names of one request: those that are ignored, and how many are refused."""

    is_lenient: bool = False
    ignored: list[str] = field(default_factory=list)
    refused: int = 0

    def find(
        self,
        given: Iterable[str],
        known: Iterable[str],
        *,
        kind: str = "field",
        refuses: Mapping[str, str] = {},
        where: str = "",
    ) -> list[Fault]:
        """Return the faults of the names `given`, except those that are ignored.

        `known` are the names that a name could be a typing error for. `refuses` has a better
        sentence for names that a client could well think of, and `where` is the dotted path of the
        object that has them.
        """
        faults = []
        for name in given:
            sentence = self._refuse(name, [*known], kind, refuses)
            if sentence is None:
                self.ignored.append(where + name)
                continue
            self.refused += 1
            shown = name if name in refuses else name[:100]
            faults.append(Fault(where + shown, f"unknown_{kind}", sentence))
            if self._is_full:
                break
        return faults

    def _refuse(
        self, name: str, known: list[str], kind: str, refuses: Mapping[str, str]
    ) -> str | None:
        """Return why a name is refused, None where it is ignored."""
        if self._is_full:
            return f"The request has more than {MOST_UNKNOWN} unknown names. Send known ones only."
        if name in refuses:
            return refuses[name]
        meant = near_miss(name, known)
        if meant is None:
            way_out = f"Remove it; /docs/reference/ lists the {kind}s."
            return None if self.is_lenient else f"There is no such {kind}. {way_out}"
        sentences = [f"There is no such {kind}.", f"Did you mean {meant}?", refuses.get(meant, "")]
        return " ".join(filter(None, sentences))

    @property
    def _is_full(self) -> bool:
        return len(self.ignored) + self.refused >= MOST_UNKNOWN

    def report(self, response: Any) -> Any:
        """Name in an answer what was ignored; returns the answer."""
        if self.ignored:
            response.headers.setdefault(HEADER, self.header)
        return response

    @property
    def header(self) -> str:
        """The ignored names, percent-encoded: a client chose them, and they go into a header."""
        shown: list[str] = []
        left = MOST_BYTES
        for name in filter(None, dict.fromkeys(self.ignored)):
            safe = quote(mask_card_numbers(name[:_LONGEST_NAME]), safe="[]", errors="replace")
            left -= len(safe) + 2
            if left < 0 or len(shown) == MOST_NAMES:
                break
            shown.append(safe)
        return ", ".join(shown)


def near_miss(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that `name` is a typing error for, None where there is none.

    Two edits are taken for a typing error, and one where either name has under six letters; case
    is none.
    """
    for one in known:
        within = 1 if min(len(name), len(one)) < _SHORT else 2
        if abs(len(name) - len(one)) <= within and edits(name.lower(), one.lower()) <= within:
            return one
    return None


def edits(one: str, other: str) -> int:
    """Return how many letters to insert, drop, replace or swap with the next make `other`."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, its in enumerate(other, 1):
            row.append(min(last[j] + 1, row[-1] + 1, last[j - 1] + (letter != its)))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == its:
                row[j] = min(row[j], before[j - 2] + 1)
        before, last = last, row
    return last[-1]
