import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from config.tenancy.ids import same_row
from config.tenancy.models import (
    Archivable,
    Named,
    TenantForeignKey,
    TenantModel,
    UpdatedAt,
    check,
    index,
    once,
)
from config.tenancy.money_fields import CurrencyField, MoneyField
from config.tenancy.personal import NOBODYS
from config.tenancy.recording import ARCHIVING, CANCELLING, Recorded, is_set
from config.tenancy.scoping import ArchivableQuerySet, TenantQuerySet
from config.tenancy.tax_fields import TaxBehavior
from config.tenancy.taxes import Taxed, tax_check
from config.times import show_moment

from .catalogue import LONGEST, Facilitator

MOST_SPACES = 100_000

# The M2M surface uses a hyphen in the ids of pricing options.
PRICING_OPTION, OPTION_OF_PLACE = same_row("po_", "po-")


class Event(Taxed, Named):
    """An event with dates; its tax is the default of its pricing options."""

    id_prefix = "evt_"
    recorded = Recorded("event", ARCHIVING)
    personal = NOBODYS

    description = models.TextField(_("description"), max_length=2000, blank=True)
    currency = CurrencyField(_("currency"), editable=False)
    updated_at = UpdatedAt(_("updated at"))

    objects = ArchivableQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("event")
        verbose_name_plural = _("events")
        constraints = [
            *TenantModel.Meta.constraints,
            check("event_tax_rate", Q(tax_rate__gte=0, tax_rate__lte=100)),
            check("event_tax_behavior", Q(tax_behavior__in=TaxBehavior.values)),
        ]


class PricingOption(Taxed, Archivable):
    """One way to pay for a place: its price, with tax or without, or `visits` of a pass."""

    id_prefix = PRICING_OPTION
    recorded = Recorded("pricing_option", ARCHIVING)
    personal = NOBODYS

    event = TenantForeignKey(Event, related_name="pricing_options")
    name = models.CharField(_("name"), max_length=200)
    price = MoneyField(_("price"))
    visits = models.PositiveIntegerField(_("visits of a pass"), default=1)

    objects = ArchivableQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("pricing option")
        verbose_name_plural = _("pricing options")
        constraints = [
            *TenantModel.Meta.constraints,
            once(
                "pricing_option_once",
                "event",
                "name",
                condition=Q(archived_at__isnull=True),
                message=_("This event has a pricing option of this name."),
            ),
            check("pricing_option_price", Q(price__gte=0, visits__gte=1)),
            tax_check("pricing_option_taxed"),
        ]
        indexes = (index("pricing_option_of_event", "event"),)

    def __str__(self) -> str:
        return self.name


class ScheduledQuerySet[M: models.Model](TenantQuerySet[M]):
    """Rows with a start time."""

    def nearest(self, now: datetime.datetime, begun: int, to_come: int) -> Self:
        """Return the rows that began last and those that begin next, at most this many of each."""
        last = self.filter(starts_at__lte=now).order_by("-starts_at", "-id").values("pk")
        following = self.filter(starts_at__gt=now).order_by("starts_at", "id").values("pk")
        return self.filter(Q(pk__in=last[:begun]) | Q(pk__in=following[:to_come]))


class EventDateQuerySet(ScheduledQuerySet["EventDate"]):
    """Dates of events."""

    def upcoming(self) -> Self:
        """Dates that have not begun and are not cancelled."""
        return self.filter(starts_at__gt=Now(), cancelled_at__isnull=True)


class EventDate(TenantModel):
    """A date of an event: its time, its duration in minutes and its capacity.

    The database computes `spaces_taken` from the bookings that are not cancelled.
    """

    id_prefix = "date_"
    recorded = Recorded("event_date", (*CANCELLING, is_set("moved", "starts_at")))
    personal = NOBODYS

    event = TenantForeignKey(Event, related_name="dates")
    facilitator = TenantForeignKey(
        Facilitator, verbose_name=_("led by"), related_name="dates", null=True, blank=True
    )
    starts_at = models.DateTimeField(_("begins"))
    duration = models.PositiveIntegerField(_("minutes"))
    capacity = models.PositiveIntegerField(_("spaces"))
    spaces_taken = models.PositiveIntegerField(_("taken"), db_default=0, editable=False)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, editable=False)
    updated_at = UpdatedAt(_("updated at"))

    objects = EventDateQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("event date")
        verbose_name_plural = _("event dates")
        constraints = [
            *TenantModel.Meta.constraints,
            # Bookings refer to all three columns, so that a place has the time of its date.
            models.UniqueConstraint(fields=("id", "starts_at", "duration"), name="event_date_when"),
            check("event_date_duration", Q(duration__gte=1, duration__lte=LONGEST)),
            check("event_date_capacity", Q(spaces_taken__gte=0, spaces_taken__lte=F("capacity"))),
            check(
                "event_date_cancelled_is_empty", Q(cancelled_at__isnull=True) | Q(spaces_taken=0)
            ),
        ]
        indexes = (
            index("event_date_of_event", "event", "starts_at"),
            index("event_date_by_time", "starts_at", "id"),
        )

    def __str__(self) -> str:
        return f"{self.event}, {show_moment(self.starts_at)}"

    @property
    def ends_at(self) -> datetime.datetime:
        return self.starts_at + datetime.timedelta(minutes=self.duration)

    @property
    def is_cancelled(self) -> bool:
        return self.cancelled_at is not None

    @property
    def spaces_left(self) -> int:
        return self.capacity - self.spaces_taken
