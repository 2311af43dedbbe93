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
from .descriptions import own_id


class CreditedTax(Shape):
    """The amount of a credit note at one tax rate."""

    schema_name = "CreditNoteTax"

    tax_rate = Rate(help_text="The tax rate of this part, in percent.")
    tax_behavior = OneOf(
        choices=["inclusive", "exclusive"],
        help_text="`inclusive`: `amount` includes the tax. `exclusive`: the tax is added to it.",
    )
    amount = Number(
        help_text="What is taken back at this rate, with or without tax as it was priced, in the "
        "smallest unit of the credit note's currency."
    )
    tax = Number(
        help_text="The tax that is taken back at this rate, in the smallest unit of the credit "
        "note's currency."
    )


class IssuedCreditNote(Shape):
    """A part of an issued invoice that was taken back, in the currency's smallest unit."""

    schema_name = "CreditNote"

    id = own_id(CreditNote)
    number = Text(help_text="The year and a count without gaps, such as CN-2026-00001.")
    kind = OneOf(
        choices=CreditNote.Kind.values,
        help_text="`refund`: money was given back. `returned`: a credit that had covered the "
        "invoice was given back. `reduction` and `write_off`: nothing was given back; the balance "
        "of the invoice is lower.",
    )
    customer_id = Id(Customer.id_prefix, "customer_id", help_text="The customer of the invoice.")
    invoice_id = Id(
        Invoice.id_prefix, "invoice_id", help_text="The invoice that the credit note lowers."
    )
    invoice_number = Text("invoice__number", help_text="The number of that invoice.")
    refund_id = Id(
        Payment.id_prefix,
        "refund_id",
        allow_null=True,
        help_text="The refund that gave the money back; null if no money was given back.",
    )
    currency = Currency()
    total = Number(
        help_text="What is taken back of the invoice, tax included, in the smallest unit of "
        "`currency`."
    )
    tax = Number(
        help_text="The tax in `total`, in the smallest unit of `currency`: its share of the "
        "invoice's tax."
    )
    taxes = Many(
        CreditedTax,
        CreditNoteTax.objects.all,
        "credit_note_id",
        "tax_rate",
        help_text="The parts of `total`, one for each tax rate.",
    )
    reason = TextOrNull(
        help_text="The reason that staff or the client gave; null if none was given."
    )
    issued_at = Instant(help_text="When the credit note was issued.")
