"""The body of a sale on v1, and its response."""

from collections.abc import Sequence
from typing import Any, ClassVar

from rest_framework import serializers

from billing.models import Invoice, Subscription
from billing.shapes.inputs import PlanWanted
from config.api.input_fields import Accepted, DayIn, RelatedField
from config.api.shapes import CURRENCY
from config.tenancy.actors import Actor
from config.tenancy.ids import show_id
from credits.models import PassPurchase
from credits.shapes.pass_inputs import PassWanted
from credits.shapes.paying import MOST_PARTS, Paying, PaymentPartOrPass
from customers.models import Customer

from ..actions import Sale
from ..models import Booking, Media, MediaPurchase
from .descriptions import LAST_DAY_OF_MEDIA

MOST_THINGS = 50


class MediaWanted(Accepted):
    """A medium that a customer buys, with its last day."""

    media_id = RelatedField(
        Media.objects, source="media", help_text="The medium to sell, which must not be archived."
    )
    expires_on = DayIn(required=False, allow_null=True, help_text=LAST_DAY_OF_MEDIA)


class Owed(Accepted):
    """One thing that the customer has to pay: an invoice, or something that is on no invoice."""

    names: ClassVar[tuple[str, ...]] = ("invoice_id", "booking_id", "media_purchase_id")
    needs_one_of = tuple((name,) for name in names)

    invoice_id = RelatedField(
        Invoice.objects, required=False, help_text="An issued invoice of the customer."
    )
    booking_id = RelatedField(
        Booking.objects,
        required=False,
        help_text="A booking of the customer that is on no invoice.",
    )
    media_purchase_id = RelatedField(
        MediaPurchase.objects,
        required=False,
        help_text="A media purchase of the customer that is on no invoice.",
    )

    def validate(self, attrs: dict[str, Any]) -> Any:
        """Return the one debt that is named."""
        given = [attrs[name] for name in self.names if attrs.get(name)]
        if len(given) != 1:
            raise serializers.ValidationError(
                "Send exactly one thing: invoice_id, booking_id or media_purchase_id."
            )
        return given[0]


def _many(accepts: type[Accepted], help_text: str) -> Any:
    return accepts(many=True, required=False, max_length=MOST_THINGS, help_text=help_text)  # type: ignore[call-arg]


class NewSale(Paying):
    """The purchases and the debts that a customer pays for together.

    Each purchase gets its own invoice. The payments pay the debts first, then the new invoices in
    turn. The customer can pay the rest later.
    """

    always_asks = True

    passes = _many(PassWanted, "The passes that are sold.")
    media = _many(MediaWanted, "The videos and other media that are sold.")
    subscriptions = _many(PlanWanted, "The plans that are sold, each for its present period.")
    owed = _many(Owed, "What the customer owes already and pays now.")
    payments = PaymentPartOrPass(
        many=True,
        required=False,
        max_length=MOST_PARTS,  # type: ignore[call-arg]
        help_text="What pays at once, in this order. A pass pays for bookings and media only.",
    )

    def sale_of(self, customer: Customer, fields: dict[str, Any]) -> Sale:
        """Move the purchases and debts out of the fields into a sale."""
        owed = fields.pop("owed", [])
        return Sale(
            customer,
            passes=[PassPurchase(**one) for one in fields.pop("passes", [])],
            media=[MediaPurchase(**one) for one in fields.pop("media", [])],
            subscriptions=[Subscription(**one) for one in fields.pop("subscriptions", [])],
            unpaid=[one for one in owed if not isinstance(one, Invoice)],
            invoices=[one for one in owed if isinstance(one, Invoice)],
        )


class SoldOn(serializers.Serializer):
    """An invoice of a sale after its payments."""

    id = serializers.CharField(help_text="The id of the invoice: `inv_` and 32 hexadecimal digits.")
    number = serializers.CharField(help_text="The number of the invoice, such as INV-2026-00001.")
    status = serializers.ChoiceField(
        Invoice.Status.choices,
        help_text="The status after the payments; `Invoice` describes its values.",
    )
    total = serializers.IntegerField(
        help_text="What the invoice asks for, tax included, in the smallest unit of `currency`."
    )
    balance = serializers.IntegerField(
        help_text="What is left to pay of the invoice, in the smallest unit of `currency`."
    )
    currency = serializers.CharField(help_text=CURRENCY)


class CompletedSale(serializers.Serializer):
    """The purchases and the invoices of a sale."""

    schema_name = "Sale"

    pass_ids = serializers.ListField(
        child=serializers.CharField(), help_text="The ids of the passes that were sold."
    )
    media_purchase_ids = serializers.ListField(
        child=serializers.CharField(),
        help_text="The ids of the purchases of videos and other media in this sale.",
    )
    subscription_ids = serializers.ListField(
        child=serializers.CharField(), help_text="The ids of the subscriptions that were sold."
    )
    invoices = SoldOn(
        many=True,
        help_text="The invoices of what was sold and owed, in the order in which they are paid. "
        "What is free or paid by a pass is on no invoice.",
    )


def described(sale: Sale, invoices: Sequence[Invoice], *, actor: Actor) -> dict[str, Any]:
    """Return a completed sale, in the shape of `CompletedSale`."""
    rows = Invoice.objects.visible_to(actor).with_standing().with_amounts()
    found = rows.in_bulk([one.pk for one in invoices])
    return {
        "pass_ids": _ids(sale.passes),
        "media_purchase_ids": _ids(sale.media),
        "subscription_ids": _ids(sale.subscriptions),
        "invoices": [_shown(found[one.pk]) for one in invoices],
    }


def _ids(rows: Sequence[Any]) -> list[str]:
    return [show_id(row.id_prefix, row.pk) for row in rows]


def _shown(invoice: Invoice) -> dict[str, Any]:
    return {
        "id": show_id(Invoice.id_prefix, invoice.pk),
        "number": invoice.number,
        "status": invoice.status,
        "total": invoice.total,
        "balance": vars(invoice)["balance"],
        "currency": invoice.currency,
    }
