"""The search for customers by words (contract, section 2, "search", and 5, "company_name")."""

from urllib.parse import quote

import pytest

from config.tenancy.companies import Company
from customers.models import Customer
from tests.callers import Caller
from tests.factories import ACustomer

EVERYBODY = {"Gonçalves", "Hansen", "O’Neill", "Łukasiewicz", "Ramos"}


@pytest.fixture
def people(studio: Company, rival: Company) -> None:
    """A few people whose names, addresses and phones are easy to mistype."""
    for first, last, more in (
        ("Luís", "Gonçalves", {"email": "luisg@embraer.com.br", "phone": "+55 (12) 3923-5555"}),
        ("Bjørn", "Hansen", {"email": "bjorn.hansen@yahoo.no", "phone": "+47 22 44 22 22"}),
        ("Siobhán", "O’Neill", {"phone": "020 7946 0000"}),
        ("Jean-Luc", "Łukasiewicz", {"name": "Straße & Söhne GmbH"}),
        ("Fernando", "Ramos", {"phone": "(5) 555-4729"}),
    ):
        ACustomer(company=studio, first_name=first, last_name=last, **more)
    ACustomer(company=rival, first_name="Luís", last_name="Elsewhere")


def found(integrator: Caller, words: str) -> set[str]:
    answer = integrator.get(f"/v1/customers?search={quote(words)}")
    assert answer.status == 200
    return {one["last_name"] for one in answer.body["data"]}


@pytest.mark.usefixtures("people")
def test_words_find_whoever_has_words_beginning_so(integrator: Caller) -> None:
    for words, names in (
        ("", EVERYBODY),
        ("  ", EVERYBODY),
        ("luis", {"Gonçalves"}),
        ("LUÍS gon", {"Gonçalves"}),
        ("goncalves luis", {"Gonçalves"}),
        ("luis hansen", set()),
        ("uis", set()),
        ("bjorn", {"Hansen"}),
        ("bjørn", {"Hansen"}),
        ("oneill", {"O’Neill"}),
        ("o'neill", {"O’Neill"}),
        ("neill", {"O’Neill"}),
        ("jean-luc", {"Łukasiewicz"}),
        ("luc", {"Łukasiewicz"}),
        ("luk", {"Łukasiewicz"}),
        ("strasse", {"Łukasiewicz"}),
        ("sohne gmbh", {"Łukasiewicz"}),
        ("luisg@embraer.com.br", {"Gonçalves"}),
        ("embraer", {"Gonçalves"}),
        ("+55 12 3923", {"Gonçalves"}),
        ("+4", {"Hansen", "O’Neill"}),
        ("+", set()),
        ("55123923", {"Gonçalves"}),
        ("(12) 3923-55", {"Gonçalves"}),
        ("0207 946", {"O’Neill"}),
        ("+44 20 7946", {"O’Neill"}),
        ("0044 20 7946", {"O’Neill"}),
        ("207946", {"O’Neill"}),
        ("555-4729", set()),
        ("(5) 555-4729", {"Ramos"}),
        ("hansen,", {"Hansen"}),
        *((odd, set()) for odd in ("%", "_", "'", "\\", "a:* | b", "' OR 1=1 --")),
    ):
        assert found(integrator, words) == names, words


@pytest.mark.usefixtures("people")
def test_company_name_looks_at_the_shown_name_only(integrator: Caller) -> None:
    for words, names in (
        ("luis", ["Luís Gonçalves"]),
        ("strasse", ["Straße & Söhne GmbH"]),
        ("gmbh stra", ["Straße & Söhne GmbH"]),
        ("jean-luc", []),
        ("luisg", []),
        ("47", []),
    ):
        answer = integrator.get(f"/customers?company_name={quote(words)}")
        assert [one["name"] for one in answer.body["data"]] == names, words


def test_a_changed_name_is_found_and_the_old_is_not(integrator: Caller, customer: Customer) -> None:
    integrator.patch(f"/v1/customers/{customer.id}", {"last_name": "After"})
    assert found(integrator, "after") == {"After"}
    assert found(integrator, "diaz") == set()
