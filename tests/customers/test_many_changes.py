"""`update_customers` does the work of `update_customer` for many customers, in a few statements."""

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.actions import Correction, update_customer, update_customers
from customers.errors import CustomerArchived, IdentifiesNobody
from customers.models import Address, ContactPoint, Customer
from tests.factories import AContactPoint, ACustomer

NAMES = ("first_name", "email", "phone", "phone_e164", "preferences", "tags", "external_id")
HOME = ("street", "city", "country", "is_default")

# The changes of each customer, and of the customer's address.
CHANGES: list[tuple[dict[str, Any], dict[str, object]]] = [
    ({"first_name": "Zoë", "preferences": {"language": "de", "marketing_opt_in": None}}, {}),
    ({"phone": "020 7946 0018", "tags": ["VIP", "vip", "Regular"]}, {}),
    ({}, {"city": "Kyiv"}),
    ({"phone": "079 555 11 22"}, {"street": "Bahnhofstrasse 1", "country": "Switzerland"}),
    ({"external_id": "x-5", "email": "five@example.com"}, {"city": "York"}),
]


def people(studio: Company) -> list[Customer]:
    home = {"street": "1 High Street", "country": "United Kingdom"}
    return [
        ACustomer(
            company=studio,
            preferences={"marketing_opt_in": True},
            address=home if number % 2 else None,
            first_name="Ada",
            last_name="Lee",
            email=f"same{number}@example.com",
        )
        for number in range(len(CHANGES))
    ]


def facts(customers: list[Customer]) -> list[Any]:
    found = []
    for one in Customer.objects.filter(pk__in=[one.pk for one in customers]).order_by("pk"):
        homes = Address.objects.filter(customer=one).values_list(*HOME)
        found.append([*(getattr(one, name) for name in NAMES), *homes])
    return found


def test_many_are_changed_as_each_would_be(studio: Company) -> None:
    actor = Actor("command", "Ida", studio.id, "GB")
    one_by_one, together = people(studio), people(studio)
    with acting_for(studio.id):
        for customer, (changes, address) in zip(one_by_one, CHANGES, strict=True):
            update_customer(customer, changes=changes, address=address, actor=actor)
        alone = facts(one_by_one)
        Customer.objects.filter(external_id="x-5").update(external_id="x-4")
        corrections = [
            Correction(customer, changes, address)
            for customer, (changes, address) in zip(together, CHANGES, strict=True)
        ]
        assert update_customers(corrections, actor=actor) == [None] * len(CHANGES)
        assert facts(together) == alone
        for customer in together:
            assert Customer.objects.get(pk=customer.pk).updated_at > customer.updated_at


def test_a_refusal_affects_no_other(studio: Company) -> None:
    actor = Actor("command", "Ida", studio.id, "GB")
    gone, nameless, sound = (
        ACustomer(company=studio, archived=True),
        ACustomer(company=studio),
        ACustomer(company=studio),
    )
    nothing = dict.fromkeys(("first_name", "last_name", "email", "phone"), "")
    corrections = [
        Correction(gone, {"first_name": "Ann"}),
        Correction(nameless, nothing),
        Correction(sound, {"first_name": "Ann"}),
    ]
    with acting_for(studio.id):
        refusals = update_customers(corrections, actor=actor)
        assert [type(one) for one in refusals] == [CustomerArchived, IdentifiesNobody, type(None)]
        names = dict(Customer.objects.values_list("pk", "first_name"))
    assert names == {gone.pk: gone.first_name, nameless.pk: nameless.first_name, sound.pk: "Ann"}


def test_it_takes_as_many_statements_for_many_as_for_two(studio: Company) -> None:
    actor, taken = Actor("command", "Ida", studio.id, "GB"), []
    for count in (2, 30):
        customers = [ACustomer(company=studio) for _ in range(count)]
        corrections = [
            Correction(one, {"first_name": "Ann"}, {"city": "York"}) for one in customers
        ]
        with acting_for(studio.id), CaptureQueriesContext(connection) as captured:
            update_customers(corrections, actor=actor)
        taken.append(len(captured))
    assert taken[0] == taken[1]


def test_repeated_points_are_archived_only_of_those_whose_own_ones_change(studio: Company) -> None:
    """Each contact point repeats its customer's own e-mail address, as older releases allowed."""
    people = [ACustomer(company=studio, email="") for _ in range(2)]
    points = [
        AContactPoint(company=studio, customer=one, kind="email", value="ann@x.org")
        for one in people
    ]
    with acting_for(studio.id):
        Customer.objects.update(email="ann@x.org")
        changes: list[Any] = [{"phone": "020 7946 0018"}, {"first_name": "New"}]
        fixes = [Correction(one, given) for one, given in zip(people, changes, strict=True)]
        assert update_customers(fixes, actor=Actor.command(studio)) == [None, None]
        kept = [ContactPoint.objects.get(pk=one.pk).is_archived for one in points]
    assert kept == [True, False]
