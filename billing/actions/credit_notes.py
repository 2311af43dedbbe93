"""Credit notes record each part of an issued invoice that is taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from config.card_numbers import refuse_card_numbers
from config.statements.inserting import insert
from config.tenancy.actors import Actor
from config.tenancy.days import local_day
from config.tenancy.tax_fields import TaxBehavior

from ..models import CreditNote, CreditNoteSeries, CreditNoteTax, Invoice, Payment
from ..models.credit_notes import credit_note_number
from .numbers import take_number
from .tax import spread


@dataclass(frozen=True)
class Portion:
    """The amount of an invoice, or a part of it, at one tax rate, and its tax.

    `amount` includes the tax if the price does.
    """

    tax_rate: Decimal
    tax_behavior: str
    amount: int
    tax: int

    @property
    def total(self) -> int:
        return self.amount + (self.tax if self.tax_behavior == TaxBehavior.EXCLUSIVE else 0)


def issue_credit_note(
    invoice: Invoice,
    *,
    kind: CreditNote.Kind,
    total: int,
    reason: str,
    refund: Payment | None = None,
    actor: Actor,
) -> CreditNote:
    """Create the credit note for a part of an invoice that the caller takes back.

    The caller has locked the invoice. Raises CardNumber.
    """
    parts = take_out(_left_of(invoice, actor), total)
    year = local_day(invoice.company_id).year
    number = take_number(CreditNoteSeries, invoice.company_id, year)
    note = CreditNote(
        company_id=invoice.company_id,
        customer_id=invoice.customer_id,
        invoice=invoice,
        number=credit_note_number(year, number),
        kind=kind,
        refund=refund,
        currency=invoice.currency,
        total=total,
        tax=sum(part.tax for part in parts),
        reason=reason,
    )
    refuse_card_numbers(note)
    insert(note)
    CreditNoteTax.objects.bulk_create(
        CreditNoteTax(company_id=note.company_id, credit_note=note, **vars(part)) for part in parts
    )
    return note


def take_out(groups: Sequence[Portion], total: int) -> list[Portion]:
    """Split an amount between the tax rates, in proportion to the amount left at each rate.

    Each part takes its share of the remaining tax, so no tax remains when the whole amount is
    taken.
    """
    shares = spread(total, {place: group.total for place, group in enumerate(groups)})
    parts = [_part_of(groups[place], share) for place, share in shares.items()]
    return [part for part in parts if part.total]


def _part_of(group: Portion, total: int) -> Portion:
    """Return a part of a group: `total`, with its share of the tax, rounded."""
    tax = (2 * total * group.tax + group.total) // (2 * group.total) if group.total else 0
    amount = total - tax if group.tax_behavior == TaxBehavior.EXCLUSIVE else total
    return Portion(group.tax_rate, group.tax_behavior, amount, tax)


def _left_of(invoice: Invoice, actor: Actor) -> list[Portion]:
    """Return the amounts of an invoice that no credit note has taken back, for each tax rate."""
    groups = {(group.tax_rate, group.tax_behavior): group for group in _groups_of(invoice)}
    taken = CreditNoteTax.objects.visible_to(actor).filter(credit_note__invoice=invoice)
    for one in taken:
        key = (one.tax_rate, one.tax_behavior)
        group = groups[key]
        groups[key] = Portion(*key, group.amount - one.amount, group.tax - one.tax)
    return list(groups.values())


def _groups_of(invoice: Invoice) -> list[Portion]:
    return [
        Portion(Decimal(str(one["tax_rate"])), one["tax_behavior"], one["amount"], one["tax"])
        for one in invoice.taxes
    ]
