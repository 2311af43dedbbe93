"""The demo company of the very first start."""

from dataclasses import dataclass

from django.db import connection, transaction

from config.access.actions import create_api_client, create_company, create_staff
from config.access.actors import Actor
from config.access.models import Company, Staff
from config.access.scopes import SCOPES
from config.access.tenancy import acting_for
from customers.actions import (
    add_address,
    add_user,
    archive_customer,
    create_customer,
    pause_customer,
    save_zone,
    write_note,
)
from customers.models import Address, Customer, CustomerUser, Note, Zone

from .demo_bookings import add_bookings
from .demo_credits import add_credits
from .demo_money import add_money
from .demo_people import PEOPLE, ZONES, DemoCustomer

SLUG = "demo"
EMAIL = "maya@riverside.example"
# Any number that nothing else locks in this database.
LOCK = 7_264_186


@dataclass(frozen=True)
class Welcome:
    """What a newcomer signs in with, shown this once."""

    company: str
    customers: int
    email: str
    password: str
    client_id: str
    client_secret: str


@transaction.atomic
def make_demo_once() -> Welcome | None:
    """Make the demo company in a database without any company; None where there is one.

    All of it or nothing: who is interrupted begins again.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    if Company.objects.exists():
        return None
    company = Company(name="Riverside Studio", slug=SLUG, portal_url="https://riverside.example/me")
    with acting_for(company.id):
        create_company(company)
        staff, password = create_staff(EMAIL, company, superuser=True)
        client, secret = create_api_client(company, name="First steps", scopes=SCOPES)
        Staff.objects.filter(pk=staff.pk).update(first_name="Maya", last_name="Okafor")
        staff.refresh_from_db()
        _fill(company, Actor.staff(staff, company))
    return Welcome(company.name, len(PEOPLE), EMAIL, password, client.client_id, secret)


def _fill(company: Company, actor: Actor) -> None:
    for name, codes in ZONES.items():
        save_zone(Zone(name=name, postal_codes=codes), actor=actor)
    taken_on = [_take_on(person, actor) for person in PEOPLE]
    people = {str(customer): customer for customer in taken_on}
    plans = add_money(people, company, actor)
    add_credits(people, plans, company, actor)
    add_bookings(people, company, actor)


def _take_on(person: DemoCustomer, actor: Actor) -> Customer:
    addresses = person.get("addresses", [])
    customer = create_customer(
        Customer(**person["customer"]),
        address=addresses[0] if addresses else None,
        actor=actor,
    )
    for fields in addresses[1:]:
        add_address(Address(customer=customer, **fields), actor=actor)
    for fields in person.get("users", []):
        add_user(CustomerUser(customer=customer, **fields), actor=actor)
    for content in person.get("notes", []):
        write_note(Note(customer=customer, content=content), actor=actor)
    if person.get("paused"):
        pause_customer(customer, actor=actor)
    if person.get("archived"):
        archive_customer(customer, actor=actor)
    return customer
