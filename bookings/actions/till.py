"""Sales: pay for new purchases and debts of a customer together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from billing.models import Invoice, Subscription
from config.tenancy.actors import Actor
from credits.actions import sell_pass, sell_plan
from credits.errors import NotTheirHolding, OtherOffering
from credits.models import PassPurchase
from customers.actions.locks import lock_customer
from customers.models import Customer

from ..errors import AlreadyPaid, NothingSold
from ..models import AnyPayable, Booking, MediaPurchase
from .media import sell_media
from .paying import Parts, pay_in_parts, pay_invoices, pays_with_money


@dataclass
class Sale:
    """The purchases of one customer, as unsaved rows, and the debts to pay with them."""

    customer: Customer
    passes: Sequence[PassPurchase] = ()
    media: Sequence[MediaPurchase] = ()
    subscriptions: Sequence[Subscription] = ()
    unpaid: Sequence[AnyPayable] = ()
    invoices: Sequence[Invoice] = ()


@transaction.atomic
def take_sale(
    sale: Sale, *, means: Parts, keep_excess_as_credit: bool = False, actor: Actor
) -> list[Invoice]:
    """Sell and invoice the purchases of a customer, and pay for them and for the debts.

    Returns the invoices, one for each thing. The parts pay the invoices in turn, oldest debts
    first; the rest is paid later. Raises NothingSold, AlreadyPaid, or the refusals of selling and
    of paying.
    """
    sold = [*sale.passes, *sale.media, *sale.subscriptions]
    if not (sold or sale.unpaid or sale.invoices):
        raise NothingSold
    ends = not sold and pays_with_money(means)
    customer = lock_customer(sale.customer, to_end=ends, actor=actor)
    asked = [one for one in means if isinstance(one, Invoice)] or [Invoice()]
    invoices = [
        *_once(sale.invoices),
        *_invoice_payables(sale, customer, means, asked, actor),
        *_sell_holdings(sale, customer, asked, actor),
    ]
    rest = [one for one in means if not isinstance(one, PassPurchase | Invoice)]
    if not rest:
        return invoices
    if not invoices:
        raise AlreadyPaid
    return pay_invoices(
        invoices, means=rest, keep_excess_as_credit=keep_excess_as_credit, actor=actor
    )


def _once[M: Model](rows: Sequence[M]) -> list[M]:
    """Return rows without duplicates, so that each is paid once."""
    return list({row.pk: row for row in rows}.values())


def _passes(means: Parts) -> list[PassPurchase]:
    return [one for one in means if isinstance(one, PassPurchase)]


def _invoice_payables(
    sale: Sale, customer: Customer, means: Parts, asked: Sequence[Invoice], actor: Actor
) -> Iterator[Invoice]:
    """Sell media, use passes for the things they are valid for, and yield invoices for the rest."""
    passes = _passes(means)
    for bought in sale.media:
        bought.customer = customer
        sell_media(bought, actor=actor)
    payables = [*_locked(sale.unpaid, customer, actor), *sale.media]
    if not payables and passes:
        raise OtherOffering(_("A pass pays for bookings and videos. Choose one, or pay otherwise."))
    if payables:
        pay_in_parts(payables, parts=[*passes, *asked], payer=customer, actor=actor)
    for payable in payables:
        if payable.open_invoice is not None:
            yield payable.open_invoice


def _sell_holdings(
    sale: Sale, customer: Customer, asked: Sequence[Invoice], actor: Actor
) -> Iterator[Invoice]:
    """Sell passes and plans, and yield their invoices."""
    for purchase in sale.passes:
        purchase.customer = customer
        sell_pass(purchase, means=asked, actor=actor)
        if purchase.invoice is not None:
            yield purchase.invoice
    for subscription in sale.subscriptions:
        subscription.customer = customer
        sell_plan(subscription, means=asked, actor=actor)
        yield from Invoice.objects.visible_to(actor).filter(lines__subscription=subscription)


def _locked(unpaid: Sequence[AnyPayable], customer: Customer, actor: Actor) -> Sequence[AnyPayable]:
    """Return the payables in their present state, locked."""
    found = list[AnyPayable]()
    for one in _once(unpaid):
        rows = type(one).objects.visible_to(actor).select_for_update(no_key=True, of=("self",))
        row = rows.get(pk=one.pk)
        payer = row.payer if isinstance(row, Booking) else row.customer
        if payer.pk != customer.pk:
            raise NotTheirHolding(
                _("Another customer has to pay this. Take the payment from them.")
            )
        if row.cancelled_at is not None or type(row).objects.paid().filter(pk=row.pk).exists():
            raise AlreadyPaid
        found.append(row)
    return found
