import datetime
from typing import Self

from django.db import models
from django.db.models import ExpressionWrapper, F, Q, Value
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from billing.models.taxes import TaxOn
from config.tenancy.ids import same_row
from config.tenancy.merging import Moves
from config.tenancy.models import TenantForeignKey, check, index, once
from config.tenancy.money_fields import MoneyField
from config.tenancy.personal import Personal
from config.tenancy.recording import CANCELLING, EventRule, Recorded, is_set
from config.tenancy.scoping import Key
from config.tenancy.tax_fields import TaxBehavior
from config.tenancy.taxes import Taxed
from config.times import show_moment
from customers.models import Address, Customer

from .catalogue import LONGEST, Facilitator, Service
from .events import MOST_SPACES, EventDate, PricingOption, ScheduledQuerySet
from .payable import UNPAID, Payable, PayableQuerySet

# Each surface shows the id of a booking with its own prefix.
BOOKING, APPOINTMENT, PLACE = same_row("bk_", "appt_", "booking_")


class BookingQuerySet(  # type: ignore[override]
    ScheduledQuerySet["Booking"], PayableQuerySet["Booking"]
):
    """Appointments, and places at events."""

    def appointments(self) -> Self:
        return self.filter(kind=Booking.Kind.APPOINTMENT)

    def places(self) -> Self:
        return self.filter(kind=Booking.Kind.PLACE)

    def counted(self) -> Self:
        """Bookings that are not cancelled."""
        return self.exclude(status=Booking.Status.CANCELLED)

    def open(self) -> Self:
        """Bookings that are confirmed or in progress."""
        return self.filter(status__in=Booking.OPEN)

    def ahead(self) -> Self:
        """Open bookings that have not begun."""
        # `counted` is the condition of the index.
        return self.counted().open().filter(starts_at__gt=Now())

    def attended(self) -> Self:
        """Places in progress whose event date is over."""
        lasts = ExpressionWrapper(
            F("duration") * Value(datetime.timedelta(minutes=1)),
            output_field=models.DurationField(),
        )
        in_progress = self.places().filter(status=Booking.Status.IN_PROGRESS)
        return in_progress.filter(starts_at__lte=Now() - lasts)

    def in_zone(self, zone_id: Key) -> Self:
        """Bookings at an address in a service zone, by default at one of the customer's."""
        addresses = Address.objects.in_zone(zone_id)
        return self.filter(
            Q(address_id__in=addresses.values("id"))
            | Q(address__isnull=True, customer_id__in=addresses.values("customer_id"))
        )

    def with_facilitator(self, facilitator_id: Key) -> Self:
        """Appointments with a facilitator, and places at the facilitator's event dates."""
        own = self.filter(facilitator_id=facilitator_id).order_by().values("id")
        led = self.filter(event_date__facilitator_id=facilitator_id).order_by().values("id")
        # Each side has an index; an OR of the two would read every booking of the company.
        return self.filter(id__in=own.union(led, all=True))


class Booking(Taxed, Payable):
    """A customer's appointment, or places for them at an event date; `duration` in minutes.

    The tax is computed on the subtotal less the discount, by `tax_behavior`. A place always has the
    time of its event date: the database keeps both equal. `customer` is the person who comes; the
    customer of the transaction buys the places. `moved_late_from` is the former start of a booking
    that was moved when cancelling was already late: cancelling stays late.
    """

    id_prefix = BOOKING
    recorded = Recorded(
        "booking",
        (
            *CANCELLING,
            EventRule("reopened", "status", "confirmed"),
            is_set("no_show", "missed_at"),
            is_set("completed", "completed_at"),
            is_set("started", "started_at"),
            is_set("moved", "starts_at"),
        ),
    )
    merging = {"customer": Moves()}

    personal = Personal(erase=("notes", "configuration", "reason"), impersonal=("cancelled_by",))

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
    customer = TenantForeignKey(
        "customers.Customer", verbose_name=_("customer"), related_name="bookings"
    )
    starts_at = models.DateTimeField(_("begins"))
    duration = models.PositiveIntegerField(_("minutes"))
    status = models.CharField(
        _("status"), max_length=11, choices=Status.choices, default=Status.CONFIRMED, editable=False
    )
    notes = models.TextField(_("notes"), max_length=2000, blank=True)

    service = TenantForeignKey(
        Service, verbose_name=_("service"), related_name="bookings", null=True, blank=True
    )
    facilitator = TenantForeignKey(
        Facilitator, verbose_name=_("with"), related_name="bookings", null=True, blank=True
    )
    address = TenantForeignKey(
        "customers.Address", verbose_name=_("at"), related_name="+", null=True, blank=True
    )
    configuration = models.JSONField(_("configuration"), default=dict, blank=True)

    transaction = TenantForeignKey(
        "bookings.Transaction", related_name="bookings", null=True, editable=False
    )
    event_date = TenantForeignKey(
        EventDate, verbose_name=_("event date"), related_name="bookings", null=True, blank=True
    )
    pricing_option = TenantForeignKey(
        PricingOption, verbose_name=_("price"), related_name="+", null=True, blank=True
    )
    spaces = models.PositiveIntegerField(_("spaces"), default=1)

    subtotal = MoneyField(_("price"))
    discount = MoneyField(_("discount"), default=0)
    tax = MoneyField(_("tax"), editable=False)
    invoice = TenantForeignKey("billing.Invoice", null=True, editable=False, related_name="+")

    moved_late_from = models.DateTimeField(_("moved late from"), null=True, editable=False)
    started_at = models.DateTimeField(_("started at"), null=True, editable=False)
    completed_at = models.DateTimeField(_("completed at"), null=True, editable=False)
    missed_at = models.DateTimeField(_("missed at"), null=True, editable=False)

    objects = BookingQuerySet.as_manager()

    class Meta(Payable.Meta):
        verbose_name = _("booking")
        verbose_name_plural = _("bookings")
        constraints = [
            *Payable.Meta.constraints,
            once("booking_invoice", "invoice", condition=Q(invoice__isnull=False)),
            check(
                "booking_is_of_a_kind",
                Q(
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
            check("booking_duration", Q(duration__gte=1, duration__lte=LONGEST)),
            check(
                "booking_status_has_its_moment",
                Q(
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
            check("booking_discount", Q(discount__gte=0, discount__lte=F("subtotal"))),
            check(
                "booking_tax",
                Q(
                    tax_rate__gte=0,
                    tax_rate__lte=100,
                    tax_behavior__in=TaxBehavior.values,
                    tax=TaxOn(F("subtotal") - F("discount"), F("tax_rate"), F("tax_behavior")),
                ),
            ),
            check(
                "booking_total",
                Q(tax_behavior="exclusive", total=F("subtotal") - F("discount") + F("tax"))
                | Q(tax_behavior="inclusive", total=F("subtotal") - F("discount")),
            ),
        ]
        indexes = (
            index("booking_of_customer", "customer", "id"),
            index("booking_counted", "customer", "starts_at", condition=~Q(status="cancelled")),
            index("booking_cancelled", "customer", "cancelled_at", condition=Q(status="cancelled")),
            index("booking_by_time", "starts_at", "id"),
            index("booking_in_progress", "starts_at", condition=Q(status="in_progress")),
            *(
                index(f"booking_{name}", name, condition=Q(**{f"{name}__isnull": False}))
                for name in ("transaction", "event_date", "payment")
            ),
            index("booking_by_change", "updated_at"),
            index("booking_to_pay", "customer", condition=UNPAID),
        )

    def __str__(self) -> str:
        return f"{self.customer}: {self.offering}, {show_moment(self.starts_at)}"

    @property
    def ends_at(self) -> datetime.datetime:
        return self.starts_at + datetime.timedelta(minutes=self.duration)

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    @property
    def is_appointment(self) -> bool:
        return self.kind == self.Kind.APPOINTMENT

    @property
    def payer(self) -> Customer:
        """The customer who pays; for places, the customer of their transaction."""
        return self.transaction.customer if self.transaction else self.customer

    @property
    def offering(self) -> str:
        if self.event_date is not None:
            return self.event_date.event.name
        return self.service.name if self.service else ""

    @property
    def visits(self) -> int:
        return self.pricing_option.visits * self.spaces if self.pricing_option else 1

    @property
    def usable_from(self) -> datetime.datetime | None:
        return self.starts_at
