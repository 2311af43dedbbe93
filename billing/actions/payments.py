from django.db import transaction
from django.utils.translation import gettext as _

from config.card_numbers import refuse_card_numbers
from config.money import show_money
from config.statements.inserting import insert
from config.tenancy.actors import Actor
from config.tenancy.companies import currency_of
from config.tenancy.constraints import refusing
from config.tenancy.money_fields import check_amount
from config.tenancy.money_permissions import MoneyAction, check_money_action
from customers.actions.locks import check_owner, lock_customer

from .. import errors
from ..models import CreditNote, Invoice, Payment, PaymentMethod
from .credit_notes import issue_credit_note
from .locks import bounds_in_words, check_balance, lock_invoice
from .payment_methods import check_theirs

# The method of a payment for each type of payment method.
_METHOD_OF_TYPE = {
    PaymentMethod.Type.CARD: Payment.Method.CARD,
    PaymentMethod.Type.BANK_ACCOUNT: Payment.Method.BANK_TRANSFER,
    PaymentMethod.Type.DIRECT_DEBIT: Payment.Method.DIRECT_DEBIT,
    PaymentMethod.Type.OTHER: Payment.Method.OTHER,
}


@transaction.atomic
def take_payment(payment: Payment, *, actor: Actor) -> Payment:
    """Record a payment that succeeded or failed, with or without an invoice.

    The payment that settles the balance marks the invoice as paid. Raises CardNumber,
    InvalidPayment, NotTheirs, InvoiceIsVoid, InvoiceIsDraft, InvoiceIsPaid or MoreThanOwed.
    """
    check_money_action(actor, MoneyAction.TAKE_PAYMENT)
    invoice = payment.invoice and lock_invoice(payment.invoice, to_end=True, actor=actor)
    if invoice:
        customer = invoice.customer
    else:
        customer = lock_customer(payment.customer, to_end=True, actor=actor)
    payment.customer, payment.company_id = customer, customer.company_id
    payment.kind, payment.refunds = Payment.Kind.PAYMENT, None
    payment.currency = (
        invoice.currency if invoice else payment.currency or currency_of(actor.company_id)
    )
    check_theirs(payment.payment_method, customer)
    _check_fields(payment)
    has_succeeded = payment.status == Payment.Status.SUCCEEDED
    amount = payment.amount if has_succeeded else 0
    balance = invoice and check_balance(invoice, amount, actor=actor)
    with refusing(billing_payment_fits=errors.MoreThanOwed):
        insert(payment)
    if invoice and has_succeeded:
        _settle(invoice, payment, is_paid=payment.amount == balance)
    return payment


@transaction.atomic
def refund_payment(refund: Payment, *, actor: Actor) -> Payment:
    """Refund a payment in whole or in part; by default, all that is left of it.

    The refund uses the method of the payment unless it names another. A refund of an issued invoice
    creates a credit note with its `reason`. Raises CardNumber, InvalidPayment, NotRefundable,
    AlreadyRefunded or MoreThanTaken, and AboveRoleLimit for front desk.
    """
    assert refund.refunds is not None
    customer = lock_customer(refund.refunds.customer, to_end=True, actor=actor)
    original = Payment.objects.visible_to(actor).get(pk=refund.refunds.pk)
    check_owner(original, customer)
    if original.kind != Payment.Kind.PAYMENT or original.status != Payment.Status.SUCCEEDED:
        raise _not_refundable(original)
    refund.customer, refund.company_id = customer, customer.company_id
    refund.kind, refund.status = Payment.Kind.REFUND, Payment.Status.SUCCEEDED
    refund.invoice_id, refund.currency = original.invoice_id, original.currency
    refund.method = refund.method or original.method
    if refund.method == original.method:
        refund.payment_method_id = original.payment_method_id
    left = amount_left(original, actor=actor)
    if left <= 0:
        text = _("All of this payment, %(amount)s, is refunded. Leave it as it is.")
        whole = show_money(original.amount, original.currency)
        raise errors.AlreadyRefunded(text % {"amount": whole})
    refund.amount = left if refund.amount is None else refund.amount
    _check_fields(refund)
    if refund.amount > left:
        raise errors.MoreThanTaken(
            _(
                "Send up to %(most)s, which is left of the payment; got %(amount)s. In the "
                "smallest unit of %(currency)s: up to %(most_units)s; got %(units)s."
            )
            % bounds_in_words(left, refund.amount, refund.currency)
        )
    check_money_action(
        actor,
        MoneyAction.REFUND,
        refund.amount,
        before=original.amount - left,
        currency=refund.currency,
    )
    with refusing(billing_refund_fits=errors.MoreThanTaken):
        insert(refund)
    _note_refund(refund, actor)
    return refund


def _note_refund(refund: Payment, actor: Actor) -> None:
    """Create the credit note for the refund of an invoice."""
    if refund.invoice_id is not None:
        issue_credit_note(
            Invoice.objects.visible_to(actor).get(pk=refund.invoice_id),
            kind=CreditNote.Kind.REFUND,
            total=refund.amount,
            reason=refund.reason,
            refund=refund,
            actor=actor,
        )


def _not_refundable(payment: Payment) -> errors.NotRefundable:
    if payment.kind == Payment.Kind.REFUND:
        return errors.NotRefundable(_("This is a refund. Name a payment that succeeded."))
    return errors.NotRefundable(_("This payment failed. Name a payment that succeeded."))


def amount_left(payment: Payment, *, actor: Actor) -> int:
    """Return how much of a payment has not been refunded."""
    return payment.amount - _given_back(payment, actor)


def _check_fields(payment: Payment) -> None:
    refuse_card_numbers(payment)
    if payment.payment_method and not payment.method:
        payment.method = _METHOD_OF_TYPE[PaymentMethod.Type(payment.payment_method.type)]
    if payment.method not in Payment.Method.values:
        raise errors.InvalidPayment.at(
            "method",
            _("Send how it was paid: one of %(choices)s.")
            % {"choices": ", ".join(Payment.Method.values)},
        )
    check_amount(payment.amount, field="amount", refusal=errors.InvalidPayment, least=1)


def _settle(invoice: Invoice, payment: Payment, *, is_paid: bool) -> None:
    """Set the payment method of the invoice, and mark it as paid if nothing is owed."""
    facts: dict[str, object] = {}
    if payment.payment_method_id:
        facts["payment_method_id"] = payment.payment_method_id
    if is_paid:
        facts["paid_at"] = payment.taken_at
    if facts:
        Invoice.objects.filter(pk=invoice.pk).update(**facts)


def _given_back(payment: Payment, actor: Actor) -> int:
    return Payment.objects.visible_to(actor).given_back().filter(refunds=payment).amount_in_all()
