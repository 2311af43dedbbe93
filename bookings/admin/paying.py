"""The forms that choose how something is paid."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Value
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminSingleDateWidget

from billing.models import Invoice, Payment, PaymentMethod
from config.admin.batch_read import gather
from config.admin.form_mixins import FreeText
from config.admin.forms import Reason
from config.money import show_money
from config.tenancy.actors import Actor
from config.times import ClockOnce, check_day
from credits.admin.columns import gives
from credits.eligibility import is_good_for
from credits.models import Credit, PassPurchase
from customers.models import Customer

from ..actions.paying import Means

INVOICE = "invoice"


@dataclass(frozen=True)
class Way:
    """A payment option: its key in the form, its label, and the means for the action."""

    key: str
    label: str
    means: Means


class Paying(FreeText, forms.Form):
    """The fields for the means of payment, the due date of an invoice, and a note."""

    paid_with = forms.ChoiceField(
        label=gettext_lazy("Paid with"), required=False, widget=UnfoldAdminSelectWidget
    )
    due_on = forms.DateField(
        label=gettext_lazy("Invoice due on"),
        required=False,
        validators=[check_day],
        help_text=gettext_lazy("For an invoice. Leave empty if it is never overdue."),
        widget=UnfoldAdminSingleDateWidget,
    )
    # A booking has a field `reason` already: why it was cancelled.
    why_paid = Reason(label=gettext_lazy("Note on the payment"), required=False)

    def offer(self, ways: list[tuple[str, list[Way]]], *, later: bool = True) -> None:
        """Fill in the payment options; with `later`, staff may choose none."""
        self.ways = {way.key: way.means for _name, group in ways for way in group}
        field: Any = self.fields["paid_with"]
        field.choices = [
            ("", _("Nothing yet") if later else "–"),
            *((name, [(way.key, way.label) for way in group]) for name, group in ways),
        ]
        field.required = not later
        if INVOICE not in self.ways:
            del self.fields["due_on"]

    def clean(self) -> None:
        super().clean()
        asked = self.cleaned_data.get("paid_with") == INVOICE
        if self.cleaned_data.get("due_on") and not asked:
            self.add_error("due_on", _("Only an invoice has a due date."))

    @property
    def moves(self) -> bool:
        """Whether the chosen option moves money or credit now; an invoice does not."""
        return self.cleaned_data.get("paid_with", "") not in ("", INVOICE)

    def why(self) -> str:
        """Return the note, "" if nothing moves."""
        return str(self.cleaned_data["why_paid"]) if self.moves else ""

    @property
    def means(self) -> Means | None:
        """Return the chosen means of payment, None if nothing is chosen."""
        chosen = self.cleaned_data["paid_with"]
        if chosen == INVOICE:
            return Invoice(due_on=self.cleaned_data["due_on"])
        return self.ways[chosen] if chosen else None


def ways_to_pay(
    payer: Customer | None,
    *,
    thing: str,
    currency: str,
    visits: int = 1,
    begins_at: datetime.datetime | None = None,
    by_invoice: bool = True,
    actor: Actor,
) -> list[tuple[str, list[Way]]]:
    """Return the payment options for an offering of this name, in groups; "" means any offering.

    Includes only passes and credits of the payer that are valid for the offering, not used up, and
    do not end before it begins, if that is known.
    """
    rows = means_of(payer, visits=visits, begins_at=begins_at, actor=actor) if payer else {}
    found = gather(rows) if rows else {}
    later = [(_("Later"), [Way(INVOICE, _("An invoice"), Invoice())])] if by_invoice else []
    return [*held_ways(found, thing=thing, currency=currency), *money_ways(found), *later]


def means_of(
    payer: Customer, *, visits: int = 1, begins_at: datetime.datetime | None = None, actor: Actor
) -> dict[str, Any]:
    """Return the querysets of a customer's usable passes and credits and saved payment methods."""
    methods = PaymentMethod.objects.visible_to(actor).live().filter(customer=payer)
    passes = _usable(PassPurchase, payer, visits, begins_at, actor)
    return {
        "passes": passes.select_related("product"),
        "credits": _usable(Credit, payer, 1, begins_at, actor).select_related("coupon"),
        "methods": methods.order_by("-is_default", "-id"),
    }


def held_ways(
    found: Mapping[str, Sequence[Any]], *, thing: str, currency: str
) -> list[tuple[str, list[Way]]]:
    """Return the options for passes and credits in the rows of `means_of` that are valid."""
    passes = [
        Way(f"pass:{one.pk}", _pass_label(one), one)
        for one in found.get("passes", ())
        if not thing or is_good_for(one, thing)
    ]
    credits = [
        Way(f"credit:{one.pk}", _credit_label(one), one)
        for one in found.get("credits", ())
        if (not thing or is_good_for(one, thing))
        and (not one.is_amount or one.currency == currency)
    ]
    groups = [(_("Passes"), passes), (_("Credits"), credits)]
    return [(name, ways) for name, ways in groups if ways]


def money_ways(found: Mapping[str, Sequence[Any]]) -> list[tuple[str, list[Way]]]:
    """Return the options for money, the saved payment methods of `means_of` first."""
    kept = [
        Way(f"method:{one.pk}", str(one), Payment(payment_method=one))
        for one in found.get("methods", ())
    ]
    others = [
        Way(f"money:{method.value}", str(capfirst(method.label)), Payment(method=method.value))
        for method in Payment.Method
    ]
    return [(_("Money received"), kept + others)]


def _usable(
    model: Any, payer: Customer, least: int, begins_at: datetime.datetime | None, actor: Actor
) -> Any:
    rows = model.objects.visible_to(actor).filter(customer=payer)
    judged = rows.with_refusal(Value(least), begins_at=begins_at, now=ClockOnce())
    return judged.filter(refusal=None).order_by("expires_at", "id")


def _pass_label(bought: PassPurchase) -> str:
    left = ngettext("%(count)d visit left", "%(count)d visits left", bought.balance)
    return f"{bought.product}: {left % {'count': bought.balance}}"


def _credit_label(credit: Credit) -> str:
    left = show_money(credit.balance, credit.currency) if credit.is_amount else gives(credit)
    return f"{credit.coupon}: {left}"
