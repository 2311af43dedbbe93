"""Media as they are sold, and those that customers bought."""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from billing.admin.records import Records
from billing.models.money import MOST
from config.admin.buttons import Button, archiving
from config.admin.filters import ArchivedFilter, DayFilter
from config.admin.forms import PageForm
from config.admin.money import MoneyField, MoneyForm, amount_of, company_currency
from config.admin.pages import CompanyPages
from config.admin.tables import label
from config.changes.context import because
from credits.admin.durations import DurationField, shown_duration
from customers.actions import archive_row, restore_row
from customers.models import Customer

from ..actions import cancel_media_purchase, change_media, create_media, sell_media
from ..models import Media, MediaPurchase
from ..shapes.catalogue import MEDIA
from .cancelling import Cancelling
from .columns import STANDING_COLOURS, cancelled_by, money_link, paid_how, standing_of
from .paying import Paying, ways_to_pay
from .picking import Picked, PickedPages


class MediaForm(MoneyForm):
    price = MoneyField(label=gettext_lazy("Price"), most=MOST)
    valid_for = DurationField(label=gettext_lazy("Lasts"))


class SaleForm(Paying, Picked, PageForm):
    """A medium for a customer, paid with what they have."""

    refreshed = {"by": ("customer", "media"), "fields": ("paid_with",)}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        media = self.picked("media", Media)
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
class MediaPurchasePages(PickedPages, Records):
    icon = "play_circle"
    known_as = {MEDIA: "pk"}
    form = SaleForm
    creates = staticmethod(sell_media)
    makes = gettext_lazy("Sell")
    buttons = (
        Button(
            name="cancel",
            label=gettext_lazy("Cancel the purchase"),
            done=gettext_lazy("cancelled"),
            asks="",
            act=cancel_media_purchase,
            fits=lambda bought: not bought.is_cancelled and not bought.customer.is_archived,
            icon="cancel",
            danger=True,
            many=False,
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
        *("customer", "media", "shown_total", "shown_standing", "expires_on", "purchased_at"),
    )
    list_filter = (("purchased_at", DayFilter),)
    asked = ("customer", "media", "expires_on", "paid_with", "why_paid")
    shown = (
        *("customer", "media", "purchased_at", "expires_on", "shown_total", "standing_label"),
        *("shown_way", "money_back", "cancelled_at", "shown_canceller"),
    )

    shown_total = amount_of("total", gettext_lazy("price"))

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).with_payment()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Leave out what did not happen."""
        if obj is None:
            return self.asked
        absent = set() if obj.refund_id else {"money_back"}
        absent |= set() if obj.is_cancelled else {"cancelled_at", "shown_canceller"}
        return tuple(name for name in self.shown if name not in absent)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "expires_on":
            kwargs["help_text"] = gettext_lazy("Empty for as long as the medium says.")
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        because(form.why())
        self.creates(obj, means=form.means, actor=request.actor)

    def also_meant(self, request: Any, words: str) -> list[Q]:
        media = Media.objects.visible_to(request.actor).filter(name__istartswith=words)
        return [Q(media__in=media.order_by().values("pk"))]

    @display(description=gettext_lazy("paid"), label=STANDING_COLOURS)
    def shown_standing(self, bought: MediaPurchase) -> tuple[str, Any]:
        return standing_of(bought)

    @display(description=gettext_lazy("paid"))
    def standing_label(self, bought: MediaPurchase) -> SafeString:
        standing, text = standing_of(bought)
        return label(text, STANDING_COLOURS[standing])

    @display(description=gettext_lazy("paid with"))
    def shown_way(self, bought: MediaPurchase) -> str:
        return paid_how(bought)

    @display(description=gettext_lazy("given back"))
    def money_back(self, bought: MediaPurchase) -> Any:
        return money_link(bought.refund)

    @display(description=gettext_lazy("cancelled by"))
    def shown_canceller(self, bought: MediaPurchase) -> str:
        return cancelled_by(bought)


@admin.register(Media)
class MediaPages(CompanyPages):
    icon = "smart_display"
    known_as = {MEDIA: "pk"}
    ordering = ("name", "id")
    form = MediaForm
    creates = staticmethod(create_media)
    changes = staticmethod(change_media)
    buttons = archiving(
        archive_row,
        restore_row,
        gettext_lazy(
            "An archived medium is not sold any more. What was bought stays good, and the medium "
            "can be restored."
        ),
    )
    list_display = ("name", "shown_price", "lasts", "life", "created_on")
    list_filter = (ArchivedFilter,)
    search_fields = ("name",)
    search_help_text = gettext_lazy("Name")
    fields = ("name", "description", "price", "valid_for")

    shown_price = amount_of("price", gettext_lazy("price"))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Show it as it is read where there is no form to change it in."""
        if obj is None or self.has_change_permission(request, obj):
            return self.fields
        return ("name", "description", "shown_price", "lasts")

    def describe(self, row: Media) -> str:
        return f"{row} · {self.shown_price(row)}"

    @display(description=gettext_lazy("lasts"))
    def lasts(self, media: Media) -> str:
        return shown_duration(media.valid_for)
