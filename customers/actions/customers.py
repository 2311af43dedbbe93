from typing import Any

from django.db import transaction
from django.utils import timezone

from config.access.actors import Actor
from config.access.constraints import refusing
from config.statements.inserting import insert

from ..countries import country_code
from ..errors import (
    AlreadyPaused,
    CustomerAlreadyArchived,
    CustomerNotArchived,
    ExternalIdTaken,
    IdentifiesNobody,
    NameMissing,
    NotPaused,
    Unreachable,
)
from ..models import Customer
from ..phones import read_phone
from ..tasks import send_invitation
from .addresses import default_address, write_default_address
from .locks import lock_customer
from .preferences import merge_preferences


@transaction.atomic
def create_customer(
    customer: Customer,
    *,
    address: dict[str, Any] | None = None,
    invite: bool = False,
    actor: Actor,
) -> Customer:
    """Take on a customer, with the fields of a default address if there are any.

    An invited customer needs a name and a way to be reached, and is written to once the
    transaction commits. Raises IdentifiesNobody, NameMissing, Unreachable or ExternalIdTaken.
    """
    prepare_customer(customer, address=address, contactable=invite, actor=actor)
    with refusing(customer_external_id_once=ExternalIdTaken):
        insert(customer)
    if address and any(address.values()):
        write_default_address(customer, address, actor=actor)
    if invite and customer.email:
        send_invitation.defer(company_id=str(customer.company_id), customer_id=str(customer.id))
    return customer


def prepare_customer(
    customer: Customer,
    *,
    address: dict[str, Any] | None = None,
    contactable: bool = False,
    actor: Actor,
) -> None:
    """Hold a new customer to the rules, and fill in what follows from its fields; writes nothing.

    Raises as `create_customer` does, but for ExternalIdTaken.
    """
    customer.company_id = actor.company_id
    customer.preferences = merge_preferences({}, customer.preferences)
    _check_identity(customer, contactable=contactable)
    _read_phone(customer, (address or {}).get("country", ""), actor)


@transaction.atomic
def update_customer(
    customer: Customer, *, changes: dict[str, Any], contactable: bool = False, actor: Actor
) -> Customer:
    """Change fields of a customer; `address` among them writes the default address.

    Preferences are merged one level deep, null removes a key. A `contactable` customer keeps a
    name and a way to be reached. Raises CustomerArchived, IdentifiesNobody, NameMissing,
    Unreachable or ExternalIdTaken. What changes nothing leaves no trace.
    """
    customer = lock_customer(customer, actor=actor)
    changes = dict(changes)
    address = changes.pop("address", None)
    if "preferences" in changes:
        changes["preferences"] = merge_preferences(customer.preferences, changes["preferences"])
    if address:
        write_default_address(customer, address, actor=actor)
    changed = [name for name, value in changes.items() if getattr(customer, name) != value]
    for name in changed:
        setattr(customer, name, changes[name])
    if changed:
        _check_identity(customer, contactable=contactable)
    if "phone" in changed or "country" in (address or {}):
        where = default_address(customer)
        if _read_phone(customer, where.country if where else "", actor):
            changed += ["phone_e164", "phone_national"]
    if changed:
        with refusing(customer_external_id_once=ExternalIdTaken):
            customer.save(update_fields=[*changed, "updated_at"])
    return customer


@transaction.atomic
def archive_customer(customer: Customer, *, actor: Actor) -> None:
    """Archive a customer, who keeps everything and can be restored; raises when archived."""
    _turn(customer, actor, CustomerAlreadyArchived, was_archived=False, archived_at=timezone.now())


@transaction.atomic
def restore_customer(customer: Customer, *, actor: Actor) -> None:
    """Bring an archived customer back; raises CustomerNotArchived or ExternalIdTaken."""
    with refusing(customer_external_id_once=ExternalIdTaken):
        _turn(customer, actor, CustomerNotArchived, was_archived=True, archived_at=None)


@transaction.atomic
def pause_customer(customer: Customer, *, actor: Actor) -> None:
    """Make a customer inactive; raises AlreadyPaused or CustomerArchived."""
    _set_active(customer, False, AlreadyPaused, actor)


@transaction.atomic
def resume_customer(customer: Customer, *, actor: Actor) -> None:
    """Make a paused customer active; raises NotPaused or CustomerArchived."""
    _set_active(customer, True, NotPaused, actor)


def _turn(
    customer: Customer, actor: Actor, refusal: Any, *, was_archived: bool, **changes: Any
) -> None:
    """Archive or restore by one conditional update, so that of two at once one is refused."""
    actor.check_may_change()
    rows = Customer.objects.visible_to(actor).filter(
        pk=customer.pk, archived_at__isnull=not was_archived
    )
    if not rows.update(updated_at=timezone.now(), **changes):
        raise refusal
    customer.refresh_from_db()


def _set_active(customer: Customer, active: bool, refusal: Any, actor: Actor) -> None:
    locked = lock_customer(customer, actor=actor)
    if locked.is_active is active:
        raise refusal
    locked.is_active = active
    locked.save(update_fields=["is_active", "updated_at"])
    customer.is_active = active


def _check_identity(customer: Customer, *, contactable: bool) -> None:
    """Raise unless a customer can be told from others and, if need be, called and reached."""
    named = customer.first_name or customer.last_name or customer.name
    known = named or customer.legal_name or customer.external_id
    reachable = customer.email or customer.phone
    if contactable and not named:
        raise NameMissing
    if contactable and not reachable:
        raise Unreachable
    if not (known or reachable):
        raise IdentifiesNobody


def _read_phone(customer: Customer, country: str, actor: Actor) -> bool:
    """Fill in the number's normalised forms, and say whether they have changed."""
    countries = [code for code in (country_code(country), actor.country) if code]
    before = customer.phone_e164, customer.phone_national
    customer.phone_e164, customer.phone_national = read_phone(customer.phone, countries)
    return before != (customer.phone_e164, customer.phone_national)
