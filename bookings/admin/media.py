"""The pages of media and of their purchases."""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.admin.prices import gross_column, tax_column
from billing.admin.records import Records
from config.admin.buttons import Button, archiving
from config.admin.columns import column
from config.admin.filters import DayFilter
from config.admin.forms import PageForm
from config.admin.money import MoneyField, amount_of, company_currency
from config.admin.taxes import TaxedForm
from config.tenancy.money_fields import MOST
from credits.admin.durations import DurationField, shown_duration
from customers.models import Customer

from ..actions import cancel_media_purchase, change_media, create_media, sell_media
from ..models import Media, MediaPurchase
from . import columns
from .cancelling import Cancelling
from .catalogue import NamedAdmin
from .filters import PaidFilter
from .paying import Paying, ways_to_pay
from .picking import Picked, PickedAdmin, ShowsPrice


class MediaForm(TaxedForm):
    price = MoneyField(label=gettext_lazy("Price"), most=MOST)
    valid_for = DurationField(label=gettext_lazy("Lasts"))


class SaleForm(Paying, ShowsPrice, Picked, PageForm):
    """The form that sells a medium to a customer and pays for it."""

    refreshed = {"by": ("customer", "media"), "fields": ("paid_with", "shown")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.priced = media = self.picked("media", Media)
        if media:
            text = _("They pay %(price)s.") % {"price": self.now_shown}
            self.fields["media"].help_text = text
        self.offer(
            ways_to_pay(
                self.picked("customer", Customer),
                thing=media.name if media else "",
                currency=media.currency if media else company_currency(),
                by_invoice=False,
                actor=self.actor,
            )
        )


@admin.register(MediaPurchase)
class MediaPurchaseAdmin(columns.ShowsPayment, PickedAdmin, Records):
    icon = "play_circle"
    adds = gettext_lazy("Sell a video")
    added_says = gettext_lazy("%(media)s sold to %(customer)s.")
    for_new = {
        "form": SaleForm,
        "help_texts": {"expires_on": gettext_lazy("Leave empty to use the duration of the video.")},
    }
    creates = staticmethod(sell_media)
    makes = gettext_lazy("Sell")
    buttons = (
        Button(
            name="cancel",
            label=gettext_lazy("Cancel the purchase"),
            done=gettext_lazy("cancelled"),
            asks=gettext_lazy("Cancel %(media)s for %(customer)s?"),
            says=gettext_lazy("%(media)s for %(customer)s cancelled."),
            act=cancel_media_purchase,
            is_available=lambda bought: not bought.is_cancelled,
            icon="cancel",
            danger=True,
            many=False,
            ends=True,
            form=Cancelling,
        ),
    )
    joined = (
        *("media", "payment", "refund"),
        *("entry__purchase__product", "entry__credit__coupon"),
    )
    search_help_text = gettext_lazy("Name of the medium, or name, e-mail or phone of the customer")
    autocomplete_fields = ("customer", "media")
    list_display = (
        "customer",
        "media",
        "shown_total",
        "shown_standing",
        "expires_on",
        "purchased_at",
    )
    list_filter = (PaidFilter, ("purchased_at", DayFilter))
    asked = ("customer", "media", "expires_on", "paid_with", "why_paid")
    shown = (
        *("customer", "media", "purchased_at", "expires_on", "shown_total", "standing_label"),
        *("shown_way", "money_back", "cancelled_at", "shown_canceller"),
    )

    shown_total = amount_of("total", gettext_lazy("price"))

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).with_balance()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Leave out fields without a value."""
        fields = super().get_fields(request, obj)
        if obj is None:
            return fields
        absent = set() if obj.refund_id else {"money_back"}
        absent |= set() if obj.is_cancelled else {"cancelled_at", "shown_canceller"}
        return tuple(name for name in fields if name not in absent)

    def also_meant(self, request: Any, words: str) -> list[Q]:
        media = Media.objects.visible_to(request.actor).filter(name__istartswith=words)
        return [Q(media__in=media.order_by().values("pk"))]

    shown_way = column(gettext_lazy("paid with"), columns.paid_how)


@admin.register(Media)
class MediaAdmin(NamedAdmin):
    icon = "smart_display"
    called = (gettext_lazy("video"), gettext_lazy("videos"))
    added_says = gettext_lazy("Video %(name)s added.")
    saved_says = gettext_lazy("Video %(name)s saved.")
    form = MediaForm
    creates = staticmethod(create_media)
    changes = staticmethod(change_media)
    buttons = archiving(
        gettext_lazy(
            "It can no longer be sold. Customers keep what they bought. You can restore it."
        )
    )
    list_display = ("name", "shown_price", "shown_rate", "lasts", "life", "created_on")
    fields = ("name", "description", "price", "tax_rate", "tax_behavior", "valid_for")
    shown = ("name", "description", "shown_price", "shown_rate", "lasts")

    shown_price = gross_column()
    shown_rate = tax_column()

    def describe(self, row: Media) -> str:
        return f"{row} · {self.shown_price(row)}"

    lasts = column(gettext_lazy("lasts"), lambda row: shown_duration(row.valid_for))
