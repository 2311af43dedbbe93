"""The e-mail that lets a person in who is to work for a company."""

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from .models import Membership, Staff


def mail_staff_invitation(membership_id: str) -> None:
    """Write to a staff member how to come in; nobody who has left gets a letter.

    The link with which somebody new chooses a password is made here and not when the letter is
    asked for, so that no queue keeps it.
    """
    rows = Membership.objects.select_related("staff", "company")
    membership = rows.filter(pk=membership_id, company__archived_at=None).first()
    if membership is None or not membership.staff.is_active:
        return
    staff = membership.staff
    facts = {
        "company": membership.company,
        "staff": staff,
        "role": membership.get_role_display(),
        "link": "" if staff.has_usable_password() else password_link(staff),
        "minutes": settings.PASSWORD_RESET_TIMEOUT // 60,
        "forgotten": settings.PUBLIC_URL + reverse("password_reset"),
        "home": settings.PUBLIC_URL + reverse("admin:index"),
    }
    subject = render_to_string("access/invitation_subject.txt", facts)
    text = render_to_string("access/invitation.txt", facts)
    EmailMessage(" ".join(subject.split()), text, to=[staff.email]).send()


def password_link(staff: Staff) -> str:
    """Return the address at which somebody chooses a password: once, and not for long."""
    uid = urlsafe_base64_encode(force_bytes(staff.pk))
    link = {"uidb64": uid, "token": default_token_generator.make_token(staff)}
    return settings.PUBLIC_URL + reverse("password_reset_confirm", kwargs=link)
