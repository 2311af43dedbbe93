"""Contact points: more e-mail addresses and phones, in addition to the customer's own."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from config.emails import validate_email
from config.statements.changing import Changes, apply_changes
from config.statements.inserting import insert
from config.tenancy.actors import Actor
from config.tenancy.archiving import already_archived
from config.tenancy.constraints import refusing
from config.tenancy.errors import AlreadyArchived, NotArchived
from config.times import Clock

from ..countries import dialling_countries
from ..errors import ContactPointTaken, InvalidContactPoint, TooManyContactPoints
from ..models import Address, ContactPoint, Customer
from ..models.contact_points import LABEL_LENGTH, MOST_POINTS
from ..models.customers import EMAIL_LENGTH, PHONE_LENGTH
from ..phones import is_same_phone, phone_key, read_phone
from .locks import lock_customer, lock_owner

EMAIL, PHONE = ContactPoint.Kind.EMAIL, ContactPoint.Kind.PHONE

# A key of a contact point: its kind, and its value in lower case or as a number in E.164.
type _Key = tuple[str, str]
# The kind, the value and the label of a contact point.
type Way = tuple[str, str, str]


@transaction.atomic
def create_contact_point(point: ContactPoint, *, actor: Actor) -> ContactPoint:
    """Add a contact point to a customer.

    Raises CustomerArchived, InvalidContactPoint, ContactPointTaken or TooManyContactPoints.
    """
    customer = lock_customer(point.customer, actor=actor)
    point.company_id = customer.company_id
    countries = _countries(point, actor)
    _prepare(point, countries)
    _check_new(point, customer, _known(customer), countries)
    with refusing(contact_point_once=lambda: _taken(point)):
        insert(point)
    return point


@transaction.atomic
def update_contact_point(
    point: ContactPoint, *, changes: Changes, normalized_phone: bool = False, actor: Actor
) -> ContactPoint:
    """Change the value or the label of a live contact point, but not its kind.

    With `normalized_phone` the client reads phones in E.164: a phone equal to the stored one
    changes nothing. Raises the refusals of `create_contact_point`, or AlreadyArchived.
    """
    customer = lock_customer(point.customer, actor=actor)
    point = ContactPoint.objects.visible_to(actor).get(pk=point.pk)
    if point.is_archived:
        raise already_archived(point)
    changes, value = dict(changes), changes.get("value")
    countries = _countries(point, actor)
    is_same = point.kind == PHONE and is_same_phone(str(value), point.value, countries)
    if normalized_phone and is_same:
        del changes["value"]
    changed = apply_changes(point, changes)
    if not changed:
        return point
    _prepare(point, countries)
    if "value" in changed:
        others = [one for one in _known(customer) if one.pk != point.pk]
        _check_new(point, customer, others, countries)
        changed += ["phone_e164", "phone_national"]
    with refusing(contact_point_once=lambda: _taken(point)):
        point.save(update_fields=changed)
    return point


@transaction.atomic
def archive_contact_point(point: ContactPoint, *, actor: Actor) -> None:
    """Archive a contact point; raises CustomerArchived or AlreadyArchived."""
    lock_owner(point, actor=actor)
    rows = ContactPoint.objects.visible_to(actor).live().filter(pk=point.pk)
    if not rows.update(archived_at=Clock()):
        raise AlreadyArchived


@transaction.atomic
def restore_contact_point(point: ContactPoint, *, actor: Actor) -> None:
    """Restore a contact point.

    Raises CustomerArchived, NotArchived, ContactPointTaken or TooManyContactPoints.
    """
    customer = lock_owner(point, actor=actor)
    point = ContactPoint.objects.visible_to(actor).get(pk=point.pk)
    if not point.is_archived:
        raise NotArchived
    _check_new(point, customer, _known(customer), _countries(point, actor))
    ContactPoint.objects.visible_to(actor).archived().filter(pk=point.pk).update(archived_at=None)


def archive_repeated_points(customer: Customer) -> None:
    """Archive contact points that repeat the customer's own e-mail address or phone."""
    own = Q(kind=EMAIL, lower=Lower(Value(customer.email)))
    if customer.phone:
        ours = (
            Value(one) for one in (customer.phone, customer.phone_e164, customer.phone_national)
        )
        own |= Q(kind=PHONE, dialled=_dialled(*ours))
    live = ContactPoint.objects.live().annotate(
        lower=Lower("value"), dialled=_dialled(*map(F, ("value", "phone_e164", "phone_national")))
    )
    live.filter(own, customer=customer).update(archived_at=Clock())


def points_of(
    customer: Customer,
    ways: Iterable[Way],
    *,
    known: Iterable[ContactPoint] = (),
    country: str = "",
    actor: Actor,
) -> list[ContactPoint]:
    """Return the given contact points that are not `known`, as unsaved rows.

    Leaves out repeated values and the customer's own e-mail address and phone. `country` is the
    country of the customer's address. Raises InvalidContactPoint or TooManyContactPoints.
    """
    countries = dialling_countries(country, actor.country)
    found, taken = list[ContactPoint](), set[_Key]()
    room = MOST_POINTS
    for one in known:
        taken |= keys_of_way(one.kind, one.value, countries)
        room -= 1
    taken |= keys_of_way(EMAIL, customer.email, countries) | keys_of_way(
        PHONE, customer.phone, countries
    )
    for kind, value, label in ways:
        point = ContactPoint(
            company_id=actor.company_id, customer=customer, kind=kind, value=value, label=label
        )
        _prepare(point, countries)
        keys = keys_of_way(point.kind, point.value, countries)
        if keys & taken:
            continue
        if len(found) >= room:
            raise _too_many()
        taken |= keys
        found.append(point)
    return found


def _prepare(point: ContactPoint, countries: list[str]) -> None:
    """Trim a contact point and fill in the derived fields; raises InvalidContactPoint."""
    point.value, point.label = point.value.strip(), point.label.strip()
    if point.kind not in ContactPoint.Kind.values:
        raise InvalidContactPoint(
            _("The kind must be email or phone; got “%(kind)s”.") % {"kind": point.kind},
            field="kind",
        )
    is_right = _is_email(point.value) if point.kind == EMAIL else _is_phone(point.value)
    if not is_right:
        sentence = (
            _("Must be an e-mail address such as ann@example.com; got “%(given)s”.")
            if point.kind == EMAIL
            else _("Must be a phone number such as +44 20 7946 0018; got “%(given)s”.")
        )
        raise InvalidContactPoint(sentence % {"given": point.value[:PHONE_LENGTH]})
    if len(point.label) > LABEL_LENGTH:
        facts = {"most": LABEL_LENGTH, "length": len(point.label)}
        raise InvalidContactPoint(
            _("The label must have at most %(most)s characters; got %(length)s.") % facts,
            field="label",
        )
    if point.kind == PHONE:
        point.phone_e164, point.phone_national = read_phone(point.value, countries)


def _is_email(value: str) -> bool:
    try:
        validate_email(value)
    except ValidationError:
        return False
    return 0 < len(value) <= EMAIL_LENGTH


def _is_phone(value: str) -> bool:
    return len(value) <= PHONE_LENGTH and any(letter.isdecimal() for letter in value)


def _check_new(
    point: ContactPoint, customer: Customer, known: list[ContactPoint], countries: list[str]
) -> None:
    """Raise ContactPointTaken or TooManyContactPoints unless a contact point can be added."""
    if _repeats(point, customer, [], countries):
        sentence = _("“%(value)s” is the customer's own %(kind)s already. Give another one.")
        kind = _("e-mail address") if point.kind == EMAIL else _("phone number")
        raise ContactPointTaken(sentence % {"value": point.value, "kind": kind})
    if _repeats(point, customer, known, countries):
        raise _taken(point)
    if len(known) >= MOST_POINTS:
        raise _too_many()


def _repeats(
    point: ContactPoint, customer: Customer, known: list[ContactPoint], countries: list[str]
) -> bool:
    """Return whether a contact point repeats the customer's own value or a known one."""
    own = customer.email if point.kind == EMAIL else customer.phone
    others = [own, *(one.value for one in known if one.kind == point.kind)]
    return any(_is_same(point, other, countries) for other in others if other)


def keys_of_way(kind: str, value: str, countries: list[str]) -> set[_Key]:
    """Return keys of a value; two values are the same by `_is_same` if they share a key."""
    if not value:
        return set()
    keys: set[_Key] = {(kind, value.lower())}
    if kind == PHONE and (number := phone_key(value, countries)):
        keys.add((kind, number))
    return keys


def _is_same(point: ContactPoint, other: str, countries: list[str]) -> bool:
    if point.value.lower() == other.lower():
        return True
    return point.kind == PHONE and is_same_phone(point.value, other, countries)


def _taken(point: ContactPoint) -> ContactPointTaken:
    text = _("This customer has the contact point “%(value)s” already. Use that one.")
    return ContactPointTaken(text % {"value": point.value})


def _too_many() -> TooManyContactPoints:
    text = _("A customer has at most %(most)s contact points. Archive one first.")
    return TooManyContactPoints(text % {"most": MOST_POINTS})


def _known(customer: Customer) -> list[ContactPoint]:
    return [*ContactPoint.objects.live().filter(customer=customer).order_by("id")]


def _countries(point: ContactPoint, actor: Actor) -> list[str]:
    """Return the countries whose numbers may be typed without `+`; none for an e-mail address."""
    if point.kind != PHONE:
        return []
    home = Address.objects.live().filter(customer=point.customer_id, is_default=True)
    country = home.values_list("country", flat=True).first() or ""
    return dialling_countries(country, actor.country)


def _dialled(*columns: models.Expression | F) -> Func:
    """Return a number in E.164 with its extension, or as typed if it could not be read."""
    return Func(*columns, function="customers_dialled", output_field=models.TextField())
