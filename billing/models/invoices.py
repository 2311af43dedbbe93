from collections.abc import Mapping
from typing import Self

from django.db import models
from django.db.models import Case, F, Func, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _

from config.tenancy.days import LocalDay
from config.tenancy.merging import Moves
from config.tenancy.models import TenantForeignKey, TenantModel, check, index, once
from config.tenancy.money_fields import CurrencyField, MoneyField
from config.tenancy.personal import BOOKS, NOBODYS, Personal
from config.tenancy.recording import Recorded, is_set
from config.tenancy.scoping import TenantQuerySet
from config.tenancy.tax_fields import TaxBehavior
from config.tenancy.taxes import Taxed, tax_check
from config.times import local_today

from .payment_methods import PaymentMethod
from .taxes import TaxesHold, TaxOnTop

# The prefix of numbers, the most digits of a number without a year, and the most matches.
PREFIX, SHORT, FEW = "INV-", 5, 3


def invoice_number(year: int, count: int) -> str:
    """Return the number of an invoice, INV-2026-00042: the year, and the count within it."""
    return f"{PREFIX}{year:04}-{count:05}"


class TaxOf(Func):
    """The tax on a subtotal less the discount, as landed migrations compute it."""

    function = "billing_tax"
    output_field = models.BigIntegerField()
    arity = 3


class InvoiceQuerySet(TenantQuerySet["Invoice"]):
    """Invoices of customers."""

    def with_standing(self) -> Self:
        """Annotate the status as `standing`, by the date in the company's time zone."""
        today = LocalDay(Now(), F("company__timezone"))
        status = Invoice.Status
        return self.annotate(
            standing=Case(
                When(voided_at__isnull=False, then=Value(status.VOID)),
                When(issued_at__isnull=True, then=Value(status.DRAFT)),
                When(paid_at__isnull=False, then=Value(status.PAID)),
                When(due_on__lt=today, then=Value(status.OVERDUE)),
                default=Value(status.PENDING),
                output_field=models.CharField(),
            )
        )

    def with_amounts(self) -> Self:
        """Annotate `amount_paid`, which refunds do not lower, and the `balance`."""
        from .payments import Payment

        taken = Payment.objects.taken().order_by().filter(invoice_id=OuterRef("pk"))
        total = taken.values("invoice_id").values(total=Sum("amount"))
        paid = Coalesce(Subquery(total, models.BigIntegerField()), Value(0))
        is_owed = Q(issued_at__isnull=False, voided_at__isnull=True)
        return self.annotate(amount_paid=paid).annotate(
            balance=Case(
                When(is_owed, then=F("total") - F("covered") - F("reduced") - F("amount_paid")),
                default=Value(0),
                output_field=models.BigIntegerField(),
            )
        )

    def unpaid(self) -> Self:
        """Issued invoices that are neither paid nor void."""
        return self.unsettled().filter(issued_at__isnull=False)

    def unsettled(self) -> Self:
        """Invoices and drafts that are neither paid nor void."""
        return self.filter(paid_at__isnull=True, voided_at__isnull=True)

    def known_as(self, typed: str) -> models.QuerySet["Invoice", Mapping[str, object]]:
        """Ids of a few invoices that match a typed number or external id.

        Matches INV-2026-00042 in any case, without INV-, or by its beginning; 42 matches the
        invoices with that number of this year and the last.
        """
        number, year = typed.upper(), local_today().year
        whole = number if number.startswith(PREFIX) else f"{PREFIX}{number}"
        ways = [Q(number=whole) & ~Q(number=""), Q(external_id=typed) & ~Q(external_id="")]
        if number.isdecimal() and len(number) <= SHORT:
            meant = [invoice_number(one, int(number)) for one in (year, year - 1)]
            ways.append(Q(number__in=meant) & ~Q(number=""))
        else:
            begins = Q(number__gte=whole, number__lt=f"{whole}\U0010ffff")
            ways.append(begins & Q(number__startswith=whole) & ~Q(number=""))
        few = (self.filter(way).order_by("-number").values("pk")[:FEW] for way in ways)
        return next(few).union(*few)

    def in_status(self, status: str) -> Self:
        """Invoices with this status."""
        rows = self.with_standing().filter(standing=status)
        if status in (Invoice.Status.DRAFT, Invoice.Status.PENDING, Invoice.Status.OVERDUE):
            # The condition of the index `invoice_open`.
            return rows.unsettled()
        return rows


class Invoice(Taxed, TenantModel):
    """An invoice; money is in the currency's smallest unit, tax in percent.

    An invoice is a draft until it is issued; issuing gives it the next `number` of its year. Its
    tax rate and behavior are the defaults of its lines. `taxes` has a `TaxGroup` for each rate and
    behavior of the lines: its amount after its share of the discount, and the tax. Amounts never
    change; `issued_at`, `paid_at` and `voided_at` are set once. `covered` is the amount paid by
    credits, `reduced` the amount of credit notes that gave nothing back: neither ever decreases. An
    invoice is paid when its payments, `covered` and `reduced` add up to the total.
    """

    id_prefix = "inv_"
    recorded = Recorded(
        "invoice",
        (is_set("voided", "voided_at"), is_set("paid", "paid_at"), is_set("issued", "issued_at")),
    )
    merging = {"customer": Moves()}

    personal = Personal(
        keep=dict.fromkeys(("number", "external_id", "discount_description"), BOOKS),
        impersonal=("taxes",),
    )

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        PENDING = "pending", _("pending")
        PAID = "paid", _("paid")
        OVERDUE = "overdue", _("overdue")
        VOID = "void", _("void")

    customer = TenantForeignKey("customers.Customer", related_name="invoices")
    number = models.CharField(_("number"), max_length=20, blank=True, editable=False)
    external_id = models.CharField(_("external id"), max_length=200, blank=True, editable=False)
    currency = CurrencyField(_("currency"), editable=False)
    subtotal = MoneyField(_("subtotal"), editable=False)
    discount = MoneyField(_("discount"), default=0)
    discount_description = models.CharField(_("discounted for"), max_length=200, blank=True)
    taxes = models.JSONField(_("taxes"), default=None, editable=False)
    tax = MoneyField(_("tax"), editable=False)
    total = MoneyField(_("total"), editable=False)
    covered = MoneyField(_("covered by credits"), default=0, db_default=0, editable=False)
    reduced = MoneyField(_("reduced"), default=0, db_default=0, editable=False)
    due_on = models.DateField(_("due on"), null=True, blank=True)
    issued_at = models.DateTimeField(_("issued at"), null=True, editable=False)
    paid_at = models.DateTimeField(_("paid at"), null=True, editable=False)
    voided_at = models.DateTimeField(_("voided at"), null=True, editable=False)
    payment_method = TenantForeignKey(
        PaymentMethod, verbose_name=_("payment method"), null=True, blank=True, related_name="+"
    )

    objects = InvoiceQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")
        constraints = [
            *TenantModel.Meta.constraints,
            once("invoice_number_once", "number", condition=~Q(number="")),
            once("invoice_external_id_once", "external_id", condition=~Q(external_id="")),
            check(
                "invoice_numbered_when_issued",
                Q(number="", issued_at__isnull=True) | (~Q(number="") & Q(issued_at__isnull=False)),
            ),
            check(
                "invoice_issued_before_paid", Q(paid_at__isnull=True) | Q(issued_at__isnull=False)
            ),
            check("invoice_discount", Q(discount__gte=0, discount__lte=F("subtotal"))),
            check("invoice_tax_rate", Q(tax_rate__gte=0, tax_rate__lte=100)),
            check("invoice_tax_behavior", Q(tax_behavior__in=TaxBehavior.values)),
            check("invoice_tax", Q(TaxesHold(F("taxes"), F("subtotal") - F("discount"), F("tax")))),
            check("invoice_total", Q(total=F("subtotal") - F("discount") + TaxOnTop(F("taxes")))),
            check(
                "invoice_settled_in_part",
                Q(covered__gte=0, reduced__gte=0, covered__lte=F("total") - F("reduced"))
                & (Q(covered=0, reduced=0) | Q(issued_at__isnull=False)),
            ),
        ]
        indexes = (
            index("invoice_of_customer", "customer", "id"),
            index(
                "invoice_open",
                "customer",
                condition=Q(paid_at__isnull=True, voided_at__isnull=True),
            ),
            index("invoice_by_time", "issued_at", "id"),
            index("invoice_by_number", "number", "id"),
        )

    def __str__(self) -> str:
        return self.number or str(_("Draft"))

    @property
    def status(self) -> str:
        """The status of `with_standing`; queries it unless the row has the annotation."""
        standing = self.__dict__.get("standing")
        if standing is None:
            standing = vars(Invoice.objects.with_standing().get(pk=self.pk))["standing"]
        return str(standing)


class InvoiceLine(Taxed, TenantModel):
    """A line of an invoice: a quantity at a unit price, with tax or without.

    A line for a `subscription` has the period it charges for: its first day, and the first day of
    the next period.
    """

    recorded = Recorded("invoice_line")
    personal = Personal(keep={"description": BOOKS})

    invoice = TenantForeignKey(Invoice, related_name="lines")
    position = models.PositiveSmallIntegerField(_("position"))
    description = models.CharField(_("description"), max_length=500)
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    unit_price = MoneyField(_("price each"))
    total = MoneyField(_("total"), editable=False)
    subscription = TenantForeignKey(
        "billing.Subscription",
        null=True,
        editable=False,
        related_name="invoice_lines",
        db_index=False,
    )
    period_from = models.DateField(_("for the period from"), null=True, editable=False)
    period_to = models.DateField(_("for the period until"), null=True, editable=False)

    objects = TenantQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("line")
        verbose_name_plural = _("lines")
        constraints = [
            *TenantModel.Meta.constraints,
            once("invoice_line_position", "invoice", "position"),
            check("invoice_line_amounts", Q(quantity__gte=1, unit_price__gte=0)),
            tax_check("invoice_line_taxed"),
            check("invoice_line_total", Q(total=F("quantity") * F("unit_price"))),
            check(
                "invoice_line_period",
                Q(subscription__isnull=True, period_from__isnull=True, period_to__isnull=True)
                | Q(subscription__isnull=False, period_from__lt=F("period_to")),
            ),
        ]
        indexes = (
            index(
                "invoice_line_of_subscription",
                "subscription",
                condition=Q(subscription__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return self.description


class InvoiceSeries(TenantModel):
    """The counter for the numbers of a company's invoices in a year."""

    personal = NOBODYS

    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField()

    objects = TenantQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("invoice series")
        verbose_name_plural = _("invoice series")
        constraints = [*TenantModel.Meta.constraints, once("invoice_series_once", "year")]

    def __str__(self) -> str:
        return invoice_number(self.year, self.last)
