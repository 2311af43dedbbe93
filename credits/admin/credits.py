"""Credits that were issued to customers."""

from django.contrib import admin
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from config.admin.buttons import Button
from config.admin.filters import DayFilter, FieldChoiceFilter, RowFilter
from config.admin.money import amount_of

from ..actions import issue_credit, revoke_credit
from ..models import Credit
from ..shapes.shown import CREDIT
from .columns import gives, left_of_credit
from .holdings import Holdings, LastDayFilter, StateFilter
from .issuing import CreditForm, Issues
from .revoking import Revoking


class IssuedFilter(DayFilter):
    """What was issued from one day to another."""

    named = gettext_lazy("issued")


@admin.register(Credit)
class CreditPages(Issues, Holdings):
    icon = "redeem"
    known_as = {CREDIT: "pk"}
    form = CreditForm
    creates = staticmethod(issue_credit)
    makes = gettext_lazy("Issue credit")
    buttons = (
        Button(
            name="revoke",
            label=gettext_lazy("Revoke"),
            done=gettext_lazy("revoked"),
            asks="",
            act=revoke_credit,
            fits=lambda credit: credit.refusal is None,
            icon="block",
            danger=True,
            many=False,
            form=Revoking,
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
    asked = ("coupon", "customer", "expiry_date", "revenue", "reason", "told")
    shown = (
        *("customer", "coupon", "gives", "left", "state_name", "times_redeemed", "expiry_date"),
        *("subscription", "shown_revenue", "created_at"),
        *("redeemed_at", "revoked_at", "expired_at"),
    )

    shown_revenue = amount_of("revenue", gettext_lazy("paid for it"))

    @display(description=gettext_lazy("gives"))
    def gives(self, credit: Credit) -> str:
        return gives(credit)

    @display(description=gettext_lazy("left"))
    def left(self, credit: Credit) -> str:
        return left_of_credit(credit)
