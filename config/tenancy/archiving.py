"""The default actions to archive and restore rows, for models without special rules."""

from django.db import models, transaction
from django.utils.translation import gettext as _

from config.errors import Refusal
from config.times import Clock

from .actors import Actor
from .errors import AlreadyArchived, NotArchived
from .models import Archivable
from .scoping import ArchivableQuerySet, TenantQuerySet


@transaction.atomic
def archive_row(row: Archivable, *, actor: Actor) -> None:
    """Archive a row by one conditional update; raises NotAllowed or AlreadyArchived."""
    actor.check_may_change()
    rows = _visible(row, actor).live().filter(pk=row.pk)
    if not locked(rows).update(archived_at=Clock(), **_touched(row)):
        raise AlreadyArchived


@transaction.atomic
def restore_row(row: Archivable, *, actor: Actor) -> None:
    """Restore an archived row; raises NotAllowed or NotArchived."""
    actor.check_may_change()
    rows = _visible(row, actor).archived().filter(pk=row.pk)
    if not rows.update(archived_at=None, **_touched(row)):
        raise NotArchived


def lock_live[R: Archivable](row: R, *, refusal: Refusal | None = None, actor: Actor) -> R:
    """Lock a row until the transaction ends, and return it with its current values.

    Raises `refusal`, by default AlreadyArchived, if the row is archived.
    """
    found = _visible(row, actor).select_for_update(no_key=True).get(pk=row.pk)
    if found.is_archived:
        raise refusal or already_archived(found)
    return found


def already_archived(row: Archivable) -> AlreadyArchived:
    """Return the refusal to change an archived row."""
    noun = row._meta.verbose_name
    return AlreadyArchived(_("This %(noun)s is archived. Restore it first.") % {"noun": noun})


def locked[M: models.Model](rows: TenantQuerySet[M]) -> TenantQuerySet[M]:
    """Return the rows for an UPDATE that locks them before it computes its values.

    `Clock()` is then the time at which the UPDATE got the lock, even if it waited.
    """
    return rows.filter(pk__in=rows.select_for_update(no_key=True).values("pk"))


def _visible[R: Archivable](row: R, actor: Actor) -> ArchivableQuerySet[R]:
    return ArchivableQuerySet[R](type(row)).visible_to(actor)


def _touched(row: Archivable) -> dict[str, Clock]:
    names = {field.name for field in row._meta.concrete_fields}
    return {"updated_at": Clock()} if "updated_at" in names else {}
