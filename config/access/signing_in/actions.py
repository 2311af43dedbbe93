"""What is done for somebody who cannot get in."""

import uuid

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from ..actors import Actor
from ..errors import NoSecondFactor, NotLockedOut, WorksElsewhere, YourOwnFactor
from ..invitations import password_link
from ..models import Company, Membership, Staff
from .lockout import is_locked_out, misses_of


@transaction.atomic
def reset_second_factor(staff: Staff, *, by: uuid.UUID | None = None) -> None:
    """Take away a second factor that was lost, recovery codes too; every session of theirs ends.

    `by` is the staff member who does it. Raises YourOwnFactor, whose page asks for the password
    first, and NoSecondFactor where there is none.
    """
    if staff.pk == by:
        raise YourOwnFactor
    if not Authenticator.objects.filter(user=staff).delete()[0]:
        raise NoSecondFactor
    staff.signed_out_at = timezone.now()
    staff.save(update_fields=["signed_out_at"])


@transaction.atomic
def reset_colleagues_factor(membership: Membership, *, actor: Actor) -> None:
    """Take away the lost second factor of who works for the actor's company and for no other.

    Raises WorksElsewhere, and what `reset_second_factor` does.
    """
    staff = membership.staff
    elsewhere = staff.memberships.exclude(company_id=membership.company_id)
    if staff.is_superuser or elsewhere.exists():
        raise WorksElsewhere
    reset_second_factor(staff, by=actor.credential_id)


@transaction.atomic
def unlock_staff(staff: Staff) -> None:
    """Let somebody try again at once who missed too often; raises NotLockedOut."""
    if not is_locked_out(staff):
        raise NotLockedOut
    misses_of(staff).delete()


def mail_password_link(email: str) -> None:
    """Send whoever signs in by this address a link to a new password; nobody else gets anything."""
    staff = Staff.objects.filter(email__iexact=email, is_active=True).first()
    if staff is None:
        return
    facts = {
        "staff": staff,
        "link": password_link(staff),
        "minutes": settings.PASSWORD_RESET_TIMEOUT // 60,
        "companies": ", ".join(
            company.name for company in Company.objects.usable().filter(staff=staff)
        ),
    }
    EmailMessage(
        " ".join(render_to_string("access/password_link_subject.txt", facts).split()),
        render_to_string("access/password_link.txt", facts),
        to=[staff.email],
    ).send()
