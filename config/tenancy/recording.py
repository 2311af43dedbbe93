"""How a model declares what changes of its rows are called: `recorded = Recorded("customer")`.

An event type is `noun.verb`. The verb follows from the operation on the row and from the columns
that it changed: the first rule that fits gives it, otherwise it is `created`, `updated` or
`deleted`. The triggers that record the changes are made by `config.changes.operations.KeepChanges`.
"""

from dataclasses import dataclass

CREATED, CHANGED, DELETED = "created", "changed", "deleted"


@dataclass(frozen=True)
class EventRule:
    """One kind of change with a verb of its own, or with a whole type `noun.verb`.

    It fits when `column` now has `value`: any value for None, and no value for "". `present` names
    another column that must have a value.
    """

    verb: str
    column: str
    value: str | None = None
    operation: str = CHANGED
    present: str = ""

    @property
    def condition(self) -> str:
        """SQL that is true for the changes that the rule fits, over `{after}` and `{operation}`."""
        now = f"{{after}} ->> '{self.column}'"
        fits = {
            None: f"{now} IS NOT NULL",
            "": f"jsonb_exists({{after}}, '{self.column}') AND {now} IS NULL",
        }.get(self.value, f"{now} = '{self.value}'")
        also = f" AND {{after}} ->> '{self.present}' IS NOT NULL" if self.present else ""
        return f"{{operation}} = '{self.operation}' AND {fits}{also}"


@dataclass(frozen=True)
class Recorded:
    """What changes of a model's rows are called.

    `created` is the verb of a new row. Changes of a model that is not `public` are shown in the
    back-office and to no integrator.
    """

    noun: str
    rules: tuple[EventRule, ...] = ()
    created: str = "created"
    public: bool = True

    @property
    def verbs(self) -> dict[str, str]:
        """The verb of each operation, for changes that no rule fits."""
        return {CREATED: self.created, CHANGED: "updated", DELETED: "deleted"}

    def type_of(self, verb: str) -> str:
        return verb if "." in verb else f"{self.noun}.{verb}"

    @property
    def types(self) -> list[str]:
        """Every event type that changes of such rows have."""
        verbs = [rule.verb for rule in self.rules] + list(self.verbs.values())
        return list(dict.fromkeys(map(self.type_of, verbs)))


def is_set(verb: str, column: str) -> EventRule:
    """Return the rule for a change that gives a column a value."""
    return EventRule(verb, column)


def is_cleared(verb: str, column: str) -> EventRule:
    """Return the rule for a change that leaves a column without a value."""
    return EventRule(verb, column, "")


ARCHIVING = (is_set("archived", "archived_at"), is_cleared("restored", "archived_at"))
SUSPENDING = (is_set("suspended", "suspended_at"), is_cleared("resumed", "suspended_at"))
CANCELLING = (is_set("cancelled", "cancelled_at"),)
