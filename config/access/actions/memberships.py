"""Memberships: the staff of a company and their roles, which only its owners may change.

Each action locks the company's row: if two owners demote each other at the same time, the second
request is refused with LastOwner.
"""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from config.emails import validate_email
from config.errors import Invalid
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.constraints import refusing
from config.tenancy.errors import NotAllowed
from config.tenancy.permissions import Role
from config.times import Clock

from ..errors import EmailTaken, HasComeIn, LastOwner
from ..models import Membership, Staff
from ..tasks import send_staff_invitation


@transaction.atomic
def invite_staff(membership: Membership, *, actor: Actor) -> Membership:
    """Add a person to the company's staff and send them an invitation.

    `membership.staff` is an unsaved instance. A person who already works for another company keeps
    their name and password. Raises EmailTaken if they already work for this company, Invalid for
    an invalid address or role, or NotAllowed.
    """
    company = _hold_company(actor)
    person = membership.staff
    person.email = person.email.strip()
    _check_role(membership.role)
    _check_person(person)
    staff = Staff.objects.filter(email__iexact=person.email).first()
    if staff is None:
        staff = person
        staff.set_unusable_password()
        staff.save(force_insert=True)
    elif Membership.objects.filter(staff=staff, company=company).exists():
        facts = {"email": person.email, "company": company}
        raise EmailTaken(_("%(email)s works for %(company)s already.") % facts)
    membership.staff, membership.company = staff, company
    with refusing(membership_once=EmailTaken):
        membership.save(force_insert=True)
    _send_invitation(membership)
    return membership


@transaction.atomic
def invite_again(membership: Membership, *, actor: Actor) -> None:
    """Send the invitation again to a person who has no password yet.

    Owners cannot reset passwords: people do so themselves, by e-mail. Raises HasComeIn if the
    person has a password, or NotAllowed.
    """
    _hold_company(actor)
    membership = _locked(membership, actor)
    if membership.staff.has_usable_password():
        raise HasComeIn
    _send_invitation(membership)


@transaction.atomic
def change_role(membership: Membership, *, role: str, actor: Actor) -> None:
    """Change the role of a staff member from their next request.

    Raises LastOwner, NotAllowed, or Invalid for an unknown role.
    """
    _hold_company(actor)
    _check_role(role)
    membership = _locked(membership, actor)
    if role != Role.OWNER:
        _keep_an_owner(membership)
    membership.role = role
    membership.save(update_fields=["role"])


@transaction.atomic
def end_membership(membership: Membership, *, actor: Actor) -> Staff:
    """End a membership from the person's next request; return the person.

    The audit log keeps their name. Raises LastOwner or NotAllowed.
    """
    _hold_company(actor)
    membership = _locked(membership, actor)
    _keep_an_owner(membership)
    Membership.objects.filter(pk=membership.pk).delete()
    return membership.staff


def _hold_company(actor: Actor) -> Company:
    """Lock the company until the transaction ends and return it; raises NotAllowed for non-owners.

    The role is read after the row is locked, because another owner may have just changed it.
    """
    company = Company.objects.select_for_update(no_key=True).get(pk=actor.company_id)
    if actor.is_staff:
        staff = Staff.objects.get(pk=str(actor.credential_id))
        if staff.role_in(company) != Role.OWNER:
            raise NotAllowed(_("Only an owner of the company decides who works for it."))
    return company


def _locked(membership: Membership, actor: Actor) -> Membership:
    rows = Membership.objects.select_for_update(of=("self",)).select_related("staff")
    return rows.get(id=membership.id, company_id=actor.company_id)


def _keep_an_owner(membership: Membership) -> None:
    """Raise LastOwner unless the company has another owner who can sign in."""
    if membership.role != Role.OWNER:
        return
    owners = Membership.objects.filter(company_id=membership.company_id, role=Role.OWNER)
    if not owners.exclude(pk=membership.pk).filter(staff__is_active=True).exists():
        raise LastOwner


def _check_role(role: str) -> None:
    if role not in Role:
        raise Invalid(_("Choose one of the roles."), field="role")


def _check_person(person: Staff) -> None:
    """Raise Invalid for an invalid e-mail address or name."""
    try:
        validate_email(person.email)
        person.clean_fields(exclude=["password"])
    except ValidationError as error:
        texts = getattr(error, "message_dict", {"email": error.messages})
        problems = {name: " ".join(sentences) for name, sentences in texts.items()}
        raise Invalid(next(iter(problems.values())), fields=problems)


def _send_invitation(membership: Membership) -> None:
    membership.invited_at = Clock()
    membership.save(update_fields=["invited_at"])
    send_staff_invitation.defer(membership_id=str(membership.pk))
