from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from billing.models.money import MOST
from config.access.actors import Actor
from config.statements.inserting import insert
from credits.durations import read_duration
from customers.errors import AlreadyArchived

from ..errors import FacilitatorArchived, InvalidMedia, InvalidService
from ..models import Facilitator, Media, Service
from ..models.catalogue import LONGEST
from .prices import currency_of


@transaction.atomic
def create_service(service: Service, *, actor: Actor) -> Service:
    """Offer a service, in the company's currency; raises InvalidService."""
    service.company_id, service.currency = actor.company_id, currency_of(actor)
    _check_service(service)
    insert(service)
    return service


@transaction.atomic
def change_service(service: Service, *, changes: dict[str, Any], actor: Actor) -> Service:
    """Change what is booked from now on; bookings stay as they are.

    Raises AlreadyArchived or InvalidService.
    """
    service = _changed(service, changes, "service", actor)
    _check_service(service)
    service.save(update_fields=[*changes, "updated_at"])
    return service


@transaction.atomic
def create_facilitator(facilitator: Facilitator, *, actor: Actor) -> Facilitator:
    """Take on somebody who does services and leads events; raises InvalidService without a name."""
    facilitator.company_id = actor.company_id
    _check_name(facilitator, InvalidService)
    insert(facilitator)
    return facilitator


@transaction.atomic
def change_facilitator(
    facilitator: Facilitator, *, changes: dict[str, Any], actor: Actor
) -> Facilitator:
    """Change a facilitator; raises AlreadyArchived or InvalidService."""
    facilitator = _changed(facilitator, changes, "facilitator", actor)
    _check_name(facilitator, InvalidService)
    facilitator.save(update_fields=[*changes, "updated_at"])
    return facilitator


def check_facilitator(facilitator_id: UUID | None, *, actor: Actor) -> None:
    """Raise FacilitatorArchived unless this one, if any, can be booked."""
    facilitators = Facilitator.objects.visible_to(actor).live()
    if facilitator_id is not None and not facilitators.filter(pk=facilitator_id).exists():
        raise FacilitatorArchived


@transaction.atomic
def create_media(media: Media, *, actor: Actor) -> Media:
    """Offer a video or another medium for sale; raises InvalidMedia or NotADuration."""
    media.company_id, media.currency = actor.company_id, currency_of(actor)
    _check_media(media)
    insert(media)
    return media


@transaction.atomic
def change_media(media: Media, *, changes: dict[str, Any], actor: Actor) -> Media:
    """Change what is sold from now on; raises AlreadyArchived, InvalidMedia or NotADuration."""
    media = _changed(media, changes, "medium", actor)
    _check_media(media)
    media.save(update_fields=[*changes, "updated_at"])
    return media


def _changed(row: Any, changes: dict[str, Any], noun: str, actor: Actor) -> Any:
    """Return the row as it is now, locked and with the changes, which are not saved yet."""
    locked = type(row).objects.visible_to(actor).select_for_update(no_key=True).get(pk=row.pk)
    if locked.is_archived:
        raise AlreadyArchived(_("This %(noun)s is archived. Restore it first.") % {"noun": noun})
    for name, value in changes.items():
        setattr(locked, name, value)
    return locked


def _check_name(row: Any, refusal: Any) -> None:
    row.name = row.name.strip()
    if not row.name:
        raise refusal(
            _("name: Say what it is called."), fields={"name": _("Say what it is called.")}
        )


def _check_service(service: Service) -> None:
    _check_name(service, InvalidService)
    if not 1 <= service.duration <= LONGEST:
        _refuse("duration", _("From 1 to %(longest)s minutes.") % {"longest": f"{LONGEST:,}"})
    if not 0 <= service.price <= MOST:
        _refuse("price", _("From 0 to %(most)s of the smallest unit.") % {"most": f"{MOST:,}"})
    if not 0 <= Decimal(service.tax_rate) <= 100:
        _refuse("tax_rate", _("From 0 to 100 percent."))


def _refuse(field: str, sentence: str) -> None:
    raise InvalidService(f"{field}: {sentence}", fields={field: sentence})


def _check_media(media: Media) -> None:
    _check_name(media, InvalidMedia)
    if not 0 <= media.price <= MOST:
        sentence = f"From 0 to {MOST:,} of the smallest unit."
        raise InvalidMedia(f"price: {sentence}", fields={"price": sentence})
    if media.valid_for:
        read_duration(media.valid_for)
