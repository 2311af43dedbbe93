"""The payment of a booking or a medium on the M2M surface and v1 (contract, section 1)."""

from typing import Any

from django.db.models import BigIntegerField, Case, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThan

from billing.models import Payment
from config.api.nested_shapes import Either, PartIf
from config.api.shapes import At, Currency, Fixed, Id, Number, OneOf, Shape
from credits.models import Credit, PassPurchase
from credits.models.coupons import OFFERING

from ..models.payable import FAILED, PAID, PENDING

# --- M2M ---

PAYMENT = (
    "How it is paid. `method` is `PASS` if a pass pays, or a credit for exactly this service, "
    "event or medium; it is `CARD` for money of any kind."
)
_CARD = "Always `CARD`: money of any kind pays, or is to pay."
_PRICE = "What the customer pays, tax included, in the smallest unit of `currency`."


def paid_in_visits(at: At) -> Q:
    """Whether a pass, or a credit for this offering, paid; everything else counts as money."""
    by_pass = Q(**{at("entry__purchase_id").name + "__isnull": False})
    return by_pass | Q(**{at("entry__credit__entitlement").name: OFFERING})


def _used(at: At) -> Any:
    """The number of visits used; a use of a credit counts as one, even if it deducted nothing."""
    return Case(
        When(Q(**{at("entry__credit_id").name + "__isnull": False}), then=Value(1)),
        default=Value(0) - F(at("entry__amount").name),
    )


def _net(at: At) -> Any:
    return F(at("total").name) - F(at("tax").name)


class PaidByPass(Shape):
    """Visits that were used."""

    method = Fixed("PASS", help_text="Always `PASS`: a pass or a credit pays with visits.")
    currency = Fixed("CR", help_text="Always `CR`: the unit is a visit, not money.")
    credits_used = Number(_used, help_text="How many visits were used.")


class PassOfAppointment(PaidByPass):
    """Visits that an appointment used."""

    status = Fixed("PAID", help_text="Always `PAID`: the visits are taken at once.")


class PriceOfBooking(Shape):
    """Money, with tax (gross) and without (net)."""

    method = Fixed("CARD", help_text=_CARD)
    currency = Currency()
    base100gross_price = Number("total", help_text=_PRICE)
    base100net_price = Number(
        _net,
        help_text="What the customer pays without the tax, in the smallest unit of `currency`.",
    )


class PriceOfMedia(Shape):
    """Money."""

    method = Fixed("CARD", help_text=_CARD)
    currency = Currency()
    base100_price = Number("total", help_text=_PRICE)


class PriceOfAppointment(PriceOfMedia):
    """Money, and whether it has been paid."""

    status = OneOf(
        "standing",
        choices=[PAID, PENDING, FAILED],
        help_text="`PAID`: nothing is left to pay; a refund does not change it. `FAILED`: the "
        "last attempt to pay failed. `PENDING`: something is left to pay.",
    )


def payment_of_booking() -> Either:
    """The payment of a place at an event."""
    return Either(PaidByPass, paid_in_visits, PriceOfBooking, help_text=PAYMENT)


def payment_of_appointment() -> Either:
    """The payment of an appointment, past or still due."""
    return Either(PassOfAppointment, paid_in_visits, PriceOfAppointment, help_text=PAYMENT)


def payment_of_media() -> Either:
    """The payment of a medium."""
    return Either(PaidByPass, paid_in_visits, PriceOfMedia, help_text=PAYMENT)


# --- v1 ---

METHODS = [*Payment.Method.values, "pass", "credit"]
STATUSES = ["unpaid", "partly_paid", "paid", "failed", "refunded", "not_due"]


def _is_set(at: At, name: str) -> Q:
    return Q(**{f"{at(name).name}__isnull": False})


def _is_invoiced(at: At) -> Q:
    """Whether an invoice that counts charges for the row: not void, or voided by a cancellation."""
    counts = ~_is_set(at, "invoice__voided_at") | _is_set(at, "cancelled_at")
    return _is_set(at, "invoice_id") & counts


def _paid_with(at: At) -> tuple[When, ...]:
    return (
        When(_is_set(at, "entry__purchase_id"), then=Value("pass")),
        When(_is_set(at, "entry__credit_id"), then=Value("credit")),
    )


def _method(at: At) -> Any:
    money = When(_is_set(at, "payment_id"), then=at("payment__method"))
    return Case(money, When(_is_invoiced(at), then=Value("invoice")), *_paid_with(at))


def _in_money(at: At) -> Any:
    return F(at("total").name) - F(at("covered").name)


def _money(*cases: When, default: Any) -> Case:
    return Case(*cases, default=default, output_field=BigIntegerField())


def _amount(at: At) -> Any:
    is_money = _is_set(at, "payment_id") | _is_invoiced(at)
    return _money(When(is_money, then=_in_money(at)), default=at("covered"))


def _taken(at: At) -> When:
    """The amount of the payment: the part of the price that no pass or credit paid."""
    succeeded = Q(**{at("payment__status").name: Payment.Status.SUCCEEDED})
    return When(succeeded, then=_in_money(at))


def _amount_paid(at: At) -> Any:
    """The amount paid, including payments and credits on the invoice."""
    invoice = OuterRef(at("invoice_id").name)
    taken = Payment.objects.taken().order_by().filter(invoice_id=invoice)
    total = taken.values("invoice_id").values(total=Sum("amount"))
    paid = Coalesce(Subquery(total, BigIntegerField()), Value(0))
    invoiced = paid + F(at("invoice__covered").name)
    money = _money(_taken(at), When(_is_invoiced(at), then=invoiced), default=Value(0))
    return F(at("covered").name) + money


def _status(at: At) -> Any:
    """The payment status, from the annotations of `with_payment`."""
    costs = Q(**{f"{at('total').name}__gt": 0})
    is_paid = Q(**{at("standing").name: PAID})
    return Case(
        When(Q(**{at("is_refunded").name: True}), then=Value("refunded")),
        When(is_paid & (costs | _is_set(at, "entry_id")), then=Value("paid")),
        When(~costs, then=Value("not_due")),
        When(GreaterThan(_amount_paid(at), Value(0)), then=Value("partly_paid")),
        When(_is_set(at, "cancelled_at"), then=Value("not_due")),
        When(Q(**{at("standing").name: FAILED}), then=Value("failed")),
        default=Value("unpaid"),
    )


class MediaPayment(Shape):
    """How something is paid. A credit can pay a part and a method or an invoice the rest."""

    method = OneOf(
        _method,
        choices=[*METHODS, "invoice"],
        help_text="What pays the price, or what a credit left of it. `invoice`: the invoice "
        "`invoice_id` asks for the money.",
    )
    amount = Number(_amount, help_text="What `method` pays, in the smallest unit of `currency`.")
    currency = Currency()
    covered_amount = Number(
        "covered",
        help_text="What a pass or a credit pays of the price, in the smallest unit of `currency`.",
    )
    pass_id = Id(
        PassPurchase.id_prefix,
        "entry__purchase_id",
        allow_null=True,
        help_text="The customer's pass that was used; null if none was used.",
    )
    credit_id = Id(
        Credit.id_prefix,
        "entry__credit_id",
        allow_null=True,
        help_text="The customer's credit that was used; null if none was used.",
    )
    payment_id = Id(
        Payment.id_prefix,
        "payment_id",
        allow_null=True,
        help_text="The payment that was recorded, which may have failed; null if there is none.",
    )


class BookingPayment(MediaPayment):
    """How a booking is paid. A credit can pay a part and a method or an invoice the rest."""


def payment_field(shape: type[MediaPayment], help_text: str) -> PartIf:
    """Return the field `payment`: how the row is paid, null while nothing pays for it."""
    return PartIf(
        shape,
        lambda at: _is_set(at, "payment_id") | _is_set(at, "entry_id") | _is_invoiced(at),
        help_text=help_text,
    )


def amount_paid_field(price: str) -> Number:
    """Return the field `amount_paid`: how much of the named price field has been paid."""
    return Number(
        _amount_paid,
        help_text=f"What has been paid of {price}, by money, a pass or a credit, in the smallest "
        "unit of `currency`. A refund does not lower it.",
    )


def payment_status_field() -> OneOf:
    """Return the field `payment_status`: whether the row is paid."""
    return OneOf(
        _status,
        choices=STATUSES,
        help_text="`unpaid`: nothing was paid. `partly_paid`: less than the price was paid. "
        "`paid`: all of it was paid. `failed`: the last attempt to pay failed. `refunded`: what "
        "was paid went back. `not_due`: it costs nothing, or it was cancelled before anything was "
        "paid.",
    )
