"""Use a pass or a credit for bookings and media, or create an invoice for them."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from billing.actions.invoices import draft_invoice, issue_invoice
from billing.models import Invoice, InvoiceLine
from config.tenancy.actors import Actor
from config.tenancy.ids import show_id
from config.tenancy.tax_fields import TaxBehavior
from credits.actions.credits import redeem_credit
from credits.actions.passes import use_pass
from credits.eligibility import is_good_for
from credits.errors import NotTheirHolding, OtherCurrency, OtherOffering
from credits.models import AnyHolding, Credit, PassPurchase
from customers.models import Customer

from .. import errors
from ..models import AnyPayable, Booking


def use_pass_for(
    payable: AnyPayable,
    *,
    purchase: PassPurchase,
    payer: Customer,
    reference: str = "",
    actor: Actor,
) -> None:
    """Use visits of a pass for a booking or a medium, whatever its price.

    Raises AlreadyCovered, AlreadyInvoiced, NotTheirHolding, OtherOffering, or the refusals of
    `use_pass`.
    """
    _check_uncovered(payable)
    _check_holding(purchase, payable, payer)
    payable.entry = use_pass(
        purchase,
        visits=payable.visits,
        begins_at=payable.usable_from,
        reference=reference or reference_of(payable),
        actor=actor,
    )
    payable.covered = payable.total
    save_fields(payable, "entry", "covered")


def use_credit_for(
    payables: Sequence[AnyPayable],
    *,
    credit: Credit,
    payer: Customer,
    reference: str = "",
    actor: Actor,
) -> None:
    """Use a credit for each payable in turn; a balance of money pays as much as it holds.

    Raises AlreadyCovered, AlreadyInvoiced, NotTheirHolding, OtherOffering, OtherCurrency, or the
    refusals of `redeem_credit`.
    """
    for payable in payables:
        _check_uncovered(payable)
        _check_holding(credit, payable, payer)
        # The balance left by the payables before this one.
        credit = Credit.objects.visible_to(actor).get(pk=credit.pk)
        if credit.is_amount and not credit.balance and payable is not payables[0]:
            return
        amount = _amount_from(credit, payable)
        payable.entry = redeem_credit(
            credit,
            amount=amount,
            begins_at=payable.usable_from,
            reference=reference or reference_of(payable),
            actor=actor,
        )
        payable.covered = _covered_by(credit, amount, payable)
        save_fields(payable, "entry", "covered")


def send_invoice(payable: AnyPayable, *, invoice: Invoice, payer: Customer, actor: Actor) -> None:
    """Create and issue an invoice for the rest of a price, with the `due_on` of the given invoice.

    The caller has locked the customer. The customer may be archived if the invoice is for an
    existing debt. Raises AlreadyCovered if nothing is left, AlreadyInvoiced, or the refusals of
    creating and issuing an invoice.
    """
    if payable.entry_id is not None and payable.due <= 0:
        raise errors.AlreadyCovered
    _check_not_invoiced(payable)
    draft = Invoice(customer=payer, currency=payable.currency, due_on=invoice.due_on)
    # The rest of a price after a credit includes the tax, as a medium's total does.
    line = InvoiceLine(
        description=payable.offering,
        unit_price=payable.due,
        tax_rate=payable.tax_rate,
        tax_behavior=TaxBehavior.INCLUSIVE,
    )
    if isinstance(payable, Booking) and not payable.covered:
        draft.discount = payable.discount
        line.unit_price, line.tax_behavior = payable.subtotal, payable.tax_behavior
    draft = draft_invoice(draft, lines=[line], to_end=True, actor=actor)
    payable.invoice = issue_invoice(draft, to_end=True, actor=actor)
    save_fields(payable, "invoice")


def save_fields(payable: AnyPayable, *fields: str) -> None:
    """Save the fields that say how a payable was paid."""
    payable.save(update_fields=[*fields, "updated_at"])


def _check_uncovered(payable: AnyPayable) -> None:
    if payable.entry_id is not None:
        raise errors.AlreadyCovered
    _check_not_invoiced(payable)


def _check_not_invoiced(payable: AnyPayable) -> None:
    if payable.open_invoice is not None:
        raise errors.AlreadyInvoiced


def _amount_from(credit: Credit, payable: AnyPayable) -> int | None:
    """Return the amount to take from a balance of money, None for a credit used as a whole."""
    if not credit.is_amount:
        return None
    if credit.currency != payable.currency:
        raise OtherCurrency
    # Redeeming one unit of an empty balance raises UsedUp.
    return min(credit.balance, payable.total) or 1


def _covered_by(credit: Credit, amount: int | None, payable: AnyPayable) -> int:
    """Return the part of a price that a credit pays."""
    if amount is not None:
        return amount
    return credit.percentage_off(payable.total) if credit.is_percentage else payable.total


def _check_holding(holding: AnyHolding, payable: AnyPayable, payer: Customer) -> None:
    if holding.customer_id != payer.pk:
        text = _("%(id)s belongs to another customer. Name one of the customer who pays.")
        raise NotTheirHolding(text % {"id": show_id(holding.id_prefix, holding.pk)})
    if not is_good_for(holding, payable.offering):
        raise _other_offering(holding, payable)


def _other_offering(holding: AnyHolding, payable: AnyPayable) -> OtherOffering:
    """Return the refusal that names the valid offering of the pass or credit and the payable."""
    offerings = holding.offerings if isinstance(holding, PassPurchase) else [holding.offering]
    if not (payable.offering and any(offerings)):
        return OtherOffering()
    text = _("This is good for “%(good)s”, not for “%(other)s”. Use another credit or pass.")
    return OtherOffering(text % {"good": "”, “".join(offerings), "other": payable.offering})


def reference_of(payable: AnyPayable) -> str:
    """Return the reference of the first use of a pass or credit for a payable."""
    return show_id(payable.id_prefix, payable.pk)
