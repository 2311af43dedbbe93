"""The number of customers with a word is counted on writes, and read from an index."""

import random

import pytest
from django.db import connection
from django.db.models import Value

from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.actions import archive_customer, update_customer
from customers.models import Customer
from customers.models.finding import Matching, sum_word_counts
from tests.callers import Caller
from tests.factories import ACustomer

NAMES = [
    *("Ann", "Anna", "Annabel", "Anna-Lena", "Lena", "Len", "Smith", "Smithson", "Smythe"),
    *("Ångström", "O'Hara", "田中", "김", "Νίκος", "Straße", "أحمد", "smith2"),
]
BEGINNINGS = [
    *("a", "an", "ann", "anna", "annab", "l", "len", "lena", "s", "sm", "smi", "smith", "smiths"),
    *("angstrom", "ohara", "o", "hara", "田", "中", "김", "νικοσ", "strasse", "احمد", "x", "z"),
]
SUM = """
SELECT COALESCE(sum(customers) FILTER (WHERE shared < length(%(word)s)), 0)
  FROM customers_wordcount WHERE starts_with(word, %(word)s)
"""


def counted(word: str) -> int:
    """Return how many customers of the active company have a word with this prefix."""
    with connection.cursor() as cursor:
        cursor.execute(SUM, {"word": word})
        return int(cursor.fetchone()[0])


def check(company: Company) -> None:
    """Compare the counts with the customers that the index finds."""
    with acting_for(company.id):
        for word in BEGINNINGS:
            found = Customer.objects.filter(id__in=Matching(Value(word))).count()
            assert counted(word) == found, word


@pytest.fixture
def crowd(studio: Company) -> list[Customer]:
    """Customers whose names and e-mails share prefixes, written in bulk and one by one."""
    draw = random.Random(14)
    people = []
    for number in range(60):
        first, last = draw.choices(NAMES, k=2)
        fields = {"first_name": first, "last_name": last, "external_id": str(number)}
        if number % 3:
            fields["email"] = f"{draw.choice(['anna', 'smith', 'lena.x'])}{number}@an.example"
        people.append(Customer(company=studio, **fields))
    with acting_for(studio.id):
        Customer.objects.bulk_create(people)
    return people + [ACustomer(company=studio, first_name=name) for name in NAMES]


def test_counts_follow_every_write_and_no_summing_up(
    crowd: list[Customer], studio: Company, rival: Company, actor: Actor
) -> None:
    check(studio)
    with acting_for(studio.id):
        update_customer(crowd[0], changes={"last_name": "Annasmith"}, actor=actor)
        update_customer(crowd[1], changes={"phone": "020 7946 0123"}, actor=actor)
        archive_customer(crowd[2], actor=actor)
        Customer.objects.filter(last_name="Smith").update(last_name="Smythe", email="")
    check(studio)
    with acting_for(studio.id):
        assert sum_word_counts() > 0
        assert sum_word_counts() == 0
    check(studio)
    ACustomer(company=studio, first_name="Ann")
    check(studio)
    with acting_for(rival.id):
        assert counted("ann") == 0
    with acting_for(studio.id):
        assert counted("ann") > 0


SCANS = "SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relname = %s"
AVOID = "SET LOCAL enable_seqscan = off"


@pytest.fixture
def smiths(studio: Company) -> None:
    with acting_for(studio.id):
        Customer.objects.bulk_create(
            Customer(
                company=studio,
                first_name=f"First{number}",
                last_name="Smithson" if number % 7 else "Smith-Jones",
                email=f"smith{number}@smith.example",
            )
            for number in range(600)
        )


@pytest.mark.usefixtures("smiths")
def test_a_word_that_many_have_is_paged_exactly(integrator: Caller, studio: Company) -> None:
    with acting_for(studio.id):
        newest = [one.hex for one in Customer.objects.newest_first().values_list("id", flat=True)]
    for page in (1, 2, 24, 25):
        answer = integrator.get(f"/v1/customers?search=SMITH&page={page}&per_page=25").body
        assert answer["pagination"] == {
            "page": page, "per_page": 25, "total": 600, "total_pages": 24
        }  # fmt: skip
        ids = [one["id"].removeprefix("cust_") for one in answer["data"]]
        assert ids == newest[25 * (page - 1) : 25 * page]


def whole_scans(
    company: Company, statement: str, table: str = "customers_customer", settings: str = AVOID
) -> int:
    """Return how often a statement scans a whole table.

    EXPLAIN does not show plans inside a function, but PostgreSQL counts scans. It would scan small
    tables; with sequential scans disabled it does so only if no index helps.
    """
    with acting_for(company.id), connection.cursor() as cursor:
        # Functions keep plans that they made in this session under other settings.
        cursor.execute(f"DISCARD PLANS; {settings}")
        cursor.execute(SCANS, [table])
        before = cursor.fetchone()[0]
        cursor.execute(statement)
        cursor.execute(SCANS, [table])
        return int(cursor.fetchone()[0] - before)


@pytest.mark.usefixtures("smiths")
def test_a_search_reads_neither_customers_nor_counts_whole(studio: Company) -> None:
    for function in (
        *("customers_page('smith', 'a', 25, 0)", "customers_page('s', 'a', 25, 500)"),
        *("customers_page('first7', 'a', 25, 0)", "customers_page('7', 'a', 25, 0)"),
        *("customers_page('smith first9', 'a', 25, 0)", "customers_found('smi', 7)"),
        *("customers_matching('smith', 'n')", "customers_searched('first12')"),
    ):
        for table in ("customers_customer", "customers_wordcount"):
            assert whole_scans(studio, f"SELECT {function}", table) == 0, (function, table)
    slow = "SELECT count(*) FROM customers_customer WHERE starts_with(last_name, 'Smi')"
    no_index = "SET LOCAL enable_seqscan = on; SET LOCAL enable_indexscan = off"
    no_index += "; SET LOCAL enable_bitmapscan = off"
    noticed = whole_scans(studio, slow, settings=no_index)
    assert noticed == 1, "the negative control: a table that is read whole is noticed"


def test_a_normalized_character_stays_as_it_is_in_either_case() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT to_hex(code)
              FROM generate_series(1, 65533) AS code, chr(code) AS letter,
                   regulars_normalize(letter) AS normal
             WHERE code NOT BETWEEN 55296 AND 57343
               AND (normal <> regulars_normalize(normal)
                    OR regulars_normalize(lower(letter)) <> normal)
            """
        )
        assert [code for (code,) in cursor.fetchall()] == []
