"""Credits that were issued to customers."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from billing.models.money import MOST
from config.admin.buttons import Button
from config.admin.filters import DayFilter, FieldChoiceFilter, RowFilter
from config.admin.money import MoneyField, MoneyForm, amount_of
from config.money import show_money

from ..actions import issue_credit, revoke_credit
from ..models import Credit
from .coupons import gives
from .holdings import Holdings, LastDayFilter, StateFilter


class CreditForm(MoneyForm):
    told_at = {"coupon_id": "coupon", "customer_id": "customer"}

    revenue = MoneyField(
        label=gettext_lazy("Paid for it"),
        required=False,
        most=MOST,
        help_text=gettext_lazy("What the company was paid for the credit. Empty for a gift."),
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=500,
        help_text=gettext_lazy("It is written into the ledger."),
        widget=UnfoldAdminTextInputWidget,
    )

    def currency_of(self, typed: dict[str, Any]) -> str:
        coupon = typed.get("coupon")
        return coupon.currency if coupon else super().currency_of(typed)


class IssuedFilter(DayFilter):
    """What was issued from one day to another."""

    named = gettext_lazy("issued")


@admin.register(Credit)
class CreditPages(Holdings):
    icon = "redeem"
    form = CreditForm
    creates = staticmethod(issue_credit)
    buttons = (
        Button(
            name="revoke",
            label=gettext_lazy("Revoke"),
            done=gettext_lazy("revoked"),
            asks=gettext_lazy(
                "What is left of the credit is taken back, and the ledger says so. "
                "This cannot be undone; a new credit can be issued."
            ),
            act=revoke_credit,
            fits=lambda credit: credit.refusal is None,
            icon="block",
            danger=True,
            many=False,
        ),
    )
    joined = ("coupon",)
    autocomplete_fields = ("customer", "coupon")
    without_a_last_day = gettext_lazy("Empty for as long as the coupon says.")
    list_display = (*("customer", "coupon", "left", "expiry_date", "shown_state", "created_on"),)
    list_filter = (
        StateFilter,
        ("coupon", RowFilter),
        ("entitlement", FieldChoiceFilter),
        ("expiry_date", LastDayFilter),
        ("created_at", IssuedFilter),
    )
    asked = ("customer", "coupon", "expiry_date", "revenue", "reason")
    shown = (
        *("customer", "coupon", "gives", "left", "state_name", "times_redeemed", "expiry_date"),
        *("subscription", "shown_revenue", "created_at"),
        *("redeemed_at", "revoked_at", "expired_at"),
    )

    shown_revenue = amount_of("revenue", gettext_lazy("paid for it"))

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        self.creates(obj, reason=form.cleaned_data["reason"], actor=request.actor)

    @display(description=gettext_lazy("gives"))
    def gives(self, credit: Credit) -> str:
        return gives(credit)

    @display(description=gettext_lazy("left"))
    def left(self, credit: Credit) -> str:
        """An amount counts down; the others are there as a whole, or gone."""
        if credit.is_amount:
            return show_money(credit.balance, credit.currency)
        if not credit.balance:
            return _("Nothing")
        times = _("any number of times") if credit.multi_use else _("once")
        return f"{gives(credit)}, {times}"
