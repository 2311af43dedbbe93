from django.db import transaction

from config.statements.changing import Changes, apply_changes
from config.tenancy.actors import Actor
from config.tenancy.archiving import lock_live

from ..models import Zone


def create_zone(zone: Zone, *, actor: Actor) -> Zone:
    """Create a service zone; postal codes are trimmed, without duplicates."""
    zone.company_id = actor.company_id
    zone.postal_codes = _tidy(zone.postal_codes)
    zone.save()
    return zone


@transaction.atomic
def change_zone(zone: Zone, *, changes: Changes, actor: Actor) -> Zone:
    """Change a service zone; new postal codes replace all of them. Raises AlreadyArchived."""
    zone = lock_live(zone, actor=actor)
    changed = apply_changes(zone, changes)
    zone.postal_codes = _tidy(zone.postal_codes)
    zone.save(update_fields=[*changed])
    return zone


def _tidy(codes: list[str]) -> list[str]:
    trimmed = (code.strip() for code in codes)
    return list(dict.fromkeys(code for code in trimmed if code))
