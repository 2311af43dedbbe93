"""How something was paid, as the M2M surface tells it (contract, section 1)."""

from typing import Any

from django.db.models import Case, F, Q, Value, When

from config.api.shapes import At, Either, Fixed, Number, OneOf, Shape, Text
from credits.models.coupons import OFFERING

from ..models.payable import FAILED, PAID, PENDING


def paid_in_visits(at: At) -> Q:
    """Paid by a pass, or by a credit for the very thing; all else is money."""
    by_pass = Q(**{at("entry__purchase_id").name + "__isnull": False})
    return by_pass | Q(**{at("entry__credit__entitlement").name: OFFERING})


def _used(at: At) -> Any:
    """Visits that were used; a use of a credit counts as one, which many uses take nothing for."""
    return Case(
        When(Q(**{at("entry__credit_id").name + "__isnull": False}), then=Value(1)),
        default=Value(0) - F(at("entry__amount").name),
    )


def _net(at: At) -> Any:
    return F(at("subtotal").name) - F(at("discount").name)


class PaidByPass(Shape):
    """Visits that were used."""

    method = Fixed("PASS")
    currency = Fixed("CR")
    credits_used = Number(_used)


class PassOfAppointment(PaidByPass):
    """Visits that an appointment used."""

    status = Fixed("PAID")


class PriceOfBooking(Shape):
    """Money, with tax (gross) and without (net)."""

    method = Fixed("CARD")
    currency = Text()
    base100gross_price = Number("total")
    base100net_price = Number(_net)


class PriceOfMedia(Shape):
    """Money."""

    method = Fixed("CARD")
    currency = Text()
    base100_price = Number("total")


class PriceOfAppointment(PriceOfMedia):
    """Money, and whether it has been paid."""

    status = OneOf("standing", choices=[PAID, PENDING, FAILED])


def payment_of_booking() -> Either:
    """How a place at an event was paid."""
    return Either(PaidByPass, paid_in_visits, PriceOfBooking)


def payment_of_appointment() -> Either:
    """How an appointment was paid, or is to be."""
    return Either(PassOfAppointment, paid_in_visits, PriceOfAppointment)


def payment_of_media() -> Either:
    """How a medium was paid."""
    return Either(PaidByPass, paid_in_visits, PriceOfMedia)
