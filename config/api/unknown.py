"""Unknown fields and query parameters: refused, or ignored and reported in a header.

A lenient surface ignores them, so that existing clients of its document work unchanged. It refuses
a name that looks like a typing error of a known one, because ignoring that could lose data.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from config.card_numbers import mask_card_numbers

from .problems import Fault

HEADER = "Ignored-Fields"
# Limits of the header, and of unknown names in one request: each is compared with all known names.
MOST_NAMES, MOST_BYTES = 20, 1_000
MOST_UNKNOWN = 100
_LONGEST_NAME = 64
_SHORT = 6


@dataclass
class UnknownNames:
    """The unknown names of one request: the ignored ones, and the number of refused ones."""

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
        """Return a fault for each of the names `given` that is not ignored.

        `known` are the names to suggest for typing errors. `refuses` has error messages for names
        that clients are likely to try. `where` is the dotted path of the object.
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
        """Return why a name is refused, None if it is ignored."""
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
        """Add the header with the ignored names to a response; return the response."""
        if self.ignored:
            response.headers.setdefault(HEADER, self.header)
        return response

    @property
    def header(self) -> str:
        """The value of the header; names are percent-encoded, since the client chose them."""
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
    """Return the known name that `name` is a typing error of, None if there is none.

    Up to two edits count as a typing error; only one if a name has under six letters. Case is
    ignored.
    """
    for one in known:
        within = 1 if min(len(name), len(one)) < _SHORT else 2
        if abs(len(name) - len(one)) <= within and edits(name.lower(), one.lower()) <= within:
            return one
    return None


def edits(one: str, other: str) -> int:
    """Return the edit distance: insertions, deletions, replacements and swaps of neighbours."""
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
