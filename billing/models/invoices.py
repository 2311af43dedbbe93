from typing import Any, Self

from django.db import models
from django.db.models import Case, F, Func, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.access.days import DayBegins, LocalDay, NextDay
from config.access.models import TenantForeignKey, TenantModel
from config.access.tenancy import TenantQuerySet
from customers.models import Customer

from .money import CurrencyField, MoneyField
from .payment_methods import PaymentMethod

# How numbers begin; how long one is that may leave out its year; how many are offered of many.
PREFIX, SHORT, FEW = "INV-", 5, 3


class TaxOf(Func):
    """The tax on what is left of a sum after the discount, rounded half up."""

    function = "billing_tax"
    output_field = models.BigIntegerField()

    def __init__(self, subtotal: Any, discount: Any, rate: Any, **extra: Any) -> None:
        super().__init__(subtotal, discount, rate, **extra)


class InvoiceQuerySet(TenantQuerySet["Invoice"]):
    """What was asked for."""

    def open(self) -> Self:
        """Those that were issued and neither paid nor voided: what is owed."""
        return self.filter(issued_at__isnull=False, paid_at__isnull=True, voided_at__isnull=True)

    def with_standing(self) -> Self:
        """With the status of each as `standing`, made of its facts and the company's calendar."""
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
        """With `amount_paid`, which a refund does not lower, and the `balance` that is owed."""
        from .payments import Payment

        taken = Payment.objects.taken().order_by().filter(invoice_id=OuterRef("pk"))
        total = taken.values("invoice_id").values(total=Sum("amount"))
        paid = Coalesce(Subquery(total, models.BigIntegerField()), Value(0))
        is_owed = Q(issued_at__isnull=False, voided_at__isnull=True)
        return self.annotate(amount_paid=paid).annotate(
            balance=Case(
                When(is_owed, then=F("total") - F("amount_paid")),
                default=Value(0),
                output_field=models.BigIntegerField(),
            )
        )

    def unpaid(self) -> Self:
        """Those that are still to be paid."""
        return self.filter(issued_at__isnull=False, paid_at__isnull=True, voided_at__isnull=True)

    def issued_from(self, day: Any) -> Self:
        """Those issued on a day of the company's calendar or later."""
        return self.filter(issued_at__gte=DayBegins(day, F("company__timezone")))

    def issued_until(self, day: Any) -> Self:
        """Those issued on a day of the company's calendar or before."""
        return self.filter(issued_at__lt=DayBegins(NextDay(day), F("company__timezone")))

    def known_as(self, typed: str) -> models.QuerySet[Any, Any]:
        """The ids of those that somebody may mean who types a number, or some of it: a few.

        INV-2026-00042 in any case and without INV-, the beginning of such a number, 42 for one of
        this year or the last, or an external id.
        """
        number, year = typed.upper(), timezone.localdate().year
        whole = number if number.startswith(PREFIX) else f"{PREFIX}{number}"
        ways = [Q(number=whole) & ~Q(number=""), Q(external_id=typed) & ~Q(external_id="")]
        if number.isdecimal() and len(number) <= SHORT:
            meant = [f"{PREFIX}{one}-{int(number):05}" for one in (year, year - 1)]
            ways.append(Q(number__in=meant) & ~Q(number=""))
        else:
            begins = Q(number__gte=whole, number__lt=f"{whole}\U0010ffff")
            ways.append(begins & Q(number__startswith=whole) & ~Q(number=""))
        few = (self.filter(way).order_by("-number").values("pk")[:FEW] for way in ways)
        return next(few).union(*few)

    def in_status(self, status: str) -> Self:
        """Those of one status; what the index of open ones knows is said in its own words."""
        rows = self.with_standing().filter(standing=status)
        if status in (Invoice.Status.DRAFT, Invoice.Status.PENDING, Invoice.Status.OVERDUE):
            return rows.filter(paid_at__isnull=True, voided_at__isnull=True)
        return rows


class Invoice(TenantModel):
    """What a customer was asked for; money in the currency's smallest unit, tax in percent.

    It is a draft until it is issued, which gives it the next `number` of its year. Tax is on the
    discounted sum, rounded half up, once for the whole invoice. Sums never change, and neither does
    what was done: `issued_at`, `paid_at` and `voided_at` are set once.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        PENDING = "pending", _("pending")
        PAID = "paid", _("paid")
        OVERDUE = "overdue", _("overdue")
        VOID = "void", _("void")

    customer = TenantForeignKey(Customer, related_name="invoices")
    number = models.CharField(_("number"), max_length=20, blank=True, editable=False)
    external_id = models.CharField(_("external id"), max_length=200, blank=True, editable=False)
    currency = CurrencyField(_("currency"), editable=False)
    subtotal = MoneyField(_("subtotal"), editable=False)
    discount = MoneyField(_("discount"), default=0)
    discount_description = models.CharField(_("discounted for"), max_length=200, blank=True)
    tax_rate = models.DecimalField(_("tax in percent"), max_digits=7, decimal_places=4, default=0)
    tax = MoneyField(_("tax"), editable=False)
    total = MoneyField(_("total"), editable=False)
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
            models.UniqueConstraint(
                fields=("company", "number"), condition=~Q(number=""), name="invoice_number_once"
            ),
            models.UniqueConstraint(
                fields=("company", "external_id"),
                condition=~Q(external_id=""),
                name="invoice_external_id_once",
            ),
            models.CheckConstraint(
                condition=Q(number="", issued_at__isnull=True)
                | (~Q(number="") & Q(issued_at__isnull=False)),
                name="invoice_numbered_when_issued",
            ),
            models.CheckConstraint(
                condition=Q(paid_at__isnull=True) | Q(issued_at__isnull=False),
                name="invoice_issued_before_paid",
            ),
            models.CheckConstraint(
                condition=Q(discount__gte=0, discount__lte=F("subtotal")), name="invoice_discount"
            ),
            models.CheckConstraint(
                condition=Q(tax_rate__gte=0, tax_rate__lte=100), name="invoice_tax_rate"
            ),
            models.CheckConstraint(
                condition=Q(tax=TaxOf(F("subtotal"), F("discount"), F("tax_rate"))),
                name="invoice_tax",
            ),
            models.CheckConstraint(
                condition=Q(total=F("subtotal") - F("discount") + F("tax")), name="invoice_total"
            ),
        ]
        indexes = (
            models.Index(fields=("company", "customer", "id"), name="invoice_of_customer"),
            models.Index(
                fields=("company", "customer"),
                name="invoice_open",
                condition=Q(paid_at__isnull=True, voided_at__isnull=True),
            ),
            models.Index(fields=("company", "issued_at", "id"), name="invoice_by_time"),
            models.Index(fields=("company", "number", "id"), name="invoice_by_number"),
        )

    def __str__(self) -> str:
        return self.number or str(_("Draft"))

    @property
    def status(self) -> str:
        """A fact, not a column: `with_standing` is its one home, and asked where it was not."""
        standing = self.__dict__.get("standing")
        if standing is None:
            standing = vars(Invoice.objects.with_standing().get(pk=self.pk))["standing"]
        return str(standing)


class InvoiceLineQuerySet(TenantQuerySet["InvoiceLine"]):
    """Lines of invoices."""


class InvoiceLine(TenantModel):
    """So many pieces of something, at a price each."""

    invoice = TenantForeignKey(Invoice, related_name="lines")
    position = models.PositiveSmallIntegerField(_("position"))
    description = models.CharField(_("description"), max_length=500)
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    unit_price = MoneyField(_("price each"))
    total = MoneyField(_("total"), editable=False)

    objects = InvoiceLineQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("line")
        verbose_name_plural = _("lines")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=("company", "invoice", "position"), name="invoice_line_position"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, unit_price__gte=0), name="invoice_line_amounts"
            ),
            models.CheckConstraint(
                condition=Q(total=F("quantity") * F("unit_price")), name="invoice_line_total"
            ),
        ]

    def __str__(self) -> str:
        return self.description


class InvoiceSeriesQuerySet(TenantQuerySet["InvoiceSeries"]):
    """Counters of invoices."""


class InvoiceSeries(TenantModel):
    """How many invoices a company has issued in a year: the counter behind their numbers."""

    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField()

    objects = InvoiceSeriesQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("invoice series")
        verbose_name_plural = _("invoice series")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=("company", "year"), name="invoice_series_once"),
        ]

    def __str__(self) -> str:
        return f"INV-{self.year}-{self.last:05}"
