"""The demo company of the first start: its customers and their history until today."""

import datetime
import tomllib
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from billing.actions import add_payment_method
from billing.models import PaymentMethod
from config.access.actions import create_api_client, create_company, create_staff
from config.access.models import ApiClient, Staff
from config.access.scopes import SCOPES
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.days import local_day
from config.tenancy.permissions import Role
from config.tenancy.scoping import acting_for
from customers import actions as customers
from customers.models import Address, ContactPoint, Customer, CustomerUser, Note, Zone

from .catalogue import open_catalogue
from .stories import Studio

SLUG = "demo"
EMAIL = "maya@riverside.example"
DATA = tomllib.loads(Path(__file__).with_name("riverside.toml").read_text(encoding="utf-8"))
# The key of an advisory lock that nothing else in this database uses.
_LOCK = 7_264_188


@dataclass(frozen=True)
class Welcome:
    """The credentials of the first user, shown only once."""

    company: str
    customers: int
    email: str
    password: str
    client_id: str
    client_secret: str


@transaction.atomic
def make_demo_once() -> Welcome | None:
    """Create the demo company if the database has no company; return None if it has one.

    Everything is created in one transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    if Company.objects.exists():
        return None
    company = Company(name="Riverside Studio", slug=SLUG, portal_url="https://riverside.example/me")
    company.tax_rate = Decimal(20)
    for name, value in DATA["rules"].items():
        setattr(company, name, value)
    with acting_for(company.id):
        command = Actor.command(company)
        create_company(company, actor=command)
        maya = Staff(email=EMAIL, first_name="Maya", last_name="Okafor", is_superuser=True)
        staff, password = create_staff(maya, company=company, actor=command)
        first = ApiClient(name="First steps", scopes=list(SCOPES))
        client, secret = create_api_client(first, actor=command)
        actor = staff.actor_in(company)
        desk = Staff(**DATA["front_desk"])
        desk, _unknown = create_staff(desk, company=company, role=Role.FRONT_DESK, actor=command)
        for zone in DATA["zones"]:
            customers.create_zone(Zone(**zone), actor=actor)
        people = [_take_on(local_day(company.id), actor, **person) for person in DATA["people"]]
        catalogue = open_catalogue(company, actor=actor)
        theirs = {str(one): one for one in people}
        studio = Studio(company, actor, catalogue, theirs, desk.actor_in(company))
        studio.live(DATA)
    return Welcome(company.name, len(people), EMAIL, password, client.client_id, secret)


def _take_on(
    today: datetime.date,
    actor: Actor,
    *,
    customer: dict[str, str],
    more: dict[str, Any] | None = None,
    addresses: list[list[str]] | None = None,
    default_address: dict[str, str] | None = None,
    contact_points: list[list[str]] | None = None,
    users: list[list[str]] | None = None,
    notes: list[str] | None = None,
    paused: bool = False,
    archived: bool = False,
    pays_with: list[dict[str, Any]] | None = None,
) -> Customer:
    """Create a customer of riverside.toml with everything that belongs to them."""
    names = ("street", "city", "postal_code", "country", "label")
    homes = [{"label": "Home", **dict(zip(names, one, strict=False))} for one in addresses or []]
    first = {**homes[0], **(default_address or {})} if homes else None
    made = customers.create_customer(
        Customer(**customer, **(more or {})), address=first, actor=actor
    )
    for fields in homes[1:]:
        customers.add_address(Address(customer=made, **fields), actor=actor)
    for kind, value, what in contact_points or []:
        point = ContactPoint(customer=made, kind=kind, value=value, label=what)
        customers.create_contact_point(point, actor=actor)
    for first_name, last_name, email in users or []:
        user = CustomerUser(first_name=first_name, last_name=last_name, email=email)
        user.customer = made
        customers.add_user(user, actor=actor)
    for content in notes or []:
        customers.write_note(Note(customer=made, content=content), actor=actor)
    for fields in pays_with or []:
        expiry = {"exp_year": today.year + 2} if "exp_month" in fields else {}
        token = f"demo_{fields['type']}_{made.id.hex[-8:]}"
        method = PaymentMethod(customer=made, token=token, **fields, **expiry)
        add_payment_method(method, actor=actor)
    if paused:
        customers.pause_customer(made, actor=actor)
    if archived:
        customers.archive_customer(made, actor=actor)
    return made
