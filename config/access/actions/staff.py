import secrets
import uuid
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from config.errors import Invalid

from ..errors import EmailTaken, LocksYouOut
from ..models import Company, Membership, Staff
from ..permissions import Role
from .credentials import check_seen


@transaction.atomic
def create_staff(
    email: str, company: Company, *, role: str = Role.OWNER, superuser: bool = False
) -> tuple[Staff, str]:
    """Let a person work for a company; returns them with their password, "" if they had one.

    A person who works elsewhere already keeps their password and gains this company.
    Raises EmailTaken when they work here already.
    """
    try:
        validate_email(email)
    except ValidationError:
        raise Invalid(
            _("“%(email)s” is no e-mail address.") % {"email": email},
            fields={"email": _("Not an e-mail.")},
        )
    staff, password = Staff.objects.filter(email__iexact=email).first(), ""
    if staff is None:
        password = secrets.token_urlsafe(12)
        staff = Staff(email=email, is_superuser=superuser)
        staff.set_password(password)
        staff.save(force_insert=True)
    promoted = superuser and not staff.is_superuser
    if promoted:
        staff.is_superuser = True
        staff.save(update_fields=["is_superuser"])
    _membership, added = Membership.objects.get_or_create(
        staff=staff, company=company, defaults={"role": role}
    )
    if not (added or promoted):
        raise EmailTaken(
            _("%(email)s works for %(name)s already.") % {"email": email, "name": company.name}
        )
    return staff, password


@transaction.atomic
def change_staff(
    staff: Staff,
    *,
    changes: dict[str, Any],
    companies: Iterable[Company] | None = None,
    by: uuid.UUID | None = None,
) -> Staff:
    """Change fields of a staff member, and the companies that they work for where those are given.

    `by` is the staff member who does it. Raises LocksYouOut where they would take away their own
    way in, and Invalid for an e-mail address that is none or somebody else's.
    """
    locks_out = changes.get("is_active") is False or changes.get("is_superuser") is False
    if staff.pk == by and locks_out:
        raise LocksYouOut
    staff = Staff.objects.select_for_update(no_key=True).get(pk=staff.pk)
    for name, value in changes.items():
        setattr(staff, name, value)
    try:
        staff.full_clean(exclude=["password"])
    except ValidationError as error:
        problems = {name: " ".join(texts) for name, texts in error.message_dict.items()}
        raise Invalid(next(iter(problems.values())), fields=problems)
    staff.save(update_fields=list(changes))
    if companies is not None:
        staff.companies.set(companies, through_defaults={"role": Role.OWNER})
    return staff


@transaction.atomic
def renew_password(staff: Staff, *, seen: str = "") -> str:
    """Give a staff member a new password and return it; their sessions end at once.

    Raises AlreadyMade where the password is not the one that was `seen`.
    """
    staff = Staff.objects.select_for_update(no_key=True).get(pk=staff.pk)
    check_seen(seen, staff.password)
    password = secrets.token_urlsafe(12)
    staff.set_password(password)
    staff.save(update_fields=["password"])
    return password
