"""The pages of passes for sale and of sold passes."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminExpandableTextareaWidget, UnfoldAdminIntegerFieldWidget

from billing.admin.prices import gross_column, tax_column
from config.admin.buttons import archiving
from config.admin.columns import column
from config.admin.filters import ArchivedFilter, DayFilter, RowFilter
from config.admin.forms import PageForm, Reason
from config.admin.money import MoneyField, amount_of
from config.admin.pages import CompanyAdmin
from config.admin.taxes import TaxedForm
from config.tenancy.money_fields import MOST

from ..actions import create_pass_product, revoke_pass, sell_pass, update_pass_product
from ..models import PassProduct, PassPurchase
from ..models.passes import MOST_VISITS
from .columns import left_of_pass
from .durations import DurationField, shown_duration
from .ends import LastDayField
from .holdings import ENDS, Holdings, StateFilter, revoke_button


class PassForm(TaxedForm):
    """A pass for sale; its offerings are typed one per line."""

    visits = forms.IntegerField(
        label=gettext_lazy("Visits"),
        min_value=1,
        max_value=MOST_VISITS,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    price = MoneyField(label=gettext_lazy("Price"), most=MOST)
    valid_for = DurationField(label=gettext_lazy("Lasts"))
    offerings = forms.CharField(
        label=gettext_lazy("Good for"),
        required=False,
        help_text=gettext_lazy("One on each line. Empty for anything."),
        widget=UnfoldAdminExpandableTextareaWidget,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["offerings"] = "\n".join(self.instance.offerings)

    def clean_offerings(self) -> list[str]:
        lines = map(str.strip, self.cleaned_data["offerings"].splitlines())
        return [line for line in lines if line]


@admin.register(PassProduct)
class PassProductAdmin(CompanyAdmin):
    icon = "style"
    added_says = gettext_lazy("Pass %(name)s added.")
    saved_says = gettext_lazy("Pass %(name)s saved.")
    form = PassForm
    creates = staticmethod(create_pass_product)
    changes = staticmethod(update_pass_product)
    buttons = archiving(
        gettext_lazy(
            "It can no longer be sold. Passes that customers hold stay valid. You can restore it."
        )
    )
    list_display = (
        *("name", "visits", "shown_price", "shown_rate", "lasts", "good_for", "life"),
        "created_on",
    )
    list_filter = (ArchivedFilter,)
    search_fields = ("name",)
    search_help_text = gettext_lazy("Name")
    fields = ("name", "visits", "price", "tax_rate", "tax_behavior", "valid_for", "offerings")
    shown = ("name", "visits", "shown_price", "shown_rate", "lasts", "good_for")

    shown_price = gross_column()
    shown_rate = tax_column()

    def describe(self, row: PassProduct) -> str:
        return f"{row} · {self.shown_price(row)}"

    lasts = column(gettext_lazy("lasts"), lambda row: shown_duration(row.valid_for))
    good_for = column(
        gettext_lazy("good for"), lambda row: ", ".join(row.offerings) or _("anything")
    )


class PurchaseForm(PageForm):
    refused_at = {"pass_id": "product", "customer_id": "customer"}

    # A sale needs no reason.
    reason = Reason(required=False)


@admin.register(PassPurchase)
class PassPurchaseAdmin(Holdings):
    icon = "confirmation_number"
    adds = gettext_lazy("Sell a pass")
    added_says = gettext_lazy("%(product)s sold to %(customer)s: to be paid by its invoice.")
    form = PurchaseForm
    creates = staticmethod(partial(sell_pass, means=()))
    makes = gettext_lazy("Sell pass")
    buttons = (revoke_button(revoke_pass),)
    joined = ("product",)
    autocomplete_fields = ("customer", "product")
    end_field = LastDayField
    list_display = (
        *("customer", "product", "left", "shown_price", "ends"),
        *("shown_state", "purchased_at"),
    )
    list_filter = (StateFilter, ("product", RowFilter), ENDS, ("purchased_at", DayFilter))
    asked = ("customer", "product", "expires_at", "reason")
    shown = (
        *("customer", "product", "left", "good_for", "state_name", "ends", "shown_price"),
        *("purchased_at", "redeemed_at", "revoked_at", "expired_at"),
    )

    shown_price = amount_of("total", gettext_lazy("price"), ordering="price")
    left = column(gettext_lazy("left"), left_of_pass, ordering="balance")
    good_for = PassProductAdmin.good_for
