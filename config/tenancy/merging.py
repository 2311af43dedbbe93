"""How rows follow a customer that is merged into another: `merging = {"customer": Moves()}`.

A model declares it for each of its keys to a customer. `customers.models.merges` collects what is
declared, and says what is missing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

Values = Mapping[str, object]

# Stands for the time of the merge among the values that a row gets.
NOW = "now"
ARCHIVED: Values = {"archived_at": NOW}
# A clash with this constraint refuses the merge.
REFUSED: Values = {}


@dataclass(frozen=True)
class Moves:
    """Rows move to the customer that stays.

    `clashes` has every unique constraint over the key, by name, with the values that a moving row
    gets where it would break the constraint, or REFUSED.
    """

    clashes: Mapping[str, Values] = field(default_factory=dict)


@dataclass(frozen=True)
class Stays:
    """The key names the same customer ever after: it tells of the merge itself."""


Rule = Moves | Stays
