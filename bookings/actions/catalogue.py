from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from billing.actions.tax import check_tax, fill_tax
from config.durations import check_duration
from config.errors import Refusal
from config.statements.changing import Changes, apply_changes, save_changes
from config.statements.inserting import insert
from config.tenancy.actors import Actor
from config.tenancy.archiving import lock_live
from config.tenancy.companies import currency_of
from config.tenancy.days import zone_of
from config.tenancy.errors import AlreadyArchived
from config.tenancy.models import Named
from config.tenancy.money_fields import check_amount
from config.tenancy.money_permissions import MoneyAction, check_money_action, check_price_change
from config.times import show_span

from ..errors import EventFull, FacilitatorArchived, FacilitatorBusy, InvalidMedia, InvalidService
from ..models import Booking, EventDate, Facilitator, Media, PricingOption, Service
from ..models.catalogue import LONGEST
from ..models.engagements import Engagement
from ..models.events import MOST_SPACES


@transaction.atomic
def create_service(service: Service, *, actor: Actor) -> Service:
    """Create a service, by default with the company's currency and tax.

    Raises InvalidService.
    """
    check_money_action(actor, MoneyAction.CHANGE_PRICES)
    service.company_id, service.currency = actor.company_id, currency_of(actor.company_id)
    fill_tax(service, company_id=actor.company_id, refusal=InvalidService)
    _check_service(service)
    insert(service)
    return service


@transaction.atomic
def change_service(service: Service, *, changes: Changes, actor: Actor) -> Service:
    """Change a service for future bookings; existing bookings do not change.

    Raises AlreadyArchived or InvalidService.
    """
    service = lock_live(service, actor=actor)
    changed = apply_changes(service, changes)
    check_price_change(actor, changed)
    _check_service(service)
    save_changes(service, changed)
    return service


@transaction.atomic
def create_facilitator(facilitator: Facilitator, *, actor: Actor) -> Facilitator:
    """Create a facilitator; raises InvalidService without a name."""
    facilitator.company_id = actor.company_id
    check_name(facilitator, refusal=InvalidService)
    insert(facilitator)
    return facilitator


@transaction.atomic
def change_facilitator(facilitator: Facilitator, *, changes: Changes, actor: Actor) -> Facilitator:
    """Change a facilitator; raises AlreadyArchived or InvalidService."""
    facilitator = lock_live(facilitator, actor=actor)
    changed = apply_changes(facilitator, changes)
    check_name(facilitator, refusal=InvalidService)
    save_changes(facilitator, changed)
    return facilitator


def check_facilitator(facilitator_id: UUID | None, *, actor: Actor) -> None:
    """Raise FacilitatorArchived if the facilitator is archived; None passes."""
    facilitators = Facilitator.objects.visible_to(actor).live()
    if facilitator_id is not None and not facilitators.filter(pk=facilitator_id).exists():
        raise FacilitatorArchived


def facilitator_busy(row: Booking | EventDate, *, actor: Actor) -> FacilitatorBusy:
    """Return the refusal that names the facilitator and the time of the other booking."""
    assert row.duration is not None
    assert row.facilitator_id is not None
    ends_at = row.starts_at + timedelta(minutes=row.duration)
    others = Engagement.objects.visible_to(actor).exclude(pk=row.pk)
    taken = others.filter(
        facilitator_id=row.facilitator_id, during__overlap=(row.starts_at, ends_at)
    )
    first = taken.select_related("facilitator").order_by("during").first()
    if first is None:
        return FacilitatorBusy()
    zone = zone_of(actor.company_id)
    begins_at = first.during.lower
    minutes = (first.during.upper - begins_at) // timedelta(minutes=1)
    facts = {
        "facilitator": first.facilitator.name,
        "time": show_span(begins_at, minutes, zone),
        "zone": zone,
    }
    text = _(
        "%(facilitator)s is booked on %(time)s (%(zone)s). Choose another time or another "
        "facilitator."
    )
    return FacilitatorBusy(text % facts)


@transaction.atomic
def create_media(media: Media, *, actor: Actor) -> Media:
    """Create a medium, by default with the company's currency and tax.

    Raises InvalidMedia or NotADuration.
    """
    check_money_action(actor, MoneyAction.CHANGE_PRICES)
    media.company_id, media.currency = actor.company_id, currency_of(actor.company_id)
    fill_tax(media, company_id=actor.company_id, refusal=InvalidMedia)
    _check_media(media)
    insert(media)
    return media


@transaction.atomic
def change_media(media: Media, *, changes: Changes, actor: Actor) -> Media:
    """Change a medium for future sales; raises AlreadyArchived, InvalidMedia or NotADuration."""
    refusal = AlreadyArchived(_("This medium is archived. Restore it first."))
    media = lock_live(media, refusal=refusal, actor=actor)
    changed = apply_changes(media, changes)
    check_price_change(actor, changed)
    _check_media(media)
    save_changes(media, changed)
    return media


def check_name(row: Named | PricingOption, *, refusal: type[Refusal]) -> None:
    """Trim a name; raises the refusal if it is empty."""
    row.name = row.name.strip()
    if not row.name:
        raise refusal.at("name", _("Must not be blank. Send a name."))


def check_minutes(minutes: int, *, refusal: type[Refusal]) -> None:
    """Raise the refusal for `duration` unless `minutes` is from one minute to one week."""
    if not 1 <= minutes <= LONGEST:
        bounds = {"longest": f"{LONGEST:,}", "minutes": minutes}
        sentence = _("Must be from 1 to %(longest)s minutes; got “%(minutes)s”.") % bounds
        raise refusal.at("duration", sentence)


def check_spaces(number: int, *, field: str, refusal: type[Refusal]) -> None:
    """Raise the refusal at the field unless the number is between 1 and MOST_SPACES."""
    if not 1 <= number <= MOST_SPACES:
        bounds = {"most_spaces": f"{MOST_SPACES:,}", "number": number}
        raise refusal.at(field, _("Must be from 1 to %(most_spaces)s; got “%(number)s”.") % bounds)


def _check_service(service: Service) -> None:
    check_name(service, refusal=InvalidService)
    check_minutes(service.duration, refusal=InvalidService)
    check_amount(service.price, field="price", refusal=InvalidService)
    check_tax(service, refusal=InvalidService)


def _check_media(media: Media) -> None:
    check_name(media, refusal=InvalidMedia)
    check_amount(media.price, field="price", refusal=InvalidMedia)
    check_tax(media, refusal=InvalidMedia)
    if media.valid_for:
        check_duration(media.valid_for)


def event_full(place: Booking, *, actor: Actor) -> EventFull:
    """Return the refusal with the number of spaces left."""
    assert place.event_date_id is not None
    date = EventDate.objects.visible_to(actor).get(pk=place.event_date_id)
    facts = {"asked": place.spaces, "left": date.capacity - date.spaces_taken}
    text = _("Spaces asked for: %(asked)s. Spaces left: %(left)s. Book fewer, or another date.")
    return EventFull(text % facts)
