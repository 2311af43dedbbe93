"""Many new customers at once, with further addresses, contact points and notes."""

from typing import Any

from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.actions import Newcomer, add_to_customer, create_customers
from customers.models import Address, ContactPoint, Customer, Note
from tests.factories import ACustomer, AnAddress
from tests.statements import recorded

HOME = {"street": "1 High Street", "city": "Leeds", "country": "GB"}


def newcomer(number: int, **more: Any) -> Newcomer:
    customer = Customer(
        first_name=f"Name{number}", email=f"p{number}@x.example", external_id=f"x{number}"
    )
    parts: dict[str, Any] = {
        "addresses": [HOME | {"street": "1 HIGH street"}, {"city": "York", "label": "Work"}],
        "contact_points": [
            ("phone", "0113 496 0018", "work"), ("email", f"P{number}@x.example", ""),
            ("phone", "+44 113 496 0018", "again"), ("email", "both@x.example", ""),
        ],
        "note": " Likes tea. ",
    }  # fmt: skip
    return Newcomer(customer, HOME, **{**parts, **more})


def told_of(customer: Customer) -> dict[str, Any]:
    """Return the addresses, contact points and notes of a customer."""
    with acting_for(customer.company_id):
        theirs = {"customer": customer}
        points = ContactPoint.objects.live().filter(**theirs).order_by("id")
        return {
            "addresses": [
                (one.city, one.is_default)
                for one in Address.objects.live().filter(**theirs).order_by("id")
            ],
            "points": [(one.kind, one.value, one.phone_e164, one.label) for one in points],
            "notes": [(one.content, one.author_name) for one in Note.objects.filter(**theirs)],
        }


WHOLE = {
    "addresses": [("Leeds", True), ("York", False)],
    "points": [
        ("phone", "0113 496 0018", "+441134960018", "work"), ("email", "both@x.example", "", ""),
    ],
    "notes": [("Likes tea.", "Ida")],
}  # fmt: skip


def test_many_newcomers_come_with_all_that_is_theirs(studio: Company) -> None:
    author = Actor("command", "Ida", studio.id, "GB")

    def ran(first: int, count: int) -> int:
        newcomers = [newcomer(number) for number in range(first, first + count)]
        with acting_for(studio.id), recorded() as statements:
            assert create_customers(newcomers, actor=author) == [None] * count
        for one in newcomers:
            assert told_of(one.customer) == WHOLE
        return len(statements)

    assert ran(0, 2) == ran(100, 30), "in a few statements for all of them"


def test_a_newcomer_that_is_refused_leaves_nothing(studio: Company) -> None:
    author = Actor("command", "Ida", studio.id, "GB")
    ACustomer(company=studio, external_id="x1")
    wrong = newcomer(2, contact_points=[("email", "nonsense", "")])
    newcomers = [newcomer(1), wrong, newcomer(3)]
    with acting_for(studio.id):
        refusals = create_customers(newcomers, actor=author)
        known = {*Customer.objects.values_list("external_id", flat=True)}
    assert [one and one.code for one in refusals] == [
        *("external_id_taken", "invalid_contact_point", None)
    ]
    assert known == {"x1", "x3"}
    assert told_of(newcomers[2].customer) == WHOLE


def test_only_what_is_not_there_yet_is_added(studio: Company) -> None:
    ana = ACustomer(company=studio, email="ana@diaz.example")
    author = Actor("command", "Ida", ana.company_id, "GB")
    AnAddress(company=ana.company, customer=ana, postal_code="", **HOME)
    one = newcomer(1)
    parts: dict[str, Any] = {
        "addresses": one.addresses, "contact_points": one.contact_points, "note": one.note,
    }  # fmt: skip
    with acting_for(ana.company_id):
        assert add_to_customer(ana, **parts, actor=author)
        after = told_of(ana)
        assert not add_to_customer(ana, **parts, actor=author), "nothing is new"
        assert not add_to_customer(ana, actor=author)
    assert told_of(ana) == after
    assert after == WHOLE | {
        "points": [WHOLE["points"][0], ("email", "P1@x.example", "", ""), WHOLE["points"][1]]
    }
