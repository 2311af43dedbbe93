"""Sample customers: their details, contact points, users and payment methods."""

from typing import Any

from billing.models import PaymentMethod
from customers.models import Address, ContactPoint, Customer, CustomerUser, Note

from .batch import Batch, Person, new_id
from .calendar import AHEAD
from .money import token
from .nations import fill, read
from .tables import array
from .words import AUTHORS, BANKS, BRANDS, LABELS, MAIL, NOTES, POINT_LABELS, PREFERENCES, TAGS

AT_HOME, ORGANISATIONS, ARCHIVED, INACTIVE = 0.82, 0.03, 0.046, 0.06
# Days without any event before a customer was archived.
_QUIET = 35


def sign_up(batch: Batch, number: int) -> Person:
    """Make the customer with a number; customers with higher numbers sign up later."""
    day = batch.calendar.sign_up_day((number + batch.random()) / batch.run.customers)
    joined, last, archived = batch.opening(day), batch.today + AHEAD, None
    quiet = day + _QUIET + 1
    if quiet < batch.today and batch.chance(ARCHIVED):
        archived = batch.between(quiet, batch.today - 1)
        last = archived - _QUIET
    is_active = archived is not None or not batch.chance(INACTIVE)
    if not is_active:
        last = max(day, batch.between(batch.today - 400, batch.today - 1))
    nation = batch.run.home if batch.chance(AT_HOME) else batch.some(batch.run.abroad)
    is_organisation = batch.chance(ORGANISATIONS)
    facts = (joined, day, last, archived, is_active, is_organisation)
    person = Person(new_id(joined), nation, *facts)
    _add_customer(batch, person, number)
    # The country of the address decides how a foreign telephone number is parsed.
    if nation.code != batch.run.company.country or batch.chance(0.94):
        _add_addresses(batch, person)
    _add_notes(batch, person)
    if batch.chance(0.35):
        _add_payment_method(batch, person)
    elif batch.chance(0.2):
        person.method = "cash"
    return person


def _add_customer(batch: Batch, person: Person, number: int) -> None:
    nation = person.nation
    first, last = batch.some(nation.first_names), batch.some(nation.last_names)
    last_name, slug = last.text, f"{first.slug}.{last.slug}"
    if nation.has_two_last_names or batch.chance(0.04):
        joint = " " if nation.has_two_last_names else "-"
        last_name = f"{last_name}{joint}{batch.some(nation.last_names).text}"
    values: dict[str, Any] = {"first_name": first.text, "last_name": last_name}
    if has_email := batch.chance(0.93):
        values["email"] = f"{slug}{batch.between(1, 999)}@{batch.some(MAIL)}"
    if not has_email or batch.chance(0.85):
        values["phone"] = batch.some(nation.phones)
        phone = read(values["phone"], nation.code, batch.run.company.country)
        values |= {"phone_e164": phone.e164, "phone_national": phone.national}
    if batch.chance(0.25):
        values["external_id"] = f"{batch.run.mark}-{number + 1:07}"
    if batch.chance(0.12):
        values["tags"] = array(batch.draw.sample(TAGS, batch.between(1, 3)))
    if batch.chance(0.25):
        year = batch.between(1940, 2005) if batch.chance(0.8) else "-"
        values["birthday"] = f"{year}-{batch.between(1, 12):02}-{batch.between(1, 28):02}"
    users = int(batch.chance(0.015))
    if person.is_organisation:
        users = batch.between(1, 3)
        other, form = batch.some(nation.last_names).text, batch.some(nation.form["organisations"])
        values["name"] = form.format(first=first.text, last=last.text, other=other)
        values["legal_name"] = f"{values['name']} {nation.form['company']['suffix']}"
        if batch.chance(0.7):
            values["tax_id"] = fill(nation.form["company"]["tax_number"], batch.draw)
    archived = None if person.archived is None else batch.opening(person.archived)
    batch.put(
        Customer,
        person.joined,
        id=person.id,
        updated_at=archived or person.joined,
        archived_at=archived,
        is_active=person.is_active,
        preferences=batch.some(PREFERENCES),
        **values,
    )
    if batch.chance(0.04):
        email = f"{slug}.{number + 1}@{batch.some(MAIL)}"
        _add_contact_point(batch, person, email, values.get("phone"))
    for place in range(1, users + 1):
        user = first if place == 1 else batch.some(nation.first_names)
        email = f"{user.slug}.{last.slug}.{place}@{batch.some(MAIL)}"
        batch.put(
            CustomerUser,
            person.joined + 60 + place,
            customer_id=person.id,
            first_name=user.text,
            last_name=last_name,
            email=email,
        )


def _add_contact_point(batch: Batch, person: Person, email: str, phone: str | None) -> None:
    """Add another way to reach a customer: an e-mail address, or a second phone of the country."""
    values: dict[str, Any] = {"kind": "email", "value": email}
    typed = batch.some(person.nation.phones)
    if batch.chance(0.5) and typed != phone:
        number = read(typed, person.nation.code, batch.run.company.country)
        forms = {"phone_e164": number.e164, "phone_national": number.national}
        values = {"kind": "phone", "value": typed, **forms}
    label = batch.some(POINT_LABELS)
    batch.put(ContactPoint, person.joined, customer_id=person.id, label=label, **values)


def _add_addresses(batch: Batch, person: Person) -> None:
    """Add a default address, and a second address for some customers."""
    label = "Office" if person.is_organisation else "Home"
    person.address = _add_address(batch, person, person.joined, label=label, is_default=True)
    if batch.chance(0.09):
        later = min(person.joined + batch.between(60, 40_000_000), batch.now - 1)
        label = batch.some(LABELS)
        _add_address(batch, person, max(later, person.joined), label=label, is_default=False)


def _add_address(batch: Batch, person: Person, moment: int, **values: Any) -> str:
    city, form = batch.some(person.nation.cities), person.nation.form
    house = {"number": batch.between(1, 180), "street": batch.some(form["streets"])}
    if batch.chance(0.3):
        values["sub_premise"] = batch.some(form["flats"]).format(n=batch.between(1, 24))
    return batch.put(
        Address,
        moment,
        customer_id=person.id,
        street=form["address"].format(**house),
        city=city.name,
        state=city.state,
        postal_code=batch.some(city.codes),
        country=batch.some(form["typed"]),
        **values,
    )


def _add_notes(batch: Batch, person: Person) -> None:
    until = batch.today if person.archived is None else person.archived
    while batch.chance(0.22):
        moment = batch.opening(batch.between(person.since, max(person.since, until - 1)))
        moment = max(person.joined + 60, moment)
        content, author = batch.some(NOTES), batch.some(AUTHORS)
        batch.put(Note, moment, customer_id=person.id, content=content, author_name=author)


def _add_payment_method(batch: Batch, person: Person) -> None:
    person.card, moment = new_id(person.joined + 120), person.joined + 120
    values: dict[str, Any] = {"last4": f"{batch.between(0, 9999):04}", "is_default": True}
    if batch.chance(0.82):
        year = batch.run.until.year + batch.between(-1, 4)
        values |= {"exp_month": batch.between(1, 12), "exp_year": year, "brand": batch.some(BRANDS)}
    else:
        person.method = "direct_debit"
        values["bank_name"] = batch.some(BANKS)
    values |= {"type": person.method, "token": token("tok", person.card)}
    batch.put(PaymentMethod, moment, id=person.card, customer_id=person.id, **values)
