"""Lock an invoice, and check its unpaid balance."""

from django.utils.translation import gettext as _

from config.money import show_money
from config.tenancy.actors import Actor
from customers.actions.locks import check_owner, lock_customer

from .. import errors
from ..models import Invoice, Payment


def lock_invoice(invoice: Invoice, *, to_end: bool = False, actor: Actor) -> Invoice:
    """Return the invoice as it is now, under its customer's lock.

    Raises InvoiceIsVoid, CustomerMerged, or CustomerArchived unless `to_end`.
    """
    customer = lock_customer(invoice.customer, to_end=to_end, actor=actor)
    invoice = Invoice.objects.visible_to(actor).get(pk=invoice.pk)
    check_owner(invoice, customer)
    invoice.customer = customer
    if invoice.voided_at is not None:
        raise errors.InvoiceIsVoid
    return invoice


def check_balance(invoice: Invoice, amount: int, *, actor: Actor) -> int:
    """Return the balance of an invoice, and check that `amount` does not exceed it.

    Raises InvoiceIsDraft, InvoiceIsPaid or MoreThanOwed.
    """
    if invoice.issued_at is None:
        raise errors.InvoiceIsDraft
    if invoice.paid_at is not None:
        raise errors.InvoiceIsPaid
    balance = invoice.total - invoice.covered - invoice.reduced - taken_for(invoice, actor=actor)
    if amount > balance:
        raise more_than_owed(balance, amount, invoice.currency)
    return balance


def taken_for(invoice: Invoice, *, actor: Actor) -> int:
    """Return the money taken for an invoice; refunds do not lower it."""
    return Payment.objects.visible_to(actor).taken().filter(invoice=invoice).amount_in_all()


def more_than_owed(balance: int, amount: int, currency: str) -> errors.MoreThanOwed:
    """Return the refusal of an amount above the balance."""
    text = _(
        "Send up to %(most)s, the balance of the invoice; got %(amount)s. In the smallest unit of "
        "%(currency)s: up to %(most_units)s; got %(units)s."
    )
    refusal = errors.MoreThanOwed(text % bounds_in_words(balance, amount, currency))
    refusal.left = show_money(balance, currency)
    return refusal


def bounds_in_words(most: int, amount: int, currency: str) -> dict[str, str]:
    """Return the highest allowed amount and the refused one, as money and in smallest units."""
    return {
        "most": show_money(most, currency),
        "amount": show_money(amount, currency),
        "currency": currency,
        "most_units": f"{most:,}",
        "units": f"{amount:,}",
    }
