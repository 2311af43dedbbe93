from collections.abc import Callable, Collection, Mapping
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from config.errors import Refusal
from config.statements.changing import Changes, apply_changes, save_changes
from config.statements.inserting import insert
from config.tenancy.actors import Actor
from config.tenancy.archiving import locked
from config.tenancy.constraints import refusing
from config.times import Clock

from .. import errors
from ..countries import dialling_countries
from ..models import Customer
from ..models.customers import CustomerQuerySet
from ..phones import is_same_phone, read_phone
from ..tasks import send_invitation
from .addresses import default_address, write_default_address
from .contact_points import archive_repeated_points
from .details import clean_birthday, clean_tags
from .duplicates import refuse_duplicate
from .locks import lock_customer
from .preferences import merge_preferences


@transaction.atomic
def create_customer(
    customer: Customer,
    *,
    address: Mapping[str, object] | None = None,
    contactable: bool = False,
    invite: bool = False,
    known_others: Collection[UUID] | None = None,
    actor: Actor,
) -> Customer:
    """Create a customer, with a default address if `address` has any field.

    A `contactable` customer needs a name, and an e-mail address or a phone number with a digit.
    With `invite` the customer is invited by e-mail after the commit. With `known_others` (ids,
    possibly none), a likely duplicate of any other customer is refused. Raises IdentifiesNobody,
    NameMissing, Unreachable, NotAPhone, InvalidPreference, InvalidTags, InvalidBirthday,
    CardNumber, ExternalIdTaken or PossibleDuplicate.
    """
    prepare_customer(customer, address=address, contactable=contactable, actor=actor)
    with refusing(customer_external_id_once=lambda: _taken(customer)):
        insert(customer)
    if address and any(address.values()):
        write_default_address(customer, fields=address, actor=actor)
    if known_others is not None:
        refuse_duplicate(customer, known_others=known_others, actor=actor)
    if invite:
        invite_customer(customer)
    return customer


def _taken(customer: Customer) -> errors.ExternalIdTaken:
    text = _("Another customer has the external id “%(id)s”. Use that one, or choose another id.")
    return errors.ExternalIdTaken(text % {"id": customer.external_id})


def invite_customer(customer: Customer) -> None:
    """Invite a new customer by e-mail after the commit, if there is an e-mail address."""
    if customer.email:
        send_invitation.defer(company_id=str(customer.company_id), customer_id=str(customer.id))


def prepare_customer(
    customer: Customer,
    *,
    address: Mapping[str, object] | None = None,
    contactable: bool = False,
    actor: Actor,
) -> None:
    """Check a new customer and fill in the derived fields, without saving.

    Raises the same refusals as `create_customer` except ExternalIdTaken and PossibleDuplicate.
    """
    customer.company_id = actor.company_id
    customer.preferences = merge_preferences({}, customer.preferences)
    customer.tags = clean_tags(customer.tags)
    customer.birthday = clean_birthday(customer.birthday)
    _check_identity(customer, contactable=contactable)
    if contactable:
        _check_phone(customer)
    _read_phone(customer, str((address or {}).get("country", "")), actor)


@transaction.atomic
def update_customer(
    customer: Customer,
    *,
    changes: Changes,
    address: Mapping[str, object] | None = None,
    contactable: bool = False,
    normalized_phone: bool = False,
    displayed_name: bool = False,
    actor: Actor,
) -> Customer:
    """Change fields of a customer, and of its default address.

    With `normalized_phone` the client reads phones in E.164: a phone equal to the stored one
    changes nothing, so a client that sends back its copy keeps the phone as typed. With
    `displayed_name` the client reads `display_name` as the name: an equal name changes nothing.

    Preferences are merged one level deep; null removes a key. Tags are replaced as a whole. Contact
    points equal to the new e-mail address or phone are archived. A `contactable` customer keeps a
    name and an e-mail address or a phone number, and a new phone has a digit. Raises
    CustomerArchived and the refusals of `create_customer`. Equal values are not written.
    """
    customer = lock_customer(customer, actor=actor)
    changes = clean_changes(changes)
    if displayed_name and changes.get("name") == customer.display_name:
        del changes["name"]
    preferences, phone = changes.get("preferences"), changes.get("phone")
    if isinstance(preferences, Mapping):
        changes["preferences"] = merge_preferences(customer.preferences, preferences)
    if normalized_phone and isinstance(phone, str) and _repeats_phone(customer, phone, actor):
        del changes["phone"]
    if address:
        write_default_address(customer, fields=address, actor=actor)
    changed = apply_to_customer(
        customer,
        changes,
        country=lambda: _home_country(customer),
        moves="country" in (address or {}),
        contactable=contactable,
        actor=actor,
    )
    with refusing(customer_external_id_once=lambda: _taken(customer)):
        save_changes(customer, changed)
    if {"email", "phone"} & {*changed}:
        archive_repeated_points(customer)
    return customer


def apply_to_customer(
    customer: Customer,
    changes: Changes,
    *,
    country: Callable[[], str],
    moves: bool,
    contactable: bool = False,
    actor: Actor,
) -> list[str]:
    """Set fields of a customer and the derived fields, and return the names of changed fields.

    `country` returns the country of the default address; `moves` says that it was written. Raises
    IdentifiesNobody, NameMissing, Unreachable or NotAPhone.
    """
    changed = apply_changes(customer, changes)
    if changed:
        _check_identity(customer, contactable=contactable)
    if contactable and "phone" in changed:
        _check_phone(customer)
    if (moves or "phone" in changed) and _read_phone(customer, country(), actor):
        changed += ["phone_e164", "phone_national"]
    return changed


def clean_changes(changes: Changes) -> dict[str, object]:
    """Return the changes with tags and birthday in the stored form."""
    cleaned = dict(changes)
    tags = changes.get("tags")
    if isinstance(tags, list):
        cleaned["tags"] = clean_tags(tags)
    if "birthday" in changes:
        cleaned["birthday"] = clean_birthday(changes["birthday"])
    return cleaned


@transaction.atomic
def archive_customer(customer: Customer, *, actor: Actor) -> None:
    """Archive a customer, without changing its data; raises CustomerAlreadyArchived."""
    live = Customer.objects.visible_to(actor).live()
    _set_archived(
        customer, Clock(), among=live, refusal=errors.CustomerAlreadyArchived, actor=actor
    )


@transaction.atomic
def restore_customer(customer: Customer, *, actor: Actor) -> None:
    """Restore an archived customer.

    Raises CustomerErased, CustomerNotArchived or ExternalIdTaken.
    """
    if customer.is_erased:
        raise errors.CustomerErased
    archived = Customer.objects.visible_to(actor).archived().filter(erased_at__isnull=True)
    with refusing(customer_external_id_once=lambda: _taken(customer)):
        _set_archived(
            customer, None, among=archived, refusal=errors.CustomerNotArchived, actor=actor
        )


@transaction.atomic
def pause_customer(customer: Customer, *, actor: Actor) -> None:
    """Make a customer inactive; raises AlreadyPaused or CustomerArchived."""
    _set_active(customer, False, errors.AlreadyPaused, actor)


@transaction.atomic
def resume_customer(customer: Customer, *, actor: Actor) -> None:
    """Make a paused customer active; raises NotPaused or CustomerArchived."""
    _set_active(customer, True, errors.NotPaused, actor)


def _set_archived(
    customer: Customer,
    at: Clock | None,
    *,
    among: CustomerQuerySet,
    refusal: type[Refusal],
    actor: Actor,
) -> None:
    """Archive or restore with one conditional update: a concurrent second one is refused."""
    actor.check_may_change()
    if not locked(among.filter(pk=customer.pk)).update(updated_at=Clock(), archived_at=at):
        raise refusal
    customer.refresh_from_db()


def _set_active(customer: Customer, active: bool, refusal: type[Refusal], actor: Actor) -> None:
    locked = lock_customer(customer, actor=actor)
    if locked.is_active is active:
        raise refusal
    locked.is_active = active
    locked.save(update_fields=["is_active", "updated_at"])
    customer.is_active = active


def _check_identity(customer: Customer, *, contactable: bool) -> None:
    """Raise a refusal unless the customer can be identified and, if `contactable`, reached."""
    named = customer.first_name or customer.last_name or customer.name
    known = named or customer.legal_name or customer.external_id
    reachable = customer.email or customer.phone
    if contactable and not named:
        others = () if reachable else (errors.Unreachable(),)
        raise errors.NameMissing().with_others(*others)
    if contactable and not reachable:
        raise errors.Unreachable
    if not (known or reachable):
        raise errors.IdentifiesNobody


def _check_phone(customer: Customer) -> None:
    """Raise NotAPhone for a phone without a digit; staff may write “ask at the desk”."""
    if customer.phone and not any(letter.isdecimal() for letter in customer.phone):
        sentence = _("Give a phone number such as +44 20 7946 0018; got “%(given)s”.")
        raise errors.NotAPhone(sentence % {"given": customer.phone})


def _read_phone(customer: Customer, country: str, actor: Actor) -> bool:
    """Fill in the normalised forms of the phone, and return whether they have changed."""
    before = customer.phone_e164, customer.phone_national
    countries = dialling_countries(country, actor.country)
    customer.phone_e164, customer.phone_national = read_phone(customer.phone, countries)
    return before != (customer.phone_e164, customer.phone_national)


def _repeats_phone(customer: Customer, phone: str, actor: Actor) -> bool:
    """Return whether a phone equals the stored one in another notation."""
    if not phone or phone == customer.phone:
        return False
    countries = dialling_countries(_home_country(customer), actor.country)
    return is_same_phone(phone, customer.phone, countries)


def _home_country(customer: Customer) -> str:
    home = default_address(customer)
    return home.country if home else ""
