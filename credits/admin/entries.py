"""The entries of the ledger, the same on every page."""

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy, ngettext

from billing.admin.records import Lines
from config.admin.columns import column
from config.money import show_money

from ..models import Entry

COLOURS = {
    Entry.ISSUE: "success",
    Entry.REDEEM: "info",
    Entry.REVOKE: "danger",
    Entry.EXPIRE: "default",
    Entry.REVERSE: "warning",
}


def with_sign(entry: Entry) -> str:
    """Return the amount of an entry in money, uses or visits with its sign: −£5.00, +10 visits."""
    size, sign = abs(entry.amount), "−" if entry.amount < 0 else "+" if entry.amount else ""
    credit = entry.credit
    if credit is not None and credit.is_amount:
        return sign + show_money(size, credit.currency)
    if credit is not None:
        return sign + ngettext("%(count)d use", "%(count)d uses", size) % {"count": size}
    return sign + ngettext("%(count)d visit", "%(count)d visits", size) % {"count": size}


class ShowsEntries:
    shown_amount = column(gettext_lazy("amount"), with_sign)
    shown_kind = column(
        gettext_lazy("what happened"),
        lambda row: (row.kind, capfirst(row.get_kind_display())),
        ordering="kind",
        label=COLOURS,
    )


class Entries(ShowsEntries, Lines):
    """The table of the entries of one credit or pass."""

    model = Entry
    verbose_name_plural = gettext_lazy("Its ledger")
    ordering = ("id",)
    joined = ("credit", "purchase")
    shown = ("created_at", "kind", "shown_amount", "reference", "reason", "actor_name")
