"""Declares what happens to rows of a merged customer: `merging = {"customer": Moves()}`.

A model declares a rule for each of its foreign keys to a customer. `customers.models.merges`
collects the rules and reports missing ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

Values = Mapping[str, object]

# In `Values`, a placeholder for the time of the merge.
NOW = "now"
ARCHIVED: Values = {"archived_at": NOW}
# Refuse the merge if a moving row would violate the constraint.
REFUSED: Values = {}


@dataclass(frozen=True)
class Moves:
    """The rows move to the surviving customer.

    `clashes` maps each unique constraint with the key to the values that are set on a moving row
    if it would violate the constraint, or to REFUSED.
    """

    clashes: Mapping[str, Values] = field(default_factory=dict)


@dataclass(frozen=True)
class Stays:
    """The key is not changed, because it records the merge itself."""


Rule = Moves | Stays
