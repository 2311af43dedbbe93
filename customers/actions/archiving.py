"""How everything is archived and restored that carries no rule of its own."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from config.access.actors import Actor

from ..errors import AlreadyArchived, NotArchived


@transaction.atomic
def archive_row(row: Any, *, actor: Actor) -> None:
    """Archive a row by one conditional update; raises NotAllowed or AlreadyArchived."""
    actor.check_may_change()
    rows = type(row).objects.visible_to(actor).live().filter(pk=row.pk)
    if not rows.update(archived_at=timezone.now(), **_touched(row)):
        raise AlreadyArchived


@transaction.atomic
def restore_row(row: Any, *, actor: Actor) -> None:
    """Bring an archived row back; raises NotAllowed or NotArchived."""
    actor.check_may_change()
    rows = type(row).objects.visible_to(actor).archived().filter(pk=row.pk)
    if not rows.update(archived_at=None, **_touched(row)):
        raise NotArchived


def _touched(row: Any) -> dict[str, Any]:
    names = {field.name for field in row._meta.concrete_fields}
    return {"updated_at": timezone.now()} if "updated_at" in names else {}
