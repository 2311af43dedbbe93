from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from billing.models import Invoice
from billing.models.invoices import TaxOf
from billing.models.money import MoneyField
from config.access.days import DayBegins, NextDay
from config.access.models import TenantForeignKey, TenantModel
from config.access.tenancy import TenantQuerySet
from config.times import show_moment
from customers.models import Address, Customer

from .catalogue import LONGEST, Facilitator, Service
from .events import MOST_SPACES, EventDate, PricingOption
from .payable import Payable, PayableQuerySet


class TransactionQuerySet(TenantQuerySet["Transaction"]):
    """Event places bought together."""

    def purchased_from(self, day: object) -> Self:
        """Those bought on a day of the company's calendar or later."""
        return self.filter(purchased_at__gte=DayBegins(day, F("company__timezone")))

    def purchased_until(self, day: object) -> Self:
        """Those bought on a day of the company's calendar or before."""
        return self.filter(purchased_at__lt=DayBegins(NextDay(day), F("company__timezone")))

    def with_future_places(self) -> Self:
        """Those with a place at something that is still to begin and was not cancelled."""
        places = Booking.objects.counted().filter(starts_at__gt=Now(), transaction__isnull=False)
        return self.filter(id__in=places.values("transaction_id"))


class Transaction(TenantModel):
    """Event places that one customer bought together, for themselves and for others."""

    customer = TenantForeignKey(Customer, verbose_name=_("bought by"), related_name="transactions")
    purchased_at = models.DateTimeField(_("bought at"), db_default=Now(), editable=False)

    objects = TransactionQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("event purchase")
        verbose_name_plural = _("event purchases")
        indexes = (models.Index(fields=("company", "customer", "id"), name="txn_of_customer"),)

    def __str__(self) -> str:
        return f"{self.customer}, {self.purchased_at:%Y-%m-%d}"


class BookingQuerySet(PayableQuerySet["Booking"]):
    """Appointments, and places at events."""

    # A void invoice pays for nothing, save for what was cancelled with it.
    settled = Q(invoice__paid_at__isnull=False) & (
        Q(invoice__voided_at__isnull=True) | Q(cancelled_at__isnull=False)
    )
    money = (*PayableQuerySet.money, ("invoice__total", "invoice_id", "invoice_id"))

    def appointments(self) -> Self:
        return self.filter(kind=Booking.Kind.APPOINTMENT)

    def places(self) -> Self:
        return self.filter(kind=Booking.Kind.PLACE)

    def counted(self) -> Self:
        """All but cancelled."""
        return self.exclude(status=Booking.Status.CANCELLED)

    def open(self) -> Self:
        """Those that are still to come about: confirmed or in progress."""
        return self.filter(status__in=Booking.OPEN)

    def starting_from(self, day: object) -> Self:
        """Those on a day of the company's calendar or later."""
        return self.filter(starts_at__gte=DayBegins(day, F("company__timezone")))

    def starting_until(self, day: object) -> Self:
        """Those on a day of the company's calendar or before."""
        return self.filter(starts_at__lt=DayBegins(NextDay(day), F("company__timezone")))

    def in_zone(self, zone_id: object) -> Self:
        """Those at an address in a service zone; without one of their own, the customer's."""
        addresses = Address.objects.in_zone(zone_id)
        return self.filter(
            Q(address_id__in=addresses.values("id"))
            | Q(address__isnull=True, customer_id__in=addresses.values("customer_id"))
        )


class Booking(Payable):
    """A customer's appointment, or places for them at an event date; `duration` in minutes.

    Prices are before tax; tax is on the discounted sum, rounded half up. A place is always when its
    event date is: the database moves it along. `customer` is who comes; who bought places stands
    in their transaction.
    """

    class Kind(models.TextChoices):
        APPOINTMENT = "appointment", _("appointment")
        PLACE = "place", _("place at an event")

    class Status(models.TextChoices):
        CONFIRMED = "confirmed", _("confirmed")
        IN_PROGRESS = "in_progress", _("in progress")
        COMPLETED = "completed", _("completed")
        NO_SHOW = "no_show", _("did not come")
        CANCELLED = "cancelled", _("cancelled")

    OPEN = (Status.CONFIRMED, Status.IN_PROGRESS)

    kind = models.CharField(_("kind"), max_length=11, choices=Kind.choices, editable=False)
    customer = TenantForeignKey(Customer, verbose_name=_("customer"), related_name="bookings")
    starts_at = models.DateTimeField(_("begins"))
    duration = models.PositiveIntegerField(_("minutes"))
    status = models.CharField(
        _("status"),
        max_length=11,
        choices=Status.choices,
        default=Status.CONFIRMED,
        editable=False,
    )
    notes = models.TextField(_("notes"), max_length=2000, blank=True)

    service = TenantForeignKey(
        Service, verbose_name=_("service"), related_name="bookings", null=True, blank=True
    )
    facilitator = TenantForeignKey(
        Facilitator, verbose_name=_("with"), related_name="bookings", null=True, blank=True
    )
    address = TenantForeignKey(
        Address, verbose_name=_("at"), related_name="+", null=True, blank=True
    )
    configuration = models.JSONField(_("configuration"), default=dict, blank=True)

    transaction = TenantForeignKey(Transaction, related_name="bookings", null=True, editable=False)
    event_date = TenantForeignKey(
        EventDate, verbose_name=_("event date"), related_name="bookings", null=True, blank=True
    )
    pricing_option = TenantForeignKey(
        PricingOption, verbose_name=_("price"), related_name="+", null=True, blank=True
    )
    spaces = models.PositiveIntegerField(_("spaces"), default=1)

    subtotal = MoneyField(_("price before tax"))
    discount = MoneyField(_("discount"), default=0)
    tax_rate = models.DecimalField(_("tax in percent"), max_digits=7, decimal_places=4, default=0)
    tax = MoneyField(_("tax"), editable=False)
    invoice = TenantForeignKey(Invoice, null=True, editable=False, related_name="+")

    started_at = models.DateTimeField(_("started at"), null=True, editable=False)
    completed_at = models.DateTimeField(_("completed at"), null=True, editable=False)
    missed_at = models.DateTimeField(_("missed at"), null=True, editable=False)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, editable=False)
    cancelled_by = models.CharField(_("cancelled by"), max_length=255, blank=True, editable=False)
    reason = models.CharField(_("cancelled because"), max_length=500, blank=True, editable=False)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    objects = BookingQuerySet.as_manager()

    class Meta(Payable.Meta):
        verbose_name = _("booking")
        verbose_name_plural = _("bookings")
        constraints = [
            *Payable.Meta.constraints,
            models.UniqueConstraint(
                fields=("company", "invoice"),
                condition=Q(invoice__isnull=False),
                name="booking_invoice",
            ),
            models.CheckConstraint(
                name="booking_is_of_a_kind",
                condition=Q(
                    kind="appointment",
                    service__isnull=False,
                    event_date__isnull=True,
                    pricing_option__isnull=True,
                    transaction__isnull=True,
                    spaces=1,
                )
                | Q(
                    kind="place",
                    service__isnull=True,
                    facilitator__isnull=True,
                    address__isnull=True,
                    event_date__isnull=False,
                    pricing_option__isnull=False,
                    transaction__isnull=False,
                    spaces__gte=1,
                    spaces__lte=MOST_SPACES,
                ),
            ),
            models.CheckConstraint(
                name="booking_duration", condition=Q(duration__gte=1, duration__lte=LONGEST)
            ),
            models.CheckConstraint(
                name="booking_status_has_its_moment",
                condition=Q(
                    status="confirmed",
                    started_at__isnull=True,
                    completed_at__isnull=True,
                    missed_at__isnull=True,
                    cancelled_at__isnull=True,
                )
                | Q(
                    status="in_progress",
                    started_at__isnull=False,
                    completed_at__isnull=True,
                    missed_at__isnull=True,
                    cancelled_at__isnull=True,
                )
                | Q(
                    status="completed",
                    completed_at__isnull=False,
                    missed_at__isnull=True,
                    cancelled_at__isnull=True,
                )
                | Q(
                    status="no_show",
                    missed_at__isnull=False,
                    completed_at__isnull=True,
                    cancelled_at__isnull=True,
                )
                | Q(
                    status="cancelled",
                    cancelled_at__isnull=False,
                    completed_at__isnull=True,
                    missed_at__isnull=True,
                ),
            ),
            models.CheckConstraint(
                name="booking_discount", condition=Q(discount__gte=0, discount__lte=F("subtotal"))
            ),
            models.CheckConstraint(
                name="booking_tax",
                condition=Q(
                    tax_rate__gte=0,
                    tax_rate__lte=100,
                    tax=TaxOf(F("subtotal"), F("discount"), F("tax_rate")),
                ),
            ),
            models.CheckConstraint(
                name="booking_total", condition=Q(total=F("subtotal") - F("discount") + F("tax"))
            ),
        ]
        indexes = (
            models.Index(fields=("company", "customer", "id"), name="booking_of_customer"),
            models.Index(
                fields=("company", "customer", "starts_at"),
                name="booking_counted",
                condition=~Q(status="cancelled"),
            ),
            models.Index(
                fields=("company", "customer", "cancelled_at"),
                name="booking_cancelled",
                condition=Q(status="cancelled"),
            ),
            models.Index(fields=("company", "starts_at", "id"), name="booking_by_time"),
            *(
                models.Index(
                    fields=("company", name),
                    name=f"booking_{name}",
                    condition=Q(**{f"{name}__isnull": False}),
                )
                for name in ("transaction", "event_date", "payment")
            ),
        )

    def __str__(self) -> str:
        what = self.service or (self.event_date and self.event_date.event)
        return f"{self.customer}: {what}, {show_moment(self.starts_at)}"

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    @property
    def is_appointment(self) -> bool:
        return self.kind == self.Kind.APPOINTMENT
