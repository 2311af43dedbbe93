"""Customers in the back-office: they are searched, read, changed and refused as in the API."""

import datetime
from typing import Any

from django.utils import timezone

from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from config.times import show_soon
from customers.actions import archive_customer, create_zone, pause_customer, update_customer
from customers.models import Customer, Zone
from tests.backoffice import (
    Browser,
    Form,
    count,
    errors,
    form_of,
    fresh,
    only,
    page_of,
    said,
    staff_changes,
)
from tests.factories import (
    ACredit,
    ACustomer,
    AnAddress,
    AnAppointment,
    AnInvoice,
    APass,
    APayment,
    ASubscription,
    act,
)
from tests.shares import undone

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
    customer = only(Customer, studio)
    assert answer["Location"] == page_of(customer)
    assert (customer.display_name, customer.company) == ("Ana Díaz", studio)
    assert customer.phone_e164 == "+442079460958"
    assert customer.preferences == {"preferred_contact": "phone", "marketing_opt_in": True}
    assert [change.object_id for change in staff_changes()] == [customer.pk]


def test_a_change_writes_what_was_changed_and_no_more(browser: Browser, studio: Company) -> None:
    customer = ACustomer(company=studio, first_name="Ana", phone="020 7946 0958")
    form = browser.form(form_of(customer))
    act(studio, update_customer, customer, changes={"phone": "020 7946 0111"})
    answer = browser.post(form_of(customer), **form.values | {"first_name": "Anna"})
    assert answer["Location"] == page_of(customer)
    now = fresh(customer)
    assert (now.first_name, now.phone) == ("Anna", "020 7946 0111")
    assert [change.after for change in staff_changes()] == [{"first_name": "Anna"}]


def test_staff_change_known_preferences_and_keep_others(browser: Browser, studio: Company) -> None:
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


def test_a_refusal_is_told_once_and_keeps_what_was_typed(browser: Browser, studio: Company) -> None:
    ACustomer(company=studio, external_id="77")
    nobody = "Give at least a name, a legal name, an e-mail address or an external id."
    text = "Must be text of up to 40 letters, such as email or phone; got “%s”." % ("x" * 40)
    taken = "Another customer has the external id “77”. Use that one, or choose another id."
    cases: list[tuple[dict[str, str], str, str]] = [
        ({}, "__all__", nobody),
        ({"first_name": "Zoë", "external_id": "77"}, "external_id", taken),
        ({"first_name": "Zoë", "preferred_contact": "x" * 41}, "preferred_contact", text),
    ]
    for typed, field, sentence in cases:
        answer = browser.send(f"{CUSTOMERS}add/", **typed)
        assert errors(answer) == {field: [sentence]}
        assert answer.text.count(sentence) == 1
        assert said(answer) == []
        for value in typed.values():
            assert f'value="{value}"' in answer.text
    assert (count(Customer, studio), staff_changes()) == (1, [])


def test_a_refused_change_changes_nothing(browser: Browser, studio: Company, actor: Actor) -> None:
    ACustomer(company=studio, external_id="77")
    customer = ACustomer(company=studio, first_name="Ana", external_id="78", preferences={"a": "b"})
    assert browser.send(form_of(customer)).status_code == 302
    assert fresh(customer).updated_at == customer.updated_at, "sent unchanged it leaves no trace"
    answer = browser.send(form_of(customer), first_name="Anna", external_id="77")
    assert (
        answer.text.count(
            "Another customer has the external id “77”. Use that one, or choose another id."
        )
        == 1
    )
    assert 'value="Anna"' in answer.text
    assert (fresh(customer).first_name, fresh(customer).external_id) == ("Ana", "78")
    put_right = Form(answer.text, "customer_form").values | {"external_id": "79"}
    with acting_for(studio.id), undone():
        archive_customer(customer, actor=actor)
        answer = browser.post(form_of(customer), **put_right)
        assert answer.text.count("This customer is archived and cannot be changed.") == 1
        assert 'value="Anna"' in answer.text
        assert fresh(customer).first_name == "Ana"
    assert staff_changes() == []
    assert browser.post(form_of(customer), **put_right).status_code == 302
    assert (fresh(customer).first_name, fresh(customer).external_id) == ("Anna", "79")


def test_a_customer_is_found_by_name_accents_aside_by_e_mail_and_by_phone(
    browser: Browser, studio: Company, rival: Company
) -> None:
    assert "No customers yet" in browser.get(CUSTOMERS).text
    person = {"email": "ana.diaz@example.com", "phone": "+44 20 7946 0958"}
    ACustomer(company=studio, first_name="Ana", last_name="Díaz", **person)
    ACustomer(company=rival, first_name="Ana", last_name="Díaz", **person)
    ACustomer(company=studio, first_name="", last_name="", email="only@example.com")
    for typed in ("diaz an", "ana.diaz@ex", "020 7946-0958"):
        found = browser.get(CUSTOMERS, q=typed).context["cl"].result_list
        assert [str(row) for row in found] == ["Ana Díaz"], typed
    assert "Nothing matches" in browser.get(CUSTOMERS, q="nobody").text
    assert ">only@example.com</a>" in browser.get(CUSTOMERS).text.replace("\n", "")


def test_filters_narrow_the_list(browser: Browser, studio: Company, actor: Actor) -> None:
    for name in ("Active", "Paused", "Gone"):
        ACustomer(company=studio, first_name=name, last_name="", archived=name == "Gone")
    with acting_for(studio.id):
        paused = Customer.objects.get(first_name="Paused")
        pause_customer(paused, actor=actor)
        # The last minute of 31 May in London; in UTC it is one hour earlier.
        Customer.objects.filter(pk=paused.pk).update(created_at="2026-05-31T22:59:00Z")
        Customer.objects.exclude(pk=paused.pk).update(created_at="2026-06-02T00:00:00Z")
    cases: list[tuple[dict[str, str], set[str]]] = [
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
    ]
    for query, found in cases:
        rows = browser.get(CUSTOMERS, **query).context["cl"].result_list
        assert {row.first_name for row in rows} == found, query


def listed(browser: Browser, **narrowed: Any) -> list[str]:
    return [str(row) for row in browser.get(CUSTOMERS, **narrowed).context["cl"].result_list]


def cells(browser: Browser, studio: Company) -> dict[str, Any]:
    """Return the cells of the only customer in the list."""
    page = browser.get(CUSTOMERS).context["cl"]
    (row,) = page.result_list
    with acting_for(studio.id), timezone.override(studio.timezone):
        return {
            name: str(getattr(page.model_admin, name)(row))
            for name in ("next_booking", "last_booking", "to_pay", "credits", "subscription")
        }


def test_a_customer_is_read_at_a_glance(browser: Browser, studio: Company, customer: Any) -> None:
    assert set(cells(browser, studio).values()) == {"–"}
    mine: dict[str, Any] = {"company": studio, "customer": customer}
    soon = AnAppointment(**mine)
    AnAppointment(**mine, starts_at=soon.starts_at + datetime.timedelta(days=9))
    last = AnAppointment(**mine, starts_at=timezone.now() - datetime.timedelta(days=3))
    ACredit(**mine, amount=2_000)
    ACredit(**mine)
    APass(**mine)
    subscription = ASubscription(**mine)
    invoice = AnInvoice(**mine)
    APayment(**mine, invoice=invoice, amount=100)
    AnInvoice(**mine, draft=True)
    shown = cells(browser, studio)
    with timezone.override(studio.timezone):
        assert shown["next_booking"] == show_soon(soon.starts_at)
    assert str(last.starts_at.year) in shown["last_booking"]
    assert shown["credits"] == "£20.00 + 1 other credit + 10 visits"
    assert shown["subscription"] == subscription.plan.name
    # Includes the three unpaid appointments.
    assert shown["to_pay"] == f"£{(invoice.total - 100 + 3 * last.total) / 100:.2f}"


def test_customers_are_told_apart_by_what_they_have_and_by_zone(
    browser: Browser, studio: Company
) -> None:
    has, _hasnt = (ACustomer(company=studio, first_name=one, last_name="") for one in "AB")
    mine: dict[str, Any] = {"company": studio, "customer": has}
    ASubscription(**mine)
    ACredit(**mine, amount=100)
    AnInvoice(**mine)
    for name in ("subscription", "credit", "owes"):
        assert listed(browser, **{name: "yes"}) == ["A"], name
        assert listed(browser, **{name: "no"}) == ["B"], name
    AnAddress(**mine, postal_code="E1 6AN")
    zone = act(studio, create_zone, Zone(name="East", postal_codes=["E1 6AN"]))
    assert listed(browser, zone=zone.pk) == ["A"]
    (chip,) = browser.get(CUSTOMERS, zone=zone.pk).context["chips"]
    assert (chip.title, chip.text) == ("Zone", "East")
