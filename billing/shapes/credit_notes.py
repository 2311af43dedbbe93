"""Shapes of credit notes."""

from config.api.shapes import (
    Currency,
    Id,
    Instant,
    Many,
    Number,
    OneOf,
    Rate,
    Shape,
    Text,
    TextOrNull,
)
from customers.models import Customer

from ..models import CreditNote, CreditNoteTax, Invoice, Payment


class CreditedTax(Shape):
    """The amount of a credit note at one tax rate."""

    schema_name = "CreditNoteTax"

    tax_rate = Rate(help_text="In percent.")
    tax_behavior = OneOf(
        choices=["inclusive", "exclusive"],
        help_text="Whether `amount` includes the tax (inclusive) or the tax is on top (exclusive).",
    )
    amount = Number(
        help_text="What is taken back as it was priced, in the smallest unit of the credit note's "
        "currency."
    )
    tax = Number(help_text="The tax that is taken back, in the smallest unit.")


class IssuedCreditNote(Shape):
    """A part of an issued invoice that was taken back, in the currency's smallest unit."""

    schema_name = "CreditNote"

    id = Id(CreditNote.id_prefix)
    number = Text(help_text="CN-2026-00001: counted without gaps for each year.")
    kind = OneOf(
        choices=CreditNote.Kind.values,
        help_text="`refund`: money was given back. `returned`: a credit that had covered the "
        "invoice was given back. `reduction` and `write_off`: nothing was given back; the balance "
        "of the invoice is lower.",
    )
    customer_id = Id(Customer.id_prefix, "customer_id", help_text="The customer of the invoice.")
    invoice_id = Id(Invoice.id_prefix, "invoice_id", help_text="The invoice that it belongs to.")
    invoice_number = Text("invoice__number", help_text="The number of that invoice.")
    refund_id = Id(
        Payment.id_prefix,
        "refund_id",
        allow_null=True,
        help_text="The refund that gave the money back; null where no money was given back.",
    )
    currency = Currency()
    total = Number(help_text="What is taken back of the invoice, tax included.")
    tax = Number(help_text="The tax in `total`: its share of the invoice's tax.")
    taxes = Many(
        CreditedTax,
        CreditNoteTax.objects.all,
        "credit_note_id",
        "tax_rate",
        help_text="`total` by tax rate.",
    )
    reason = TextOrNull(help_text="Why it was issued, as staff or the client gave it.")
    issued_at = Instant(help_text="When it was issued.")
