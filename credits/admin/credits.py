"""The pages of issued credits."""

from django.contrib import admin
from django.utils.translation import gettext_lazy

from config.admin.columns import column
from config.admin.filters import DayFilter, FieldChoiceFilter, RowFilter, titled
from config.admin.money import amount_of

from ..actions import issue_credit, revoke_credit
from ..models import Credit
from .columns import gives, left_of_credit
from .holdings import ENDS, Holdings, StateFilter, revoke_button
from .issuing import CreditForm, Issues


@admin.register(Credit)
class CreditAdmin(Issues, Holdings):
    icon = "redeem"
    adds = gettext_lazy("Issue a credit")
    added_says = gettext_lazy("%(coupon)s issued to %(customer)s.")
    form = CreditForm
    creates = staticmethod(issue_credit)
    makes = gettext_lazy("Issue credit")
    buttons = (revoke_button(revoke_credit),)
    joined = ("coupon",)
    autocomplete_fields = ("customer", "coupon")
    list_display = ("customer", "coupon", "left", "ends", "shown_state", "created_on")
    list_filter = (
        StateFilter,
        ("coupon", RowFilter),
        ("entitlement", FieldChoiceFilter),
        ENDS,
        ("created_at", titled(DayFilter, gettext_lazy("issued"))),
    )
    asked = ("coupon", "customer", "expires_at", "revenue", "reason", "told")
    shown = (
        *("customer", "coupon", "gives", "left", "state_name", "times_redeemed", "ends"),
        *("subscription", "shown_revenue", "created_at"),
        *("redeemed_at", "revoked_at", "expired_at"),
    )

    shown_revenue = amount_of("revenue", gettext_lazy("paid for it"))
    gives = column(gettext_lazy("gives"), gives)
    left = column(gettext_lazy("left"), left_of_credit)
