from django.db import transaction

from config.tenancy.actors import Actor
from config.tenancy.archiving import already_archived

from ..models import Zone


@transaction.atomic
def save_zone(zone: Zone, *, actor: Actor) -> Zone:
    """Create or change a service zone; postal codes are trimmed, without duplicates.

    Raises AlreadyArchived for an archived zone.
    """
    if Zone.objects.visible_to(actor).archived().filter(pk=zone.pk).exists():
        raise already_archived(zone)
    zone.company_id = actor.company_id
    trimmed = (code.strip() for code in zone.postal_codes)
    zone.postal_codes = list(dict.fromkeys(code for code in trimmed if code))
    zone.save()
    return zone
