"""Shapes of passes (contract, section 1; v1 goes beyond the contract)."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, Case, CharField, F, Q, TextField, Value, When
from django.db.models.functions import Cast, Coalesce

from billing.shapes.descriptions import DURATION, NAME, own_id, own_type
from billing.shapes.prices import behavior_shown, gross_shown, rate_shown
from config.api.shapes import (
    At,
    CreatedAt,
    Currency,
    Day,
    Id,
    Instant,
    IsSet,
    ListOf,
    LowerCase,
    Number,
    One,
    OneOf,
    Shape,
    Text,
    TextOrNull,
    UpdatedAt,
)
from config.tenancy.days import LocalDay
from config.tenancy.tax_fields import TaxBehavior
from config.times import ClockOnce

from ..models import Entry, PassProduct, PassPurchase
from .descriptions import EVERY_OFFERING, LAST_DAY, REFERENCE, REVERSED_AT, USE_REASON
from .outputs import reversal_of

# --- M2M ---


class PassName(Shape):
    """The pass product that was bought."""

    id = own_id(PassProduct)
    type = own_type("pass")
    name = Text(help_text=NAME)


def _pass_status(at: At, revoked: str = "EXPIRED") -> Any:
    """Return the status of a pass; `revoked` is the surface's status of a revoked pass."""
    return Case(
        When(Q(**{at("redeemed_at").name + "__isnull": False}), then=Value("USED_UP")),
        When(Q(**{at("revoked_at").name + "__isnull": False}), then=Value(revoked)),
        When(
            Q(**{at("expired_at").name + "__isnull": False})
            | Q(**{at("expires_at").name + "__lte": ClockOnce()}),
            then=Value("EXPIRED"),
        ),
        default=Value("ACTIVE"),
        output_field=CharField(),
    )


def _last_day(at: At) -> Any:
    return LocalDay(at("expires_at"), at("company__timezone"))


class CustomerPass(Shape):
    """A pass that a customer bought, and what is left of it."""

    id = own_id(PassPurchase)
    type = own_type("pass_purchase")
    # The contract names this field `pass`, which is a keyword in Python.
    locals()["pass"] = One(
        PassName, via="product", help_text="The pass product that the customer bought."
    )
    credits_total = Number("visits", help_text="How many visits the pass had when it was bought.")
    credits_remaining = Number("balance", help_text="How many visits are left.")
    status = OneOf(
        _pass_status,
        choices=["ACTIVE", "USED_UP", "EXPIRED"],
        help_text="`ACTIVE`: the pass can be used. `USED_UP`: no visit is left. `EXPIRED`: it has "
        "ended, or it was taken back.",
    )
    purchased_at = Instant(help_text="When the customer bought the pass.")
    expires_on = Day(_last_day, allow_null=True, help_text=LAST_DAY)


# --- v1 ---


class PassUse(Shape):
    """One use of a pass."""

    id = own_id(Entry)
    pass_id = Id(
        PassPurchase.id_prefix, "purchase_id", help_text="The customer's pass that was used."
    )
    visits = Number(lambda at: -at("amount"), help_text="How many visits the use took.")
    reference = Text(help_text=REFERENCE)
    reason = TextOrNull(help_text=USE_REASON)
    reversed_at = Instant(reversal_of, allow_null=True, help_text=REVERSED_AT)
    created_at = CreatedAt()


def _offering_ids(at: At) -> Any:
    of_none = Value([], output_field=ArrayField(TextField()))
    return Coalesce(Cast(at("offering_ids"), of_none.output_field), of_none)


class PassForSale(Shape):
    """A pass for sale: a number of visits at a price."""

    schema_name = "PassProduct"

    id = own_id(PassProduct)
    name = Text(help_text=NAME)
    visits = Number(help_text="How many visits the customer buys.")
    price = Number(
        help_text="The price as it was given, with tax or without, in the smallest unit of "
        "`currency`."
    )
    tax_rate = rate_shown()
    tax_behavior = behavior_shown()
    gross_price = gross_shown()
    currency = Currency()
    valid_for = TextOrNull(
        help_text=f"How long a pass can be used after it was bought: {DURATION}; null: it has no "
        "end."
    )
    offerings = ListOf(
        Text(),
        help_text="The names of the services, events and media that the pass pays for; "
        f"{EVERY_OFFERING}",
    )
    offering_ids = ListOf(
        Text(),
        _offering_ids,
        help_text="The ids of the services, events and media that `offerings` names, as far as "
        "they are known.",
    )
    archived = IsSet(
        "archived_at", help_text="Whether the pass is archived: an archived pass is not sold."
    )
    created_at = CreatedAt()
    updated_at = UpdatedAt()


def _total(at: At) -> Any:
    """The price of a pass including tax."""
    on_top = Q(**{at("tax_behavior").name: TaxBehavior.EXCLUSIVE})
    whole = F(at("price").name) + F(at("tax").name)
    return Case(When(on_top, then=whole), default=at("price"), output_field=BigIntegerField())


class PassBought(Shape):
    """A pass that a customer bought, with the terms that it had then."""

    schema_name = "Pass"

    id = own_id(PassPurchase)
    pass_product_id = Id(
        PassProduct.id_prefix, "product_id", help_text="The pass product that was bought."
    )
    name = Text("product__name", help_text="The name of the pass product as it is now.")
    visits = Number(help_text="How many visits the pass had when it was bought.")
    visits_left = Number("balance", help_text="How many visits are left.")
    status = LowerCase(
        lambda at: _pass_status(at, revoked="REVOKED"),
        choices=["ACTIVE", "USED_UP", "REVOKED", "EXPIRED"],
        help_text="`active`: the pass can be used. `used_up`: no visit is left. `revoked`: it was "
        "taken back. `expired`: it has ended.",
    )
    offerings = ListOf(
        Text(),
        help_text="The names of the services, events and media that the pass pays for, as they "
        f"were when it was bought; {EVERY_OFFERING}",
    )
    price = Number(
        _total,
        help_text="What the customer pays for the pass, tax included, in the smallest unit of "
        "`currency`.",
    )
    tax_rate = rate_shown()
    tax_behavior = OneOf(
        choices=TaxBehavior.values,
        help_text="Whether the price of the pass product included the tax when it was bought; "
        "`price` always does.",
    )
    tax = Number(help_text="The tax in `price`, in the smallest unit of `currency`.")
    currency = Currency()
    expires_on = Day(_last_day, allow_null=True, help_text=LAST_DAY)
    expires_at = Instant(
        allow_null=True,
        help_text="When the pass ends. It pays for what begins before this time; null: it has no "
        "end.",
    )
    revoked_at = Instant(
        allow_null=True, help_text="When the pass was taken back; null if it was not."
    )
    invoice_id = Id(
        "inv_",
        "invoice_id",
        allow_null=True,
        help_text="The invoice that asks for the price; null if the pass was free or was sold in "
        "another system.",
    )
    purchased_at = Instant(help_text="When the customer bought the pass.")
