"""Help staff who cannot sign in."""

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction

from config.emails import send_letter
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.times import Clock

from ..errors import NoSecondFactor, NotLockedOut, WorksElsewhere, YourOwnFactor
from ..invitations import password_link
from ..models import Membership, Staff
from .lockout import failures_of, is_locked_out


@transaction.atomic
def reset_second_factor(staff: Staff, *, actor: Actor) -> None:
    """Remove a lost second factor and its recovery codes, and end all sessions of the person.

    Raises NoSecondFactor, or YourOwnFactor if the actor is this person: their own page "Second
    factor" asks for the password first.
    """
    actor.check_may_change()
    if staff.pk == actor.credential_id:
        raise YourOwnFactor
    if not Authenticator.objects.filter(user=staff).delete()[0]:
        raise NoSecondFactor
    staff.signed_out_at = Clock()
    staff.save(update_fields=["signed_out_at"])


@transaction.atomic
def reset_colleagues_factor(membership: Membership, *, actor: Actor) -> None:
    """Remove the lost second factor of a person who works only for the actor's company.

    Raises WorksElsewhere, or the errors of `reset_second_factor`.
    """
    staff = membership.staff
    elsewhere = staff.memberships.exclude(company_id=membership.company_id)
    if staff.is_superuser or elsewhere.exists():
        raise WorksElsewhere
    reset_second_factor(staff, actor=actor)


@transaction.atomic
def unlock_staff(staff: Staff, *, actor: Actor) -> None:
    """Let a locked-out staff member try again at once; raises NotLockedOut."""
    actor.check_may_change()
    if not is_locked_out(staff):
        raise NotLockedOut
    failures_of(staff).delete()


def mail_password_link(email: str) -> None:
    """Send a password reset link to the staff member with this address, if they may sign in."""
    staff = Staff.objects.filter(email__iexact=email, is_active=True).first()
    if staff is None or not staff.may_work:
        return
    facts = {
        "staff": staff,
        "link": password_link(staff),
        "minutes": settings.PASSWORD_RESET_TIMEOUT // 60,
        "companies": ", ".join(
            company.name for company in Company.objects.usable().filter(staff=staff)
        ),
    }
    send_letter("access/password_link", facts, to=staff.email)
