"""Credit notes: what of an issued invoice is taken back, by whatever way."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from config.card_numbers import refuse_card_numbers
from config.statements.inserting import insert
from config.tenancy.actors import Actor
from config.tenancy.days import local_day

from ..models import CreditNote, CreditNoteSeries, CreditNoteTax, Invoice, Payment
from ..models.credit_notes import credit_note_number
from .numbers import take_number


@dataclass(frozen=True)
class TaxGroup:
    """What an invoice, or a part of it, has at one tax rate; `amount` is as priced."""

    tax_rate: Decimal
    tax_behavior: str
    amount: int
    tax: int

    @property
    def total(self) -> int:
        return self.amount + (self.tax if self.tax_behavior == "exclusive" else 0)


def issue_credit_note(
    invoice: Invoice,
    *,
    kind: CreditNote.Kind,
    total: int,
    reason: str,
    refund: Payment | None = None,
    actor: Actor,
) -> CreditNote:
    """Write the credit note of what the caller takes back of an invoice that it has locked.

    Raises CardNumber.
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


def take_out(groups: Sequence[TaxGroup], total: int) -> list[TaxGroup]:
    """Spread what is taken back over what is left at each tax rate, in proportion.

    What one unit more or less would round goes to the groups with the largest remainders. Each
    part takes its share of the tax that is left, so all of it is taken once nothing is left.
    """
    whole = sum(group.total for group in groups)
    shares = [divmod(total * group.total, whole) for group in groups]
    over = total - sum(share for share, _ in shares)
    by_remainder = sorted(range(len(groups)), key=lambda place: (-shares[place][1], place))
    favoured = set(by_remainder[:over])
    parts = [
        _part_of(group, share + (place in favoured))
        for place, (group, (share, _)) in enumerate(zip(groups, shares, strict=True))
    ]
    return [part for part in parts if part.total]


def _part_of(group: TaxGroup, total: int) -> TaxGroup:
    """Return the part of a group that comes to `total`, with its share of the tax, rounded."""
    tax = (2 * total * group.tax + group.total) // (2 * group.total) if group.total else 0
    amount = total - tax if group.tax_behavior == "exclusive" else total
    return TaxGroup(group.tax_rate, group.tax_behavior, amount, tax)


def _left_of(invoice: Invoice, actor: Actor) -> list[TaxGroup]:
    """Return what earlier credit notes have left of an invoice at each tax rate."""
    groups = {(group.tax_rate, group.tax_behavior): group for group in _groups_of(invoice)}
    taken = CreditNoteTax.objects.visible_to(actor).filter(credit_note__invoice=invoice)
    for one in taken:
        key = (one.tax_rate, one.tax_behavior)
        group = groups[key]
        groups[key] = TaxGroup(*key, group.amount - one.amount, group.tax - one.tax)
    return list(groups.values())


def _groups_of(invoice: Invoice) -> list[TaxGroup]:
    net = invoice.total - invoice.tax
    return [TaxGroup(invoice.tax_rate, "exclusive", net, invoice.tax)]
