"""The forms that archive or restore customers; they show the effects first."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.widgets import UnfoldBooleanSwitchWidget

from billing.admin.customer_sections import live_subscriptions, open_invoices, sums_of
from bookings.actions import Restoration, forecast_restoration, open_items
from bookings.admin.columns import what
from bookings.admin.customer_sections import bookings_ahead
from bookings.models import Booking
from config.admin.batch_read import gather
from config.admin.forms import Answers, ManyAnswers, Reason
from config.admin.tables import link_to, listed, page_name, table_of
from config.errors import Refusal
from config.money import show_money
from config.tenancy.actors import Actor
from config.times import show_span
from credits.admin.customer_sections import held
from credits.models import Credit, PassPurchase

from ..models import Customer

WORDS = {
    "bookings": lambda n: ngettext("%(n)s booking to come", "%(n)s bookings to come", n),
    "subscriptions": lambda n: ngettext("%(n)s subscription", "%(n)s subscriptions", n),
    "invoices": lambda n: ngettext(
        "%(n)s invoice or draft not paid", "%(n)s invoices and drafts not paid", n
    ),
    "credits": lambda n: ngettext("%(n)s credit", "%(n)s credits", n),
    "passes": lambda n: ngettext("%(n)s pass", "%(n)s passes", n),
}
# The page reads at most this many rows of each kind, and says if there are more.
MOST = 100
NAMED = 5


class Having(Answers):
    """Reads a customer's open rows with one statement, and describes them."""

    def prepare(self) -> None:
        parts = {
            "bookings": bookings_ahead(self.row),
            "subscriptions": live_subscriptions(self.row),
            "credits": held(Credit, self.row),
            "passes": held(PassPurchase, self.row),
            "invoices": open_invoices(self.row),
        }
        self.has = gather({name: rows[: MOST + 1] for name, rows in parts.items()})
        self.explains = [sentence for sentence in self.sentences() if sentence]

    def sentences(self) -> list[Any]:
        """Return the sentences to show; "" stands for none."""
        return []

    def bookings(self) -> str:
        return self._count("bookings")

    def subscriptions(self) -> str:
        counted = self._count("subscriptions")
        return counted and f"{counted} ({_named(one.plan for one in self.has['subscriptions'])})"

    def held(self) -> str:
        """Return a text such as "3 credits (£35.00, Massage) and 1 pass (7 visits)"."""
        credits, passes = self._count("credits"), self._count("passes")
        visits = sum(one.balance for one in self.has["passes"])
        left = ngettext("%(n)d visit", "%(n)d visits", visits) % {"n": visits}
        parts = [credits and f"{credits} ({self._worth()})", passes and f"{passes} ({left})"]
        return _(" and ").join(filter(None, parts))

    def invoices(self) -> str:
        counted = self._count("invoices")
        return counted and f"{counted} ({sums_of(self.has['invoices'])})"

    def _count(self, name: str) -> str:
        count = len(self.has[name])
        shown = _("more than %(n)d") % {"n": MOST} if count > MOST else str(count)
        return WORDS[name](count) % {"n": shown} if count else ""

    def _worth(self) -> str:
        """Return the worth of the credits: the sums of money, and the names of the others."""
        sums: Counter[str] = Counter()
        for one in self.has["credits"]:
            if one.is_amount:
                sums[one.currency] += one.balance
        money = [show_money(amount, currency) for currency, amount in sums.items()]
        others = dict.fromkeys(str(one.coupon) for one in self.has["credits"] if not one.is_amount)
        return _named([*money, *others])


class EndingOpen(Answers):
    """Asks whether to end the customer's open rows too, and for the reason."""

    end_open = forms.BooleanField(
        label=gettext_lazy("End what is open"),
        required=False,
        help_text=gettext_lazy(
            "Bookings to come are cancelled and what they took is given back, money too. "
            "Subscriptions are cancelled. Invoices and drafts are voided unless money is kept for "
            "them. Credits and passes stay the customer’s, except passes whose invoice is voided."
        ),
        widget=UnfoldBooleanSwitchWidget,
    )
    reason = Reason(required=False)

    def clean(self) -> None:
        super().clean()
        if self.cleaned_data.get("end_open") and not self.cleaned_data.get("reason"):
            self.add_error("reason", self.fields["reason"].error_messages["required"])


class ArchivingMany(EndingOpen, ManyAnswers):
    """The form that archives many customers."""

    is_reviewed = False


def open_in_words(customers: Sequence[Customer], actor: Actor) -> dict[Any, str]:
    """Return the open rows of each customer as text, by id: "2 bookings to come, 1 pass"."""
    found = open_items([one.pk for one in customers], actor=actor)
    return {
        key: ", ".join(WORDS[name](count) % {"n": count} for name, count in counts.items())
        for key, counts in found.items()
    }


class Archiving(EndingOpen, Having):
    """The form that archives a customer, and offers to end the open rows."""

    def sentences(self) -> list[Any]:
        bookings, subscriptions, held = self.bookings(), self.subscriptions(), self.held()
        invoices, external_id = self.invoices(), self.row.external_id
        return [
            _(
                "An archived customer keeps everything and can be restored at any time. Until then "
                "nothing new can be added and nothing can be edited, here or by your other "
                "systems, which are refused with customer_archived."
            ),
            bookings
            and _(
                "%(bookings)s: they stay booked, and can be completed, paid for with money or "
                "cancelled, but not moved."
            )
            % {"bookings": bookings},
            subscriptions
            and _(
                "%(subscriptions)s: not cancelled, but nothing renews and no credit is granted. A "
                "subscription can still be cancelled."
            )
            % {"subscriptions": subscriptions},
            held
            and _(
                "%(held)s: kept, and cannot be used or revoked until the customer is restored. "
                "What has a last day ends on it all the same."
            )
            % {"held": held},
            invoices and _("%(invoices)s: can be paid or voided.") % {"invoices": invoices},
            external_id
            and _("The external id %(id)s is free for another customer.") % {"id": external_id},
        ]

    def prepare(self) -> None:
        super().prepare()
        ahead = self.has["bookings"]
        if not (ahead or self.has["subscriptions"] or self.has["invoices"]):
            del self.fields["end_open"], self.fields["reason"]
        if ahead:
            self.tables = [_to_cancel(ahead, self.row)]


def _to_cancel(bookings: list[Booking], customer: Customer) -> dict[str, Any]:
    """Return the table of future bookings, each with a link that cancels it."""
    cells = [
        (
            link_to(one, show_span(one.starts_at, one.duration)),
            what(one),
            format_html(
                '<a href="{}" class="text-link">{}</a>',
                reverse(page_name(Booking, "cancel"), args=[one.pk]),
                _("Cancel it"),
            ),
        )
        for one in bookings[:NAMED]
    ]
    return table_of(
        _("Bookings to come"),
        (_("when"), _("what"), ""),
        cells,
        all_address=listed(Booking, customer) if len(bookings) > NAMED else "",
    )


class Restoring(Having):
    """The form that restores a customer; it shows what comes back and what clashes."""

    leave_clashes = forms.BooleanField(
        label=gettext_lazy("Restore the rest, and leave that ended"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )

    def prepare(self) -> None:
        try:
            self.plan = forecast_restoration(self.row, actor=self.actor)
        except Refusal as refusal:
            self.plan, self.is_blocked = Restoration(), True
            self.refusal: Refusal | None = refusal
        else:
            self.refusal = None
        super().prepare()
        if not self.plan.clashes:
            del self.fields["leave_clashes"]
            return
        cells = [(_what_ended(one), str(refusal)) for one, refusal in self.plan.clashes[:MOST]]
        self.tables = [table_of(_("Cannot come back"), (_("what"), _("why")), cells)]

    def sentences(self) -> list[Any]:
        if self.refusal is not None:
            return [self._taken() or str(self.refusal)]
        has = [self.bookings(), self.subscriptions(), self.held(), self.invoices()]
        return [
            _("The customer can be changed and booked again, with everything that they had."),
            any(has) and _("They have: %(has)s.") % {"has": "; ".join(filter(None, has))},
            *self._of_ended(),
            (self.has["subscriptions"] or self.plan.subscriptions)
            and _(
                "Subscriptions renew again from their next date on; what was missed is not made up."
            ),
        ]

    def _of_ended(self) -> list[Any]:
        """Return sentences about the rows that ended when the customer was archived."""
        plan = self.plan
        back = [*plan.bookings, *plan.subscriptions]
        unpaid = [one for one in plan.bookings if not one.open_invoice and one.due]
        told = (
            (back, _("What ended with them comes back: %(names)s.")),
            (unpaid, _("To be paid again, since what was paid went back: %(names)s.")),
            (plan.over, _("These would have begun meanwhile, and stay cancelled: %(names)s.")),
            (plan.void, _("These stay void; write them again if they are owed: %(names)s.")),
        )
        shown = ((text, _named(map(_what_ended, rows))) for rows, text in told if rows)
        return [text % {"names": names} for text, names in shown]

    def _taken(self) -> Any:
        """Return a sentence about the customer who has the external id now, "" if it is free."""
        if not self.row.external_id:
            return ""
        others = Customer.objects.visible_to(self.actor).live().defer("search_words")
        other = others.filter(external_id=self.row.external_id).first()
        if other is None:
            return ""
        return format_html(
            _(
                "The external id {} belongs to {} now. Change it there, or archive them: until "
                "then this customer cannot be restored."
            ),
            self.row.external_id,
            link_to(other),
        )


def _what_ended(row: Any) -> str:
    if isinstance(row, Booking):
        return f"{what(row)} ({show_span(row.starts_at, row.duration)})"
    return str(getattr(row, "plan", row))


def _named(names: Any) -> str:
    shown = [str(name) for name in names]
    more = len(shown) - NAMED
    text = ", ".join(shown[:NAMED])
    if more <= 0:
        return text
    return f"{text}, " + ngettext("%(count)d more", "%(count)d more", more) % {"count": more}
