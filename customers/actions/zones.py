from django.db import transaction
from django.utils import timezone

from config.access.actors import Actor

from ..errors import AlreadyArchived, NotArchived
from ..models import Zone


@transaction.atomic
def save_zone(zone: Zone, *, actor: Actor) -> Zone:
    """Make or change a service zone; its postal codes stay as typed, trimmed and each once.

    Raises AlreadyArchived for an archived zone.
    """
    if Zone.objects.visible_to(actor).archived().filter(pk=zone.pk).exists():
        raise AlreadyArchived("This zone is archived. Restore it first.")
    zone.company_id = actor.company_id
    trimmed = (code.strip() for code in zone.postal_codes)
    zone.postal_codes = list(dict.fromkeys(code for code in trimmed if code))
    zone.save()
    return zone


@transaction.atomic
def archive_zone(zone: Zone, *, actor: Actor) -> None:
    """Archive a zone; raises AlreadyArchived."""
    rows = Zone.objects.visible_to(actor).live().filter(pk=zone.pk)
    if not rows.update(archived_at=timezone.now()):
        raise AlreadyArchived


@transaction.atomic
def restore_zone(zone: Zone, *, actor: Actor) -> None:
    """Bring a zone back; raises NotArchived."""
    rows = Zone.objects.visible_to(actor).archived().filter(pk=zone.pk)
    if not rows.update(archived_at=None):
        raise NotArchived
