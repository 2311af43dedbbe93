from django.db import transaction
from django.utils.translation import gettext as _

from config.access.actors import Actor

from ..errors import AlreadyArchived
from ..models import Zone
from .archiving import archive_row, restore_row


@transaction.atomic
def save_zone(zone: Zone, *, actor: Actor) -> Zone:
    """Make or change a service zone; its postal codes stay as typed, trimmed and each once.

    Raises AlreadyArchived for an archived zone.
    """
    if Zone.objects.visible_to(actor).archived().filter(pk=zone.pk).exists():
        raise AlreadyArchived(_("This zone is archived. Restore it first."))
    zone.company_id = actor.company_id
    trimmed = (code.strip() for code in zone.postal_codes)
    zone.postal_codes = list(dict.fromkeys(code for code in trimmed if code))
    zone.save()
    return zone


def archive_zone(zone: Zone, *, actor: Actor) -> None:
    """Archive a zone; raises AlreadyArchived."""
    archive_row(zone, actor=actor)


def restore_zone(zone: Zone, *, actor: Actor) -> None:
    """Bring a zone back; raises NotArchived."""
    restore_row(zone, actor=actor)
