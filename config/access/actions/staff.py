import secrets
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from config.errors import Invalid
from config.statements.changing import Changes, apply_changes
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.permissions import Role
from config.tenancy.secrets import check_seen

from ..errors import EmailTaken, LocksYouOut
from ..models import Membership, Staff


@transaction.atomic
def create_staff(
    staff: Staff, *, company: Company, role: str = Role.OWNER, actor: Actor
) -> tuple[Staff, str]:
    """Add a person to a company's staff; return them and their new password, if any.

    A person who already works for another company keeps their password: their existing row and ""
    are returned. Raises Invalid, or EmailTaken if they already work for this company.
    """
    actor.check_may_change()
    try:
        validate_email(staff.email)
    except ValidationError:
        raise Invalid(
            _("“%(email)s” is not an e-mail address, such as ann@example.com.")
            % {"email": staff.email},
            fields={"email": _("This is not an e-mail address, such as ann@example.com.")},
        )
    known, password = Staff.objects.filter(email__iexact=staff.email).first(), ""
    promoted = known is not None and staff.is_superuser and not known.is_superuser
    if known is None:
        password = secrets.token_urlsafe(12)
        staff.set_password(password)
        staff.save(force_insert=True)
    else:
        if promoted:
            known.is_superuser = True
            known.save(update_fields=["is_superuser"])
        staff = known
    _membership, added = Membership.objects.get_or_create(
        staff=staff, company=company, defaults={"role": role}
    )
    if not (added or promoted):
        facts = {"email": staff.email, "name": company.name}
        raise EmailTaken(_("%(email)s works for %(name)s already.") % facts)
    return staff, password


@transaction.atomic
def change_staff(
    staff: Staff, *, changes: Changes, companies: Iterable[Company] | None = None, actor: Actor
) -> Staff:
    """Change fields of a staff member and, if `companies` is given, the companies they work for.

    Raises LocksYouOut if the actor would lose their own access, or Invalid for an invalid or taken
    e-mail address.
    """
    actor.check_may_change()
    locks_out = changes.get("is_active") is False or changes.get("is_superuser") is False
    if staff.pk == actor.credential_id and locks_out:
        raise LocksYouOut
    staff = Staff.objects.select_for_update(no_key=True).get(pk=staff.pk)
    apply_changes(staff, changes)
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
def renew_password(staff: Staff, *, seen: str = "", actor: Actor) -> str:
    """Give a staff member a new password and return it; their sessions end at once.

    Raises AlreadyMade if the password has changed since `seen` was read.
    """
    actor.check_may_change()
    staff = Staff.objects.select_for_update(no_key=True).get(pk=staff.pk)
    check_seen(seen, staff.password)
    password = secrets.token_urlsafe(12)
    staff.set_password(password)
    staff.save(update_fields=["password"])
    return password
