from django.db import transaction
from django.utils.translation import gettext as _

from config.access.actors import Actor
from config.access.constraints import refusing
from config.access.models import Company
from config.statements.inserting import insert
from customers.actions import lock_customer

from ..cards import refuse_card_numbers
from ..errors import (
    AlreadyRefunded,
    InvalidPayment,
    InvoiceIsDraft,
    InvoiceIsPaid,
    MoreThanOwed,
    MoreThanTaken,
    NotRefundable,
)
from ..models import Invoice, Payment, PaymentMethod
from ..models.money import MOST
from .invoices import lock_invoice
from .payment_methods import check_theirs

# How money moves that a payment method of this type stands for.
_METHOD_OF_TYPE = {
    PaymentMethod.Type.CARD: Payment.Method.CARD,
    PaymentMethod.Type.BANK_ACCOUNT: Payment.Method.BANK_TRANSFER,
    PaymentMethod.Type.DIRECT_DEBIT: Payment.Method.DIRECT_DEBIT,
    PaymentMethod.Type.OTHER: Payment.Method.OTHER,
}


@transaction.atomic
def take_payment(payment: Payment, *, actor: Actor) -> Payment:
    """Record money that came in, or an attempt that failed, for an invoice or for none.

    What completes an invoice makes it paid. Raises CustomerArchived, CardNumber, InvalidPayment,
    NotTheirs, InvoiceIsVoid, InvoiceIsDraft, InvoiceIsPaid or MoreThanOwed.
    """
    invoice = payment.invoice and lock_invoice(payment.invoice, actor)
    customer = invoice.customer if invoice else lock_customer(payment.customer, actor=actor)
    payment.customer, payment.company_id = customer, customer.company_id
    payment.kind, payment.refunds = Payment.Kind.PAYMENT, None
    payment.currency = invoice.currency if invoice else payment.currency or _currency(actor)
    check_theirs(payment.payment_method, customer)
    _check_fields(payment)
    if invoice:
        _check_owed(payment, invoice, actor)
    with refusing(billing_payment_fits=MoreThanOwed):
        insert(payment)
    if invoice and payment.status == Payment.Status.SUCCEEDED:
        _settle(invoice, payment, actor)
    return payment


@transaction.atomic
def refund_payment(refund: Payment, *, actor: Actor) -> Payment:
    """Give back what a payment brought, or part of it; without an amount, all that is left.

    Raises CustomerArchived, CardNumber, InvalidPayment, NotRefundable, AlreadyRefunded or
    MoreThanTaken.
    """
    assert refund.refunds is not None
    customer = lock_customer(refund.refunds.customer, actor=actor)
    original = Payment.objects.visible_to(actor).get(pk=refund.refunds.pk)
    if original.kind != Payment.Kind.PAYMENT or original.status != Payment.Status.SUCCEEDED:
        raise NotRefundable
    refund.customer, refund.company_id = customer, customer.company_id
    refund.kind, refund.status = Payment.Kind.REFUND, Payment.Status.SUCCEEDED
    refund.invoice_id, refund.currency = original.invoice_id, original.currency
    refund.method = refund.method or original.method
    refund.payment_method_id = original.payment_method_id
    left = original.amount - _given_back(original, actor)
    if left <= 0:
        raise AlreadyRefunded
    refund.amount = left if refund.amount is None else refund.amount
    _check_fields(refund)
    if refund.amount > left:
        raise MoreThanTaken(
            _("%(amount)s is more than the %(left)s that is left of the payment.")
            % {"amount": refund.amount, "left": left}
        )
    with refusing(billing_refund_fits=MoreThanTaken):
        insert(refund)
    return refund


def _check_fields(payment: Payment) -> None:
    refuse_card_numbers(payment)
    if payment.payment_method and not payment.method:
        payment.method = _METHOD_OF_TYPE[PaymentMethod.Type(payment.payment_method.type)]
    if payment.method not in Payment.Method.values:
        _refuse(
            "method",
            _("Say how it was paid: one of %(choices)s.")
            % {"choices": ", ".join(Payment.Method.values)},
        )
    if payment.amount is None or not 1 <= payment.amount <= MOST:
        _refuse("amount", _("From 1 to %(most)s of the smallest unit.") % {"most": f"{MOST:,}"})


def _check_owed(payment: Payment, invoice: Invoice, actor: Actor) -> None:
    if invoice.issued_at is None:
        raise InvoiceIsDraft
    if invoice.paid_at is not None:
        raise InvoiceIsPaid
    balance = invoice.total - _taken(invoice, actor)
    if payment.status == Payment.Status.SUCCEEDED and payment.amount > balance:
        raise MoreThanOwed(
            _("%(amount)s is more than the balance of %(balance)s.")
            % {"amount": payment.amount, "balance": balance}
        )


def _settle(invoice: Invoice, payment: Payment, actor: Actor) -> None:
    """Note what the invoice was paid with, and that it is paid when nothing is owed any more."""
    facts: dict[str, object] = {}
    if payment.payment_method_id:
        facts["payment_method_id"] = payment.payment_method_id
    if _taken(invoice, actor) >= invoice.total:
        facts["paid_at"] = payment.taken_at
    if facts:
        Invoice.objects.filter(pk=invoice.pk).update(**facts)


def _taken(invoice: Invoice, actor: Actor) -> int:
    return Payment.objects.visible_to(actor).taken().filter(invoice=invoice).amount_in_all()


def _given_back(payment: Payment, actor: Actor) -> int:
    return Payment.objects.visible_to(actor).given_back().filter(refunds=payment).amount_in_all()


def _currency(actor: Actor) -> str:
    return Company.objects.values_list("currency", flat=True).get(pk=actor.company_id)


def _refuse(field: str, sentence: str) -> None:
    raise InvalidPayment(f"{field}: {sentence}", fields={field: sentence})
