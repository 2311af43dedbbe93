"""Who the customers are, how they are reached, who acts for them, what was noted about them."""

from dataclasses import dataclass
from typing import Any

from .batch import Batch
from .calendar import AHEAD
from .nations import City, Name, Nation, Phone, fill
from .tables import ADDRESS, CUSTOMER, NOTE, PAYMENT_METHOD, USER
from .words import AUTHORS, BANKS, BRANDS, LABELS, MAIL, NOTES, PREFERENCES

AT_HOME = 0.82
ORGANISATIONS, ARCHIVED, INACTIVE = 0.03, 0.04, 0.06
# Days in which nothing happened before somebody was archived.
_QUIET = 35


@dataclass(slots=True)
class Person:
    """A customer, as far as what happened to them depends on it.

    `since` is the day on which they signed up, `last` the last one on which they come; `method` is
    how they pay, with the id of what they pay with where it is kept.
    """

    id: str
    joined: int
    since: int
    last: int
    is_organisation: bool
    is_archived: bool
    address: str = ""
    card: str = ""
    method: str = "card"


@dataclass(slots=True)
class _Names:
    first: Name
    last: Name
    text: str
    nation: Nation


def take_on(batch: Batch, number: int) -> Person:
    """Take on the customer of a number, who signs up later than those of lower ones."""
    day = batch.calendar.sign_up_day((number + batch.draw.random()) / batch.plan.customers)
    joined = batch.opening(day)
    is_organisation = batch.chance(ORGANISATIONS)
    names = _names(batch)
    gone = _archived_on(batch, day)
    is_active = gone is not None or not batch.chance(INACTIVE)
    last = batch.today + AHEAD
    if gone is not None:
        last = gone - _QUIET
    elif not is_active:
        last = max(day, batch.between(batch.today - 400, batch.today - 1))
    person = Person(batch.ids.at(joined), joined, day, last, is_organisation, gone is not None)
    _write_customer(batch, person, names, number, gone, is_active)
    _write_addresses(batch, person, names.nation)
    _write_users(batch, person, names)
    _write_notes(batch, person, batch.today - 1 if gone is None else gone - 1)
    _write_card(batch, person)
    return person


def _archived_on(batch: Batch, since: int) -> int | None:
    first = since + _QUIET + 1
    if first >= batch.today or not batch.chance(ARCHIVED * 1.15):
        return None
    return batch.between(first, batch.today - 1)


def _names(batch: Batch) -> _Names:
    home = batch.chance(AT_HOME)
    nation = batch.world.home if home else batch.some(batch.world.abroad)
    first, last = batch.some(nation.first_names), batch.some(nation.last_names)
    text = last.text
    if nation.has_two_last_names or batch.chance(0.04):
        between = " " if nation.has_two_last_names else "-"
        text = f"{text}{between}{batch.some(nation.last_names).text}"
    return _Names(first, last, text, nation)


def _write_customer(
    batch: Batch, person: Person, names: _Names, number: int, gone: int | None, is_active: bool
) -> None:
    moment = person.joined if gone is None else batch.opening(gone)
    values: dict[str, Any] = {"email": _email(batch, names) if batch.chance(0.93) else ""}
    if not values["email"] or batch.chance(0.85):
        values |= _phone(batch.some(batch.world.phones[names.nation.code]))
    if person.is_organisation:
        values |= _organisation(batch, names)
    if batch.chance(0.25):
        values["external_id"] = f"{batch.plan.mark}-{number + 1:07}"
    if gone is not None:
        values["archived_at"] = batch.show(moment)
    batch.put(
        CUSTOMER,
        person.joined,
        id=person.id,
        updated_at=batch.show(moment),
        first_name=names.first.text,
        last_name=names.text,
        preferences=batch.some(PREFERENCES),
        is_active="t" if is_active else "f",
        **values,
    )


def _email(batch: Batch, names: _Names) -> str:
    return f"{names.first.slug}.{names.last.slug}{batch.between(1, 999)}@{batch.some(MAIL)}"


def _phone(number: Phone) -> dict[str, str]:
    return {
        "phone": number.typed,
        "phone_e164": number.e164,
        "phone_national": number.national,
    }


def _organisation(batch: Batch, names: _Names) -> dict[str, str]:
    """Return what an organisation has besides the person to talk to."""
    nation = names.nation
    name = batch.some(nation.organisations).format(
        first=names.first.text, last=names.last.text, other=batch.some(nation.last_names).text
    )
    return {
        "name": name,
        "legal_name": f"{name} {nation.suffix}",
        "tax_id": fill(nation.tax_number, batch.draw) if batch.chance(0.7) else "",
    }


def _write_addresses(batch: Batch, person: Person, nation: Nation) -> None:
    """Write a default address for nearly everybody, and another one for some.

    Whoever is from another country has one: it says how their number is read.
    """
    if nation.code == batch.plan.country and not batch.chance(0.94):
        return
    label = "Office" if person.is_organisation else "Home"
    person.address = _write_address(batch, person, nation, label, person.joined, "t")
    if batch.chance(0.09):
        later = min(person.joined + batch.between(60, 40_000_000), batch.now - 1)
        _write_address(batch, person, nation, batch.some(LABELS), max(later, person.joined), "f")


def _write_address(
    batch: Batch, person: Person, nation: Nation, label: str, moment: int, is_default: str
) -> str:
    city: City = batch.some(nation.places)
    flat = batch.some(nation.flats) if batch.chance(0.3) else ""
    return batch.put(
        ADDRESS,
        moment,
        customer_id=person.id,
        label=label,
        street=nation.address.format(
            number=batch.between(1, 180), street=batch.some(nation.streets)
        ),
        sub_premise=flat.format(n=batch.between(1, 24)),
        city=city.name,
        state=city.state,
        postal_code=batch.some(city.codes),
        country=batch.some(nation.typed),
        is_default=is_default,
    )


def _write_users(batch: Batch, person: Person, names: _Names) -> None:
    count = batch.between(1, 3) if person.is_organisation else int(batch.chance(0.015))
    for place in range(count):
        first = names.first if place == 0 else batch.some(names.nation.first_names)
        batch.put(
            USER,
            person.joined + 60 + place,
            customer_id=person.id,
            email=f"{first.slug}.{names.last.slug}.{place + 1}@{batch.some(MAIL)}",
            first_name=first.text,
            last_name=names.text,
        )


def _write_notes(batch: Batch, person: Person, until: int) -> None:
    while batch.chance(0.22):
        day = batch.between(person.since, max(person.since, until))
        moment = max(person.joined + 60, batch.opening(day))
        batch.put(
            NOTE,
            moment,
            updated_at=batch.show(moment),
            customer_id=person.id,
            content=batch.some(NOTES),
            author_name=batch.some(AUTHORS),
        )


def _write_card(batch: Batch, person: Person) -> None:
    """Keep what somebody pays with; the others pay at the desk."""
    if not batch.chance(0.35):
        person.method = "cash" if batch.chance(0.2) else "card"
        return
    moment = person.joined + 120
    values: dict[str, Any] = {}
    if batch.chance(0.82):
        person.method = type = "card"
        year = batch.plan.until.year + batch.between(-1, 4)
        values = {
            "brand": batch.some(BRANDS),
            "exp_month": batch.between(1, 12),
            "exp_year": year,
        }
    else:
        person.method = type = "direct_debit"
        values = {"bank_name": batch.some(BANKS)}
    id = person.card = batch.ids.at(moment)
    batch.put(
        PAYMENT_METHOD,
        moment,
        id=id,
        customer_id=person.id,
        type=type,
        token=f"tok_{in_letters(id)}",
        last4=f"{batch.between(0, 9999):04}",
        is_default="t",
        **values,
    )


def in_letters(id: str) -> str:
    """Return the random part of an id in letters: digits in a row could be a card's number."""
    return id[-20:].translate(_LETTERS)


_LETTERS = str.maketrans("0123456789", "ghijklmnop")
