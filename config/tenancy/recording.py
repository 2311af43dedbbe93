"""Declares the event types of a model's changes: `recorded = Recorded("customer")`.

An event type is `noun.verb`. The first rule that matches the operation and the changed columns
gives the verb; otherwise it is `created`, `updated` or `deleted`.
`config.changes.operations.KeepChanges` creates the triggers that record changes.
"""

from dataclasses import dataclass

CREATED, CHANGED, DELETED = "created", "changed", "deleted"


@dataclass(frozen=True)
class EventRule:
    """A rule that gives some changes a verb, or a whole event type, `noun.verb`.

    It matches if `column` now has `value`; None means any value and "" means null. `present` names
    another column that must not be null.
    """

    verb: str
    column: str
    value: str | None = None
    operation: str = CHANGED
    present: str = ""

    @property
    def condition(self) -> str:
        """SQL that is true for matching changes, with `{after}` and `{operation}` to fill in."""
        now = f"{{after}} ->> '{self.column}'"
        fits = {
            None: f"{now} IS NOT NULL",
            "": f"jsonb_exists({{after}}, '{self.column}') AND {now} IS NULL",
        }.get(self.value, f"{now} = '{self.value}'")
        also = f" AND {{after}} ->> '{self.present}' IS NOT NULL" if self.present else ""
        return f"{{operation}} = '{self.operation}' AND {fits}{also}"


@dataclass(frozen=True)
class Recorded:
    """The event types of changes of a model's rows.

    `created` is the verb for a new row. Changes of a model that is not `public` are shown only in
    the back-office, not to integrators.
    """

    noun: str
    rules: tuple[EventRule, ...] = ()
    created: str = "created"
    public: bool = True

    @property
    def verbs(self) -> dict[str, str]:
        """The verb of each operation, for changes that no rule matches."""
        return {CREATED: self.created, CHANGED: "updated", DELETED: "deleted"}

    def type_of(self, verb: str) -> str:
        return verb if "." in verb else f"{self.noun}.{verb}"

    @property
    def types(self) -> list[str]:
        """All event types of the model."""
        verbs = [rule.verb for rule in self.rules] + list(self.verbs.values())
        return list(dict.fromkeys(map(self.type_of, verbs)))


def is_set(verb: str, column: str) -> EventRule:
    """Return the rule for changes that set a column."""
    return EventRule(verb, column)


def is_cleared(verb: str, column: str) -> EventRule:
    """Return the rule for changes that set a column to null."""
    return EventRule(verb, column, "")


ARCHIVING = (is_set("archived", "archived_at"), is_cleared("restored", "archived_at"))
SUSPENDING = (is_set("suspended", "suspended_at"), is_cleared("resumed", "suspended_at"))
CANCELLING = (is_set("cancelled", "cancelled_at"),)
