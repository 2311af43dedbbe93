"""Customers in the back-office: found, read, changed, and refused as everywhere."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.access.actors import Actor
from config.access.models import Company
from config.access.tenancy import acting_for
from customers.actions import archive_customer, pause_customer, update_customer
from customers.models import Customer
from tests.backoffice import Browser, Form, form_of, fresh, page_of, said, staff_changes
from tests.factories import ACustomer, AnAddress, ANote, AUser

CUSTOMERS = "/admin/customers/customer/"


def test_a_new_customer_is_taken_on_by_the_action(browser: Browser, studio: Company) -> None:
    answer = browser.send(
        f"{CUSTOMERS}add/",
        first_name="Ana",
        last_name="Díaz",
        phone="020 7946 0958",
        preferred_contact="phone",
        marketing_opt_in="true",
    )
    with acting_for(studio.id):
        customer = Customer.objects.get()
    assert answer["Location"] == page_of(customer)
    assert (customer.display_name, customer.company) == ("Ana Díaz", studio)
    assert customer.phone_e164 == "+442079460958"
    assert customer.preferences == {"preferred_contact": "phone", "marketing_opt_in": True}
    assert [change.object_id for change in staff_changes()] == [customer.pk]


def test_a_change_writes_what_the_person_changed_and_nothing_else(
    browser: Browser, studio: Company, actor: Actor
) -> None:
    customer = ACustomer(company=studio, first_name="Ana", phone="020 7946 0958")
    form = browser.form(form_of(customer))
    with acting_for(studio.id):
        update_customer(customer, changes={"phone": "020 7946 0111"}, actor=actor)
    answer = browser.post(form_of(customer), **form.values | {"first_name": "Anna"})
    assert answer["Location"] == page_of(customer)
    now = fresh(customer)
    assert (now.first_name, now.phone) == ("Anna", "020 7946 0111")
    assert [change.after for change in staff_changes()] == [{"first_name": "Anna"}]


def test_a_form_sent_unchanged_leaves_no_trace(browser: Browser, studio: Company) -> None:
    customer = ACustomer(company=studio, preferences={"preferred_contact": "email"})
    assert browser.send(form_of(customer)).status_code == 302
    assert fresh(customer).updated_at == customer.updated_at
    assert staff_changes() == []


def test_staff_change_the_preferences_they_know_and_keep_the_others(
    browser: Browser, studio: Company
) -> None:
    kept = {"language": "en", "<b>": "<i>"}
    customer = ACustomer(
        company=studio, preferences=kept | {"preferred_contact": "email", "marketing_opt_in": True}
    )
    for address in (page_of(customer), form_of(customer)):
        assert "language: en" in browser.get(address).text
        assert "<i>" not in browser.get(address).text
    browser.send(form_of(customer), preferred_contact="", marketing_opt_in="false")
    assert fresh(customer).preferences == kept | {"marketing_opt_in": False}
    browser.send(form_of(customer), marketing_opt_in="unknown")
    assert fresh(customer).preferences == kept


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({}, None, "Give at least a name, a legal name, an e-mail address or an external id."),
        (
            {"first_name": "Zoë", "external_id": "77"},
            "external_id",
            "Another customer has this external id.",
        ),
        (
            {"first_name": "Zoë", "preferred_contact": "x" * 41},
            "preferred_contact",
            "Must be text of up to 40 letters, such as email or phone.",
        ),
    ],
)
def test_a_refusal_is_told_once_with_what_was_typed_and_nothing_is_saved(
    typed: dict[str, str], field: str | None, sentence: str, browser: Browser, studio: Company
) -> None:
    ACustomer(company=studio, external_id="77")
    answer = browser.send(f"{CUSTOMERS}add/", **typed)
    assert answer.status_code == 200
    assert answer.text.count(sentence) == 1
    assert answer.context["adminform"].form.errors == {field or "__all__": [sentence]}
    assert said(answer) == []
    for text in typed.values():
        assert f'value="{text}"' in answer.text
    with acting_for(studio.id):
        assert Customer.objects.count() == 1
    assert staff_changes() == []


def test_a_refused_change_leaves_the_customer_as_it_was(browser: Browser, studio: Company) -> None:
    ACustomer(company=studio, external_id="77")
    customer = ACustomer(company=studio, first_name="Ana", external_id="78")
    answer = browser.send(form_of(customer), first_name="Anna", external_id="77")
    assert answer.text.count("Another customer has this external id.") == 1
    assert 'value="Anna"' in answer.text
    assert (fresh(customer).first_name, fresh(customer).external_id) == ("Ana", "78")
    assert staff_changes() == []
    put_right = Form(answer.text, "customer_form").values | {"external_id": "79"}
    assert browser.post(form_of(customer), **put_right).status_code == 302
    assert (fresh(customer).first_name, fresh(customer).external_id) == ("Anna", "79")


def test_an_archived_customer_is_shown_without_a_form_and_with_a_way_back(
    browser: Browser, studio: Company
) -> None:
    customer = ACustomer(company=studio, first_name="Ana", archived=True, preferences={"a": "b"})
    page = browser.get(page_of(customer)).text
    assert browser.get(form_of(customer))["Location"] == page_of(customer)
    assert "This customer is archived." in page
    assert f"{customer.pk}/restore/" in page
    assert f"{customer.pk}/archive/" not in page


def test_a_form_sent_after_somebody_archived_the_customer_is_refused(
    browser: Browser, studio: Company, actor: Actor
) -> None:
    customer = ACustomer(company=studio, first_name="Ana")
    form = browser.form(form_of(customer))
    with acting_for(studio.id):
        archive_customer(customer, actor=actor)
    answer = browser.post(form_of(customer), **form.values | {"first_name": "Anna"})
    assert answer.status_code == 200
    assert answer.text.count("This customer is archived and cannot be changed.") == 1
    assert 'value="Anna"' in answer.text
    assert fresh(customer).first_name == "Ana"
    assert staff_changes() == []


@pytest.mark.parametrize(
    "typed",
    ["ana dia", "DÍAZ", "ana.diaz@ex", "020 7946-0958", "+44 20 7946", "0044 2079", "diaz ana"],
)
def test_a_customer_is_found_by_name_accents_aside_by_e_mail_and_by_phone(
    typed: str, browser: Browser, studio: Company, rival: Company
) -> None:
    person = {"email": "ana.diaz@example.com", "phone": "+44 20 7946 0958"}
    ACustomer(company=studio, first_name="Ana", last_name="Díaz", **person)
    ACustomer(company=rival, first_name="Ana", last_name="Díaz", **person)
    ACustomer(company=studio, first_name="Bo", last_name="Berg", phone="+44 20 7000 0000")
    found = browser.get(CUSTOMERS, q=typed).context["cl"].result_list
    assert [str(row) for row in found] == ["Ana Díaz"]


def test_a_search_without_a_hit_says_what_to_try(browser: Browser, studio: Company) -> None:
    assert "No customers yet" in browser.get(CUSTOMERS).text
    ACustomer(company=studio)
    assert "Nothing matches" in browser.get(CUSTOMERS, q="nobody").text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, {"Active", "Paused", "Gone"}),
        ({"status": "active"}, {"Active"}),
        ({"status": "inactive"}, {"Paused"}),
        ({"status": "deactivated"}, {"Gone"}),
        ({"archived": "yes"}, {"Gone"}),
        ({"archived": "no"}, {"Active", "Paused"}),
        ({"archived": "no", "status": "inactive", "q": "pau"}, {"Paused"}),
        ({"created_at_from": "2026-06-01"}, {"Active", "Gone"}),
        ({"created_at_to": "31/05/2026"}, {"Paused"}),
        ({"created_at_from": "31/05/2026", "created_at_to": "31/05/2026"}, {"Paused"}),
        ({"created_at_from": "01/06/2026", "created_at_to": "01/06/2026"}, set()),
    ],
)
def test_filters_narrow_the_list(
    query: dict[str, str], found: set[str], browser: Browser, studio: Company, actor: Actor
) -> None:
    for name in ("Active", "Paused", "Gone"):
        ACustomer(company=studio, first_name=name, last_name="", archived=name == "Gone")
    with acting_for(studio.id):
        paused = Customer.objects.get(first_name="Paused")
        pause_customer(paused, actor=actor)
        # The last minute of 31 May in London, which is an hour earlier by UTC.
        Customer.objects.filter(pk=paused.pk).update(created_at="2026-05-31T22:59:00Z")
        Customer.objects.exclude(pk=paused.pk).update(created_at="2026-06-02T00:00:00Z")
    rows = browser.get(CUSTOMERS, **query).context["cl"].result_list
    assert {row.first_name for row in rows} == found


def test_a_customer_without_a_name_can_be_opened_from_the_list(
    browser: Browser, studio: Company
) -> None:
    ACustomer(company=studio, first_name="", last_name="", email="only@example.com")
    assert ">only@example.com</a>" in browser.get(CUSTOMERS).text.replace("\n", "")


@pytest.mark.parametrize("kind", ["customer", "address", "customeruser", "note"])
def test_a_list_takes_as_many_statements_for_many_rows_as_for_few(
    kind: str, browser: Browser, studio: Company
) -> None:
    def make(count: int) -> None:
        for _ in range(count):
            customer = ACustomer(company=studio)
            for factory in (AnAddress, AUser, ANote):
                factory(company=studio, customer=customer)

    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            page = browser.get(f"/admin/customers/{kind}/")
        assert page.status_code == 200
        return len(queries)

    make(3)
    statements()
    few = statements()
    make(27)
    assert statements() == few <= 14
