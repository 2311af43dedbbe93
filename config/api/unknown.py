"""Names that a request brings and the document does not have: refused, or ignored and reported.

A lenient surface ignores them, so that clients that were written for its document work unchanged.
It refuses a name that looks like a typing error, which must not cost money or rows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from config.card_numbers import mask_card_numbers

from .problems import Refused, bad_request

HEADER = "Ignored-Fields"
# Limits of the header, and of the unknown names in one request: each name costs comparisons.
MOST_NAMES, MOST_BYTES = 20, 1_000
MOST_UNKNOWN = 100
_LONGEST_NAME = 64
_SHORT = 6


@dataclass
class UnknownNames:
    """The unknown names of one request: those that are ignored, and why others are refused."""

    is_lenient: bool = False
    ignored: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)

    def find(
        self,
        given: Iterable[str],
        known: Iterable[str],
        *,
        kind: str = "field",
        refuses: Mapping[str, str] = {},
        where: str = "",
    ) -> None:
        """Sort out the names `given`; `known` are those that they could be typing errors for.

        `refuses` has a better sentence for names that a client could well think of, and `where`
        is the dotted path of the object that has them.
        """
        for name in given:
            if len(self.ignored) + len(self.refused) >= MOST_UNKNOWN:
                self.refused[where + name[:100]] = f"More than {MOST_UNKNOWN} unknown names."
                return
            meant = near_miss(name, known)
            if name in refuses:
                self.refused[where + name] = refuses[name]
            elif meant or not self.is_lenient:
                sentences = [f"There is no such {kind}."]
                if meant:
                    sentences += [f"Did you mean {meant}?", refuses.get(meant, "")]
                self.refused[where + name[:100]] = " ".join(filter(None, sentences))
            else:
                self.ignored.append(where + name)

    def refusal(self) -> Refused:
        """Return the 400 that names all that is refused, at once."""
        told = [f"{name}: {sentence}" for name, sentence in self.refused.items()]
        more = f" And {len(told) - MOST_NAMES} more." if len(told) > MOST_NAMES else ""
        return bad_request(" ".join(told[:MOST_NAMES]) + more, self.refused)

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
