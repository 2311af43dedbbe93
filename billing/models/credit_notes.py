from typing import Self

from django.db import models
from django.db.models import F, Q, Sum
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from config.tenancy.merging import Moves
from config.tenancy.models import TenantForeignKey, TenantModel, check, index, once
from config.tenancy.money_fields import CurrencyField, MoneyField
from config.tenancy.personal import BOOKS, NOBODYS, Personal
from config.tenancy.recording import Recorded
from config.tenancy.scoping import TenantQuerySet

from .invoices import Invoice
from .payments import Payment

PREFIX = "CN-"


def credit_note_number(year: int, count: int) -> str:
    """Return the number of a credit note, CN-2026-00042: the year, and the count within it."""
    return f"{PREFIX}{year:04}-{count:05}"


class CreditNoteQuerySet(TenantQuerySet["CreditNote"]):
    """Credit notes of invoices."""

    def reductions(self) -> Self:
        """Credit notes that lower the balance without giving anything back."""
        return self.filter(kind__in=CreditNote.REDUCES)

    def amount_in_all(self) -> int:
        """Return the sum of the totals."""
        return self.aggregate(amount=Sum("total"))["amount"] or 0


class CreditNote(TenantModel):
    """A part of an issued invoice that is taken back; never changed, and numbered within its year.

    A `refund` gives money back. `returned` gives back a credit that had paid for the invoice. A
    `reduction` or a `write_off` gives nothing back: it lowers the balance. `total` includes `tax`.
    """

    id_prefix = "cn_"
    recorded = Recorded("credit_note", created="issued")
    personal = Personal(keep={"number": BOOKS, "reason": BOOKS})
    merging = {"customer": Moves()}

    class Kind(models.TextChoices):
        REFUND = "refund", _("refund")
        RETURNED = "returned", _("credit given back")
        REDUCTION = "reduction", _("reduction")
        WRITE_OFF = "write_off", _("write-off")

    REDUCES = (Kind.REDUCTION, Kind.WRITE_OFF)

    customer = TenantForeignKey("customers.Customer", related_name="credit_notes")
    invoice = TenantForeignKey(Invoice, related_name="credit_notes")
    number = models.CharField(_("number"), max_length=20)
    kind = models.CharField(_("kind"), max_length=9, choices=Kind.choices)
    refund = TenantForeignKey(
        Payment, verbose_name=_("refund"), null=True, related_name="credit_notes"
    )
    currency = CurrencyField(_("currency"))
    total = MoneyField(_("total"))
    tax = MoneyField(_("tax"))
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    issued_at = models.DateTimeField(_("issued at"), db_default=Now(), editable=False)

    objects = CreditNoteQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("credit note")
        verbose_name_plural = _("credit notes")
        constraints = [
            *TenantModel.Meta.constraints,
            once("credit_note_number_once", "number"),
            once("credit_note_refund_once", "refund", condition=Q(refund__isnull=False)),
            check("credit_note_total", Q(total__gt=0, tax__gte=0, tax__lte=F("total"))),
            check(
                "credit_note_kind",
                Q(kind="refund", refund__isnull=False)
                | Q(kind__in=("returned", "reduction", "write_off"), refund__isnull=True),
            ),
        ]
        indexes = (
            index("credit_note_of_customer", "customer", "id"),
            index("credit_note_of_invoice", "invoice"),
            index("credit_note_by_time", "issued_at", "id"),
        )

    def __str__(self) -> str:
        return self.number


class CreditNoteTax(TenantModel):
    """The part of a credit note at one tax rate.

    `amount` excludes the tax if `tax_behavior` is exclusive, and includes it if inclusive.
    """

    personal = Personal(impersonal=("tax_behavior",))

    credit_note = TenantForeignKey(CreditNote, related_name="taxes")
    tax_rate = models.DecimalField(_("tax in percent"), max_digits=7, decimal_places=4)
    tax_behavior = models.CharField(_("tax is"), max_length=9)
    amount = MoneyField(_("amount"))
    tax = MoneyField(_("tax"))

    objects = TenantQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("tax of a credit note")
        verbose_name_plural = _("taxes of credit notes")
        constraints = [
            *TenantModel.Meta.constraints,
            once("credit_note_tax_once", "credit_note", "tax_rate", "tax_behavior"),
            check("credit_note_tax_amounts", Q(amount__gte=0, tax__gte=0)),
            check("credit_note_tax_behavior", Q(tax_behavior__in=("inclusive", "exclusive"))),
        ]

    def __str__(self) -> str:
        return f"{self.tax_rate.normalize():f} %"


class CreditNoteSeries(TenantModel):
    """The counter for the numbers of a company's credit notes in a year."""

    personal = NOBODYS

    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField()

    objects = TenantQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("credit note series")
        verbose_name_plural = _("credit note series")
        constraints = [*TenantModel.Meta.constraints, once("credit_note_series_once", "year")]

    def __str__(self) -> str:
        return credit_note_number(self.year, self.last)
