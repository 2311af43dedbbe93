"""The score of two customers who are likely one person, with its reasons and weights."""

from collections.abc import Iterable
from typing import Any

from django.db import connection

from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.actions import create_customer
from customers.models import Customer
from customers.models.duplicates import Fact, Likely, likely_same
from tests.customers.alike import DIFFERENT, SAME, side
from tests.shares import undone


def likely(one: str, other: str, actor: Actor) -> Likely | None:
    """Return how the second customer resembles the first, or None if a duplicate is unlikely."""
    made = []
    for text in (one, other):
        customer, address = side(text)
        made.append(create_customer(customer, address=address, actor=actor))
    found = likely_same(made[1].id)
    back = likely_same(made[0].id)
    assert [(one.score, set(one.reasons)) for one in found] == [
        (one.score, set(one.reasons)) for one in back
    ], "it is the same from either side"
    assert [one.customer_id for one in found] in ([], [made[0].id])
    return found[0] if found else None


def found_among(pairs: Iterable[tuple[str, str]], studio: Company, actor: Actor) -> list[Any]:
    """Return the pairs that are likely duplicates, each with its reasons."""
    told = []
    with acting_for(studio.id):
        for one, other in pairs:
            with undone():
                if near := likely(one, other, actor):
                    told.append((one, other, near.score, near.reasons))
    return told


def test_who_is_the_same_is_found_and_who_only_looks_alike_is_not(
    studio: Company, actor: Actor
) -> None:
    """Measures recall and precision on 40 pairs of one person and 40 pairs of two people."""
    right, wrong = found_among(SAME, studio, actor), found_among(DIFFERENT, studio, actor)
    known = {pair[:2] for pair in right}
    assert (len(SAME), len(DIFFERENT)) == (40, 40)
    recall, precision = len(right) / len(SAME), len(right) / (len(right) + len(wrong))
    missed = [pair for pair in SAME if pair not in known]
    assert (recall, precision) == (1, 1), (missed, wrong)


def test_every_fact_has_a_weight_and_words() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT fact FROM customers_weights() WHERE kind IN ('evidence', 'factor')")
        facts = [fact for (fact,) in cursor.fetchall()]
    assert sorted(facts) == sorted(Fact.values)


def test_reasons_tell_what_agrees_and_what_does_not(studio: Company, actor: Actor) -> None:
    cases = [
        (
            "Wei | Zhang | | 07700 900125",
            "Zhang | Wei | | 07700 900125",
            ["same_phone", "names_swapped"],
        ),
        (
            "Nina | Holm | n@post.example | 07700 900134 | 1990-05-04",
            "Nina | Holm | n@post.example | 07700 900143 | 1990-04-05",
            ["same_email", "similar_phone", "similar_birthday", "same_name"],
        ),
        (
            "Anna | Kowalczyk | ak@post.example",
            " | | ak@post.example | | | | Anna Kowalczyk",
            ["same_email", "organisation_as_person"],
        ),
    ]  # fmt: skip
    found = found_among([case[:2] for case in cases], studio, actor)
    assert [one[3] for one in found] == [case[2] for case in cases]


def test_letters_that_become_many_are_compared_too(studio: Company, actor: Actor) -> None:
    """One Arabic letter becomes eighteen letters when it is normalized."""
    long = "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}"
    with acting_for(studio.id):
        for _number in range(2):
            customer = Customer(legal_name=long * 200, phone="020 7946 0018")
            place = {"street": long * 300, "city": long * 120}
            create_customer(customer, address=place, actor=actor)
        (near,) = likely_same(customer.id)
    assert set(near.reasons) == {"same_phone", "same_address", "same_name"}
