"""The search finds customers before, during and after the upgrade that recomputes their words."""

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.db.migrations.loader import MigrationLoader

from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.models import Customer
from customers.models.finding import Matching, Naming
from tests.conftest import DATABASES
from tests.factories import ACustomer, make_company

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)

APP = Path(__file__).parents[2] / "customers"
FOLDER = APP / "migrations"
# The functions by which 0006_words_of_every_script searches, until 0008 and 0009 replace them.
MEANWHILE = {
    "search.sql": ("regulars_fold", "regulars_words", "customers_mark"),
    "finding.sql": ("customers_numbers", "customers_is_number", "customers_wanted"),
    "unfilled.sql": ("customers_asked_before",),
    "searching.sql": (
        "customers_is_filled", "customers_counted", "customers_ranked_terms", "customers_asked",
    ),
    "words.sql": ("customers_words",),
}  # fmt: skip


def function(file: str, name: str) -> str:
    """Return the definition of a function in an SQL file."""
    found = re.search(rf"CREATE (?:OR REPLACE )?(FUNCTION {name}\(.*?\n\n)", _text(file), re.DOTALL)
    assert found, name
    return f"CREATE OR REPLACE {found[1]}"


def _text(file: str) -> str:
    return (FOLDER / file).read_text() + "\n\n"


def run(statement: str) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement)


@pytest.fixture
def before() -> Iterator[None]:
    """Compute words as the previous release did, and search as its upgrade does meanwhile."""
    for file, names in MEANWHILE.items():
        for name in names:
            run(function(file, name))
    yield
    for file in ("words.sql", "search_terms.sql"):
        run((APP / "sql" / file).read_text())
    loader = MigrationLoader(None, replace_migrations=False)
    drop, _ = loader.get_migration("customers", "0010_functions_that_nothing_calls").operations
    run(drop.sql)


@pytest.fixture
def company(before: None) -> Company:
    """A company with customers of the previous release, two of them written since the upgrade."""
    company = make_company("Upgraded", country="GB", timezone="Europe/London")
    for first, last, more in (
        ("Νίκος", "Παπαδόπουλος", {"phone": "020 7946 0123"}),
        ("Luís", "Gonçalves", {"email": "luis@mail.example", "external_id": "CRM-1"}),
        ("Common", "Ann", {}),
        ("Common", "Bea", {}),
    ):
        ACustomer(company=company, first_name=first, last_name=last, **more)
    run(function("indexing.sql", "customers_words"))
    ACustomer(company=company, first_name="Common", last_name="New", phone="+44 161 496 0000")
    with acting_for(company.id):
        Customer.objects.filter(last_name="Bea").update(last_name="Bee")
    return company


def found(company: Company, query: str, ways: Any = (Matching, "staff", "likeliest")) -> set[str]:
    """Return the last names that every way of searching finds."""
    answers = []
    with acting_for(company.id):
        for way in ways:
            if way == "staff":
                rows = list(Customer.objects.filter(company=company).meant_by(query))
            elif way == "likeliest":
                rows = Customer.objects.likeliest(query, 20)
            else:
                rows = list(Customer.objects.filter(id__in=way(query)))
            answers.append({one.last_name for one in rows})
    assert all(one == answers[0] for one in answers), answers
    return answers[0]


def page(company: Company, query: str) -> int:
    """Return the total of a numbered page."""
    with acting_for(company.id), connections["default"].cursor() as cursor:
        cursor.execute("SELECT total FROM customers_page(%s, 'a', 25, 0)", [query])
        return int(cursor.fetchone()[0])


def find_all_as_before(company: Company) -> None:
    assert found(company, "νίκος παπαδόπουλος") == {"Παπαδόπουλος"}
    assert found(company, "goncalves") == {"Gonçalves"}
    assert found(company, "goncalves lu", [Naming]) == {"Gonçalves"}
    assert found(company, "luis@mail") == {"Gonçalves"}
    assert found(company, "crm-1", ["staff", "likeliest"]) == {"Gonçalves"}
    assert found(company, "+44 20 7946 0123") == {"Παπαδόπουλος"}
    assert found(company, "7946 0123", ["staff", "likeliest"]) == {"Παπαδόπουλος"}
    assert found(company, "common") == {"Ann", "Bee", "New"}
    assert found(company, "bea") == set()
    assert found(company, "0161 496") == {"New"}
    assert page(company, "common") == 3


def fill(where: str = "TRUE", batch: int = 2) -> None:
    """Run the migration's backfill; `where` limits its rows, to interrupt it halfway."""
    loader = MigrationLoader(None, replace_migrations=False)
    (declared,) = loader.get_migration("customers", "0007_fill_words").operations
    step = copy.copy(declared)
    step.where, step.batch = f"({step.where}) AND ({where})", batch
    with connections["owner"].schema_editor(atomic=False) as editor:
        step.database_forwards("customers", editor, None, None)


def counts(company: Company) -> int:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT COALESCE(sum(customers), 0) FROM customers_wordcount"
            " WHERE company_id = %s AND shared = -1",
            [company.id],
        )
        return int(cursor.fetchone()[0])


def test_customers_are_found_while_their_words_are_filled(company: Company) -> None:
    find_all_as_before(company)
    assert found(company, "ΝΙΚΟΣ") == set()
    assert counts(company) == 2
    # The upgrade is interrupted when half of the rows are filled.
    fill("customers_customer.last_name IN ('Παπαδόπουλος', 'Ann')", batch=1)
    find_all_as_before(company)
    assert found(company, "ΝΙΚΟΣ") == {"Παπαδόπουλος"}
    assert counts(company) == 4
    fill()
    find_all_as_before(company)
    run(_text("filled.sql"))
    find_all_as_before(company)
    assert counts(company) == 5


def test_filling_words_leaves_no_trace(company: Company) -> None:
    query = "SELECT count(*), max(updated_at), (SELECT count(*) FROM changes_change)"
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"{query} FROM customers_customer")
        before = cursor.fetchall()
        fill()
        cursor.execute(f"{query} FROM customers_customer")
        assert cursor.fetchall() == before


def test_without_the_words_of_before_old_customers_would_be_lost(company: Company) -> None:
    run(_text("filled.sql"))
    assert found(company, "goncalves") == set()
