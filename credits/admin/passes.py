"""Passes as they are sold, and those that customers bought."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import UnfoldAdminExpandableTextareaWidget, UnfoldAdminIntegerFieldWidget

from billing.models.money import MOST
from config.admin.buttons import Button, archiving
from config.admin.filters import ArchivedFilter, DayFilter, RowFilter
from config.admin.forms import PageForm, Reason
from config.admin.money import MoneyField, MoneyForm, amount_of
from config.admin.pages import CompanyPages

from ..actions import (
    archive_pass_product,
    create_pass_product,
    restore_pass_product,
    revoke_pass,
    sell_pass,
    update_pass_product,
)
from ..models import PassProduct, PassPurchase
from ..models.passes import MOST_VISITS
from ..shapes.shown import PASS, PURCHASE
from .columns import left_of_pass
from .durations import DurationField, shown_duration
from .holdings import Holdings, LastDayFilter, StateFilter
from .revoking import Revoking


class PassForm(MoneyForm):
    """A pass, what it is good for one under the other."""

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
class PassProductPages(CompanyPages):
    icon = "style"
    known_as = {PASS: "pk"}
    form = PassForm
    creates = staticmethod(create_pass_product)
    changes = staticmethod(update_pass_product)
    buttons = archiving(
        archive_pass_product,
        restore_pass_product,
        gettext_lazy(
            "An archived pass is not sold any more. Passes that were bought stay good, and the "
            "pass can be restored."
        ),
    )
    list_display = ("name", "visits", "shown_price", "lasts", "good_for", "life", "created_on")
    list_filter = (ArchivedFilter,)
    search_fields = ("name",)
    fields = ("name", "visits", "price", "valid_for", "offerings")

    shown_price = amount_of("price", gettext_lazy("price"))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Show it as it is read where there is no form to change it in."""
        if obj is None or self.has_change_permission(request, obj):
            return self.fields
        return ("name", "visits", "shown_price", "lasts", "good_for")

    def describe(self, row: PassProduct) -> str:
        return f"{row} · {self.shown_price(row)}"

    @display(description=gettext_lazy("lasts"))
    def lasts(self, product: PassProduct) -> str:
        return shown_duration(product.valid_for)

    @display(description=gettext_lazy("good for"))
    def good_for(self, product: PassProduct) -> str:
        return ", ".join(product.offerings) or _("anything")


class PurchaseForm(PageForm):
    told_at = {"pass_id": "product", "customer_id": "customer"}

    reason = Reason()


@admin.register(PassPurchase)
class PassPurchasePages(Holdings):
    icon = "confirmation_number"
    known_as = {PURCHASE: "pk"}
    form = PurchaseForm
    creates = staticmethod(sell_pass)
    makes = gettext_lazy("Sell pass")
    buttons = (
        Button(
            name="revoke",
            label=gettext_lazy("Revoke"),
            done=gettext_lazy("revoked"),
            asks="",
            act=revoke_pass,
            fits=lambda purchase: purchase.refusal is None,
            icon="block",
            danger=True,
            many=False,
            form=Revoking,
        ),
    )
    joined = ("product",)
    autocomplete_fields = ("customer", "product")
    without_a_last_day = gettext_lazy("Empty for as long as the pass says.")
    list_display = (
        *("customer", "product", "left", "shown_price", "expiry_date"),
        *("shown_state", "purchased_at"),
    )
    list_filter = (
        StateFilter,
        ("product", RowFilter),
        ("expiry_date", LastDayFilter),
        ("purchased_at", DayFilter),
    )
    asked = ("customer", "product", "expiry_date", "reason")
    shown = (
        *("customer", "product", "left", "good_for", "state_name", "expiry_date", "shown_price"),
        *("purchased_at", "redeemed_at", "revoked_at", "expired_at"),
    )

    shown_price = amount_of("price", gettext_lazy("price"))

    @display(description=gettext_lazy("left"), ordering="balance")
    def left(self, row: PassPurchase) -> str:
        return left_of_pass(row)

    @display(description=gettext_lazy("good for"))
    def good_for(self, row: PassPurchase) -> str:
        return ", ".join(row.offerings) or _("anything")
