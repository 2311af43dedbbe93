from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from billing.models.money import CurrencyField, MoneyField
from config.access.days import DayBegins, NextDay
from config.access.models import Archivable, TenantForeignKey, TenantModel
from config.access.tenancy import ArchivableQuerySet, TenantQuerySet
from config.times import show_moment

from .catalogue import LONGEST, Facilitator

MOST_SPACES = 100_000


class EventQuerySet(ArchivableQuerySet["Event"]):
    """What people come to."""


class Event(Archivable, TenantModel):
    """Something that people come to, on its dates; tax in percent on each place."""

    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("description"), max_length=2000, blank=True)
    tax_rate = models.DecimalField(_("tax in percent"), max_digits=7, decimal_places=4, default=0)
    currency = CurrencyField(_("currency"), editable=False)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    objects = EventQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("event")
        verbose_name_plural = _("events")
        constraints = [
            *TenantModel.Meta.constraints,
            models.CheckConstraint(
                name="event_tax_rate", condition=Q(tax_rate__gte=0, tax_rate__lte=100)
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PricingOptionQuerySet(ArchivableQuerySet["PricingOption"]):
    """What places cost."""


class PricingOption(Archivable, TenantModel):
    """One way to pay for a place: its price before tax, or so many `visits` of a pass."""

    event = TenantForeignKey(Event, related_name="pricing_options")
    name = models.CharField(_("name"), max_length=200)
    price = MoneyField(_("price"))
    visits = models.PositiveIntegerField(_("visits of a pass"), default=1)

    objects = PricingOptionQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("pricing option")
        verbose_name_plural = _("pricing options")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=("company", "event", "name"),
                condition=Q(archived_at__isnull=True),
                name="pricing_option_once",
                violation_error_message=_("This event has a pricing option of this name."),
            ),
            models.CheckConstraint(
                name="pricing_option_price", condition=Q(price__gte=0, visits__gte=1)
            ),
        ]
        indexes = (models.Index(fields=("company", "event"), name="pricing_option_of_event"),)

    def __str__(self) -> str:
        return self.name


class EventDateQuerySet(TenantQuerySet["EventDate"]):
    """When events are."""

    def upcoming(self) -> Self:
        """Those that are still to begin and were not cancelled."""
        return self.filter(starts_at__gt=Now(), cancelled_at__isnull=True)

    def starting_from(self, day: object) -> Self:
        """Those on a day of the company's calendar or later."""
        return self.filter(starts_at__gte=DayBegins(day, F("company__timezone")))

    def starting_until(self, day: object) -> Self:
        """Those on a day of the company's calendar or before."""
        return self.filter(starts_at__lt=DayBegins(NextDay(day), F("company__timezone")))


class EventDate(TenantModel):
    """When an event is, for how many minutes, and how many spaces it has.

    `spaces_taken` is kept by the database itself, from the bookings that are not cancelled.
    """

    event = TenantForeignKey(Event, related_name="dates")
    facilitator = TenantForeignKey(
        Facilitator, verbose_name=_("led by"), related_name="dates", null=True, blank=True
    )
    starts_at = models.DateTimeField(_("begins"))
    duration = models.PositiveIntegerField(_("minutes"))
    capacity = models.PositiveIntegerField(_("spaces"))
    spaces_taken = models.PositiveIntegerField(_("taken"), db_default=0, editable=False)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, editable=False)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    objects = EventDateQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("event date")
        verbose_name_plural = _("event dates")
        constraints = [
            *TenantModel.Meta.constraints,
            # Bookings point at all three, so that a place is when its date is.
            models.UniqueConstraint(fields=("id", "starts_at", "duration"), name="event_date_when"),
            models.CheckConstraint(
                name="event_date_duration", condition=Q(duration__gte=1, duration__lte=LONGEST)
            ),
            models.CheckConstraint(
                name="event_date_capacity",
                condition=Q(spaces_taken__gte=0, spaces_taken__lte=F("capacity")),
            ),
            models.CheckConstraint(
                name="event_date_cancelled_is_empty",
                condition=Q(cancelled_at__isnull=True) | Q(spaces_taken=0),
            ),
        ]
        indexes = (
            models.Index(fields=("company", "event", "starts_at"), name="event_date_of_event"),
            models.Index(fields=("company", "starts_at", "id"), name="event_date_by_time"),
        )

    def __str__(self) -> str:
        return f"{self.event}, {show_moment(self.starts_at)}"

    @property
    def is_cancelled(self) -> bool:
        return self.cancelled_at is not None

    @property
    def spaces_left(self) -> int:
        return self.capacity - self.spaces_taken
