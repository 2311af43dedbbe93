"""Who works for a company, and as what: what its owners decide.

Each of these holds the company's row, so that of two owners who demote one another at once the
second finds themselves the last.
"""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from config.emails import validate_email
from config.errors import Invalid

from ..actors import Actor
from ..errors import EmailTaken, HasComeIn, LastOwner, NotAllowed
from ..models import Company, Membership, Staff
from ..permissions import Role
from ..tasks import send_staff_invitation


@transaction.atomic
def invite_staff(
    email: str, *, role: str, first_name: str = "", last_name: str = "", actor: Actor
) -> Membership:
    """Let a person work for the company, and write to them how to come in.

    A person who works elsewhere already keeps their name and password. Raises EmailTaken when they
    work here already, Invalid for an address or a role that is none, and NotAllowed.
    """
    company = _hold_company(actor)
    email = email.strip()
    _check_role(role)
    person = Staff(email=email, first_name=first_name, last_name=last_name)
    _check_person(person)
    staff = Staff.objects.filter(email__iexact=email).first()
    if staff is None:
        staff = person
        staff.set_unusable_password()
        staff.save(force_insert=True)
    membership, is_new = Membership.objects.get_or_create(
        staff=staff, company=company, defaults={"role": role}
    )
    if not is_new:
        sentence = _("%(email)s works for %(company)s already.") % {
            "email": email,
            "company": company,
        }
        raise EmailTaken(sentence, fields={"email": sentence})
    _write_to(membership)
    return membership


@transaction.atomic
def invite_again(membership: Membership, *, actor: Actor) -> None:
    """Write to somebody once more who has chosen no password yet; raises HasComeIn or NotAllowed.

    Owners renew nobody's password: people do it themselves, by their own e-mail.
    """
    _hold_company(actor)
    membership = _locked(membership, actor)
    if membership.staff.has_usable_password():
        raise HasComeIn
    _write_to(membership)


@transaction.atomic
def change_role(membership: Membership, *, role: str, actor: Actor) -> None:
    """Make a person something else in the company, from their next request on.

    Raises LastOwner, NotAllowed, or Invalid for a role that is none.
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
    """Let a person work for the company no longer, from their next request on; returns them.

    What they did keeps their name. Raises LastOwner or NotAllowed.
    """
    _hold_company(actor)
    membership = _locked(membership, actor)
    _keep_an_owner(membership)
    Membership.objects.filter(pk=membership.pk).delete()
    return membership.staff


def _hold_company(actor: Actor) -> Company:
    """Return the company, held until the transaction ends; raises NotAllowed for who owns it not.

    Who has just been demoted by somebody else is asked for again, behind the lock.
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
    """Raise LastOwner where nobody else who can sign in owns the company."""
    if membership.role != Role.OWNER:
        return
    owners = Membership.objects.filter(company_id=membership.company_id, role=Role.OWNER)
    if not owners.exclude(pk=membership.pk).filter(staff__is_active=True).exists():
        raise LastOwner


def _check_role(role: str) -> None:
    if role not in Role:
        sentence = _("Choose one of the roles.")
        raise Invalid(sentence, fields={"role": sentence})


def _check_person(person: Staff) -> None:
    """Raise Invalid for an e-mail address or a name that cannot be."""
    try:
        validate_email(person.email)
        person.clean_fields(exclude=["password"])
    except ValidationError as error:
        texts = getattr(error, "message_dict", {"email": error.messages})
        problems = {name: " ".join(sentences) for name, sentences in texts.items()}
        raise Invalid(next(iter(problems.values())), fields=problems)


def _write_to(membership: Membership) -> None:
    send_staff_invitation.defer(membership_id=str(membership.pk))
