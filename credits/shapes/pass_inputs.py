"""The inputs for passes."""

from typing import Any

from billing.shapes.descriptions import DURATION, NAME, NEW_PRICE
from billing.shapes.money_inputs import MoneyIn
from billing.shapes.prices import BehaviorIn, TaxRateIn
from config.api.input_fields import Accepted, ListIn, RelatedField, TextField, WholeIn

from ..models import Coupon, Entry, PassProduct
from ..models.passes import MOST_VISITS
from .descriptions import EVERY_OFFERING, LEDGER_REASON, NEW_REFERENCE
from .ends import LastDayIn
from .offerings import OfferingIn, name_offerings


class ChangedPassProduct(Accepted):
    """Fields of a pass as it is sold from now on."""

    name = TextField(PassProduct.name.field, allow_blank=False, allow_null=False, help_text=NAME)
    visits = WholeIn(
        required=False,
        min_value=1,
        max_value=MOST_VISITS,
        help_text="How many visits the customer buys.",
    )
    price = MoneyIn(required=False, help_text=f"The price of the pass, {NEW_PRICE}")
    tax_rate = TaxRateIn()
    tax_behavior = BehaviorIn()
    valid_for = TextField(
        PassProduct.valid_for.field,
        help_text=f"How long a pass can be used after it was bought: {DURATION}; null or empty: "
        "it has no end.",
    )
    offerings = ListIn(
        child=TextField(Coupon.offering.field, required=True),
        required=False,
        max_length=100,
        help_text="The names of the services, events and media that the pass pays for; "
        f"{EVERY_OFFERING}",
    )
    offering_ids = ListIn(
        child=OfferingIn(),
        required=False,
        max_length=100,
        help_text="The services, events and media that the pass pays for; their names become "
        "`offerings`. If you send `offerings` too, it must contain each of these names.",
    )


class NewPassProduct(ChangedPassProduct):
    """A pass to sell."""

    name = TextField(PassProduct.name.field, required=True, help_text=NAME)
    visits = WholeIn(
        min_value=1, max_value=MOST_VISITS, help_text="How many visits the customer buys."
    )
    price = MoneyIn(help_text=f"The price of the pass, {NEW_PRICE}")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Set the names of the offerings from their ids."""
        return name_offerings(attrs)


class PassWanted(Accepted):
    """A pass that a customer buys."""

    pass_product_id = RelatedField(
        PassProduct.objects,
        source="product",
        help_text="The pass product that is bought, which must not be archived.",
    )
    expires_on = LastDayIn(
        source="expires_at",
        required=False,
        allow_null=True,
        help_text="The last day on which the pass can be used. Absent or null: the pass product's "
        "`valid_for` decides.",
    )


class NewPassUse(Accepted):
    """A use of a pass, under a reference of the caller's."""

    reference = TextField(Entry.reference.field, required=True, help_text=NEW_REFERENCE)
    visits = WholeIn(
        required=False,
        min_value=1,
        max_value=MOST_VISITS,
        help_text="How many visits are taken. Default: 1.",
    )
    reason = TextField(Entry.reason.field, help_text=LEDGER_REASON)
