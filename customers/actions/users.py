from django.db import transaction
from django.utils.translation import gettext as _

from config.statements.changing import Changes, apply_changes
from config.statements.inserting import insert
from config.tenancy.actors import Actor
from config.tenancy.constraints import refusing
from config.tenancy.errors import AlreadyArchived, NotArchived
from config.times import Clock

from ..errors import UserEmailTaken, UserIdentifiesNobody
from ..models import CustomerUser
from .locks import lock_customer, lock_owner


@transaction.atomic
def add_user(user: CustomerUser, *, actor: Actor) -> CustomerUser:
    """Add a person who acts for a customer.

    Raises CustomerArchived, UserIdentifiesNobody or UserEmailTaken.
    """
    customer = lock_customer(user.customer, actor=actor)
    user.company_id = customer.company_id
    _check_identity(user)
    with refusing(customer_user_email_once=lambda: _taken(user)):
        insert(user)
    return user


@transaction.atomic
def change_user(user: CustomerUser, *, changes: Changes, actor: Actor) -> CustomerUser:
    """Change a user; raises the refusals of `add_user`, or AlreadyArchived."""
    lock_owner(user, actor=actor)
    user = CustomerUser.objects.visible_to(actor).get(pk=user.pk)
    if user.is_archived:
        raise AlreadyArchived(_("This user is archived. Restore the user first."))
    changed = apply_changes(user, changes)
    _check_identity(user)
    with refusing(customer_user_email_once=lambda: _taken(user)):
        user.save(update_fields=changed)
    return user


@transaction.atomic
def archive_user(user: CustomerUser, *, actor: Actor) -> None:
    """Archive a user; raises CustomerArchived or AlreadyArchived."""
    lock_owner(user, actor=actor)
    rows = CustomerUser.objects.visible_to(actor).live().filter(pk=user.pk)
    if not rows.update(archived_at=Clock()):
        raise AlreadyArchived


@transaction.atomic
def restore_user(user: CustomerUser, *, actor: Actor) -> None:
    """Restore a user; raises CustomerArchived, NotArchived or UserEmailTaken."""
    lock_owner(user, actor=actor)
    rows = CustomerUser.objects.visible_to(actor).archived().filter(pk=user.pk)
    with refusing(customer_user_email_once=lambda: _taken(user)):
        if not rows.update(archived_at=None):
            raise NotArchived


def _check_identity(user: CustomerUser) -> None:
    if not (user.email or user.first_name or user.last_name):
        raise UserIdentifiesNobody


def _taken(user: CustomerUser) -> UserEmailTaken:
    text = _(
        "This customer has a user with the e-mail address “%(email)s”. Use that one, or send "
        "another address."
    )
    return UserEmailTaken(text % {"email": user.email})
