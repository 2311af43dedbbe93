"""Pay for bookings and media in parts and by several means: by invoices, which the parts pay."""

from collections.abc import Sequence

from billing.models import Invoice, Payment
from config.tenancy.actors import Actor
from credits.actions.ledger import check_pays_for
from credits.actions.paying import CreditPart, InvoiceMeans, pay_invoices
from credits.eligibility import is_good_for
from credits.models import Credit, PassPurchase
from customers.models import Customer

from .. import errors
from ..models import AnyPayable
from .using import send_invoice, use_pass_for

# How something is paid: with a pass or a credit that the customer has, or with a payment or an
# invoice that is not saved yet.
Means = PassPurchase | Credit | Payment | Invoice
# Several means, each for a part; an invoice among them says when what is left is due.
Parts = Sequence[Means | CreditPart]


def pay_in_parts(
    unpaid: Sequence[AnyPayable],
    parts: Parts,
    payer: Customer,
    keep_excess_as_credit: bool,
    actor: Actor,
) -> None:
    """Use passes for what they are good for, and invoice the rest, which the other parts pay."""
    rest = list(unpaid)
    for one in parts:
        if isinstance(one, PassPurchase):
            fitting = [payable for payable in rest if is_good_for(one, payable.offering)]
            for payable in fitting or rest[:1]:
                use_pass_for(payable, one, payer, actor)
            rest = [payable for payable in rest if payable not in fitting]
    others = [one for one in parts if not isinstance(one, PassPurchase | Invoice)]
    rest = [payable for payable in rest if payable.total]
    if not rest:
        if others:
            raise errors.AlreadyPaid
        return
    _check_ends(others, rest)
    asked = next((one for one in parts if isinstance(one, Invoice)), Invoice())
    for payable in rest:
        if payable.open_invoice is None:
            send_invoice(payable, asked, payer, actor)
    invoices = [payable.open_invoice for payable in rest if payable.open_invoice is not None]
    pay_invoices(invoices, means=others, keep_excess_as_credit=keep_excess_as_credit, actor=actor)


def _check_ends(parts: Sequence[InvoiceMeans], payables: Sequence[AnyPayable]) -> None:
    """Raise EndsTooSoon for a credit that ends before what it pays for begins."""
    for one in parts:
        credit = one.credit if isinstance(one, CreditPart) else one
        if not isinstance(credit, Credit):
            continue
        for payable in payables:
            if payable.usable_from is not None:
                check_pays_for(credit, payable.usable_from)
