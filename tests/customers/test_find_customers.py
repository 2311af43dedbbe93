"""The search of staff: any value of a customer finds the customer, the likeliest first."""

import pytest

from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.models import Customer
from tests.factories import ACustomer

# Queries by the last name that each finds; the queries of the last entry find nobody.
FOUND = {
    "Gonçalves": [
        *("LUÍS", "goncalves lu", "luisg@embraer.com.br", "LuisG@Embraer", "embraer"),
        *("embraer.com.br", "@embraer.com", "+55 12 3923-5555", "0055 (12) 39235555", "5555"),
        *("3923 5555", "lu 5555"),
    ],
    "O’Neill": [
        *("oneill", "o'nei", "+44 20 7946 0123", "+44 (0)20 7946 0123", "0044 20 79460123"),
        *("(020) 7946-01", "460123", "7946 0123", "crm-0042/B", "CRM-00"),
    ],
    "Smith-Jones": [
        *("+44 7700 900456", "07700 900456", "jones maria", "smith-j", "maria@studio.example"),
        "studio example",
    ],
    "Ng": ["018F3A2B-0000-7000-8000-00000000BEEF"],
    "": [
        *("", " ", "+", "''", "\\", "%", "a:* | b", "' OR 1=1 --", "124", "5554", "elsewhere"),
        *("@", "!&|"),
    ],
}


@pytest.fixture(autouse=True)
def people(studio: Company, rival: Company) -> None:
    for first, last, more in (
        ("Luís", "Gonçalves", {"email": "luisg@embraer.com.br", "phone": "+55 (12) 3923-5555"}),
        ("Bjørn", "Hansen", {"email": "bjorn.hansen@yahoo.no", "phone": "+47 22 44 22 22"}),
        ("Siobhán", "O’Neill", {"phone": "020 7946 0123", "external_id": "CRM-0042/b"}),
        ("Maria", "Smith-Jones", {"phone": "7700 900 456", "email": "Maria@Studio.example"}),
        ("Ana", "Ng", {"external_id": "018f3a2b-0000-7000-8000-00000000beef"}),
    ):
        ACustomer(company=studio, first_name=first, last_name=last, **more)
    same = {"email": "luisg@embraer.com.br", "phone": "020 7946 0123", "external_id": "CRM-0042/b"}
    ACustomer(company=rival, first_name="Luís", last_name="Elsewhere", **same)


def found(company: Company, query: str, most: int = 8) -> list[str]:
    with acting_for(company.id):
        return [one.last_name for one in Customer.objects.likeliest(query, most)]


def listed(company: Company, query: str) -> set[str]:
    with acting_for(company.id):
        rows = Customer.objects.filter(company=company).meant_by(query)
        return set(rows.values_list("last_name", flat=True))


def test_staff_find_a_customer_by_what_they_have_or_nobody(studio: Company) -> None:
    for last_name, queries in FOUND.items():
        for query in queries:
            assert found(studio, query) == ([last_name] if last_name else []), query
            assert listed(studio, query) == ({last_name} if last_name else set()), query


def test_what_is_exact_comes_first_then_whole_words_then_beginnings(studio: Company) -> None:
    for number, (first, last, more) in enumerate(
        (
            ("Kim", "Exact", {"external_id": "kim"}),
            ("Kim", "Word", {}),
            ("Kimberley", "Beginning", {}),
            ("Kim", "Newer word", {}),
        )
    ):
        ACustomer(company=studio, first_name=first, last_name=last, phone=f"0{number}", **more)
    assert found(studio, "kim") == ["Exact", "Newer word", "Word", "Beginning"]
    assert found(studio, "kim", most=2) == ["Exact", "Newer word"]
    for last_name in ("Old", "Archived", "New"):
        archived = last_name == "Archived"
        ACustomer(company=studio, first_name="Zelda", last_name=last_name, archived=archived)
    assert found(studio, "zelda") == ["New", "Old", "Archived"]


def test_a_common_word_is_found_as_well_as_a_rare_one(studio: Company) -> None:
    for number in range(20):
        ACustomer(company=studio, first_name="Common", last_name=f"Name{number}")
    with acting_for(studio.id):
        rows = Customer.objects.filter(company=studio)
        assert "customers_searched" not in str(rows.meant_by("common").query)
        assert "customers_searched" in str(rows.meant_by("gonçalves").query)
    assert len(listed(studio, "common")) == 20
    assert found(studio, "common", most=3) == ["Name19", "Name18", "Name17"]
    assert listed(studio, "common name7") == {"Name7"}
