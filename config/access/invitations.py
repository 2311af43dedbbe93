"""The e-mail that invites a person to work for a company, and the links to set a password."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from config.emails import send_letter
from config.tenancy.ids import read_id
from config.times import database_now

from .models import Membership, Staff


class LinkTokens(PasswordResetTokenGenerator):
    """Tokens of password reset links, which expire by the database's clock."""

    def _now(self) -> datetime:
        return database_now().replace(tzinfo=None)


LINK_TOKENS = LinkTokens()


class InvitationTokens(LinkTokens):
    """Tokens of invitation links: invalid once the membership ends or a newer e-mail is sent."""

    key_salt = "config.access.invitations"

    def __init__(self, membership: Membership) -> None:
        super().__init__()
        self._mark = f"{membership.pk} {membership.invited_at}"

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)} {self._mark}"


def invitation_of(key: str) -> Membership | None:
    """Return a membership by its id, None if it has ended or the person may not sign in."""
    id = read_id("", key)
    rows = Membership.objects.usable().select_related("staff", "company")
    return rows.filter(pk=id).first() if id else None


def mail_staff_invitation(membership_id: str) -> None:
    """Send an invitation to a staff member, unless their membership has ended.

    The link to choose a password is made here, not when the task is queued, so that the queue
    never stores it.
    """
    membership = invitation_of(membership_id)
    if membership is None:
        return
    staff = membership.staff
    facts = {
        "company": membership.company,
        "staff": staff,
        "role": membership.get_role_display(),
        "link": "" if staff.has_usable_password() else _invitation_link(membership),
        "minutes": settings.PASSWORD_RESET_TIMEOUT // 60,
        "forgotten": settings.PUBLIC_URL + reverse("password_reset"),
        "home": settings.PUBLIC_URL + reverse("admin:index"),
    }
    send_letter("access/invitation", facts, to=staff.email)


def password_link(staff: Staff) -> str:
    """Return the URL where a person chooses a password; it works once and expires."""
    uid = urlsafe_base64_encode(force_bytes(staff.pk))
    return _address("password_reset_confirm", uid, LINK_TOKENS.make_token(staff))


def _invitation_link(membership: Membership) -> str:
    token = InvitationTokens(membership).make_token(membership.staff)
    return _address("invitation", membership.pk.hex, token)


def _address(name: str, uid: str, token: str) -> str:
    return settings.PUBLIC_URL + reverse(name, kwargs={"uidb64": uid, "token": token})
