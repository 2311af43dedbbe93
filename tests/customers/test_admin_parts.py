"""Addresses, users, notes and zones in the back-office."""

from typing import Any

from config.access.models import Staff
from config.tenancy.archiving import archive_row
from config.tenancy.companies import Company
from customers.actions import archive_customer
from customers.models import Address, CustomerUser, Note, Zone
from tests.backoffice import Browser, errors, fresh, only, page_of, said, staff_changes
from tests.factories import ACustomer, AnAddress, ANote, AUser, act

ADD = "/admin/customers/{}/add/"
PICK = {"app_label": "customers", "model_name": "address", "field_name": "customer"}


def test_an_address_is_added_from_its_customers_page(browser: Browser, customer: Any) -> None:
    page = browser.get(page_of(customer)).text
    address = f"{ADD.format('address')}?customer={customer.pk}"
    assert address in page
    answer = browser.send(address, street="1 High Street", city="London")
    assert answer["Location"] == page_of(customer)
    added = only(Address, customer.company)
    assert (added.customer_id, added.city, added.is_default) == (customer.pk, "London", True)


def test_a_user_is_added_once_with_an_e_mail_address(browser: Browser, customer: Any) -> None:
    user = {"customer": str(customer.pk), "email": "ulla@example.com"}
    browser.send(ADD.format("customeruser"), **user)
    assert only(CustomerUser, customer.company).email == "ulla@example.com"
    answer = browser.send(ADD.format("customeruser"), **user | {"email": "ULLA@example.com"})
    told = (
        "This customer has a user with the e-mail address “ULLA@example.com”. Use that one, or "
        "send another address."
    )
    assert errors(answer) == {"email": [told]}
    assert [change.table_name for change in staff_changes()] == ["customers_customeruser"]


def test_a_note_is_written_in_the_writers_name_and_stays_as_it_is(
    browser: Browser, customer: Any, owner: Staff
) -> None:
    browser.send(ADD.format("note"), customer=str(customer.pk), content="Two\nlines <b>")
    note = only(Note, customer.company)
    assert (note.author_id, note.author_name) == (owner.pk, "Olive Owner")
    page = browser.get(page_of(note))
    assert "Two<br>lines &lt;b&gt;" in page.text
    assert 'name="content"' not in page.text
    assert browser.post(page_of(note), content="Other words").status_code == 403
    assert "Two" in fresh(note).content


def test_nothing_is_added_to_an_archived_customer_or_to_none(
    browser: Browser, studio: Company, customer: Any
) -> None:
    gone = ACustomer(company=studio, archived=True)
    page = browser.get(page_of(gone)).text
    nobody = "Give an e-mail address, a first name or a last name."
    cases: list[tuple[str, dict[str, str], str]] = [
        ("address", {}, ""),
        ("note", {"content": "Words"}, "This field is required."),
        ("customeruser", {"email": "u@example.com"}, nobody),
    ]
    for kind, fields, sentence in cases:
        add = ADD.format(kind)
        assert add not in page
        answer = browser.send(add, customer=str(gone.pk), **fields)
        assert answer.text.count("This customer is archived and cannot be changed.") == 1, kind
        assert "customer" in errors(browser.send(add, customer=""))
        if sentence:
            empty = browser.send(add, customer=str(customer.pk))
            assert empty.text.count(sentence) == 1
    assert staff_changes() == []


def test_customers_are_picked_from_those_of_the_company_that_are_not_archived(
    browser: Browser, customer: Any, studio: Company, rival: Company
) -> None:
    ACustomer(company=rival, first_name="Ana", last_name="Rival")
    ACustomer(company=studio, first_name="Ana", last_name="Archived", archived=True)
    for term in ("ana", "", "\x00ana"):
        answer = browser.get("/admin/autocomplete/", term=term, **PICK).json()
        assert answer["results"] == [{"id": str(customer.pk), "text": "Ana Díaz · ana@example.com"}]
    for change in ({"field_name": "company"}, {"model_name": "nothing"}, {"app_label": "auth"}):
        assert browser.get("/admin/autocomplete/", term="", **PICK | change).status_code == 403


def test_the_default_address_passes_on_and_is_not_given_up(
    browser: Browser, studio: Company, customer: Any
) -> None:
    first, second = (AnAddress(company=studio, customer=customer) for _ in range(2))
    assert "is_default" not in browser.form(page_of(first)).names
    browser.send(page_of(second), is_default="on")
    assert (fresh(first).is_default, fresh(second).is_default) == (False, True)


def test_a_changed_address_and_user_go_through_their_actions(
    browser: Browser, studio: Company, customer: Any
) -> None:
    address = AnAddress(company=studio, customer=customer)
    user = AUser(company=studio, customer=customer, first_name="Ulla")
    form = browser.form(page_of(address))
    assert "customer" not in form.names, "what hangs on a customer stays with them"
    moved = {"customer": str(ACustomer(company=studio).pk)}
    assert browser.post(page_of(address), **form.values | moved).status_code == 302
    assert fresh(address).customer_id == customer.pk
    browser.send(page_of(address), postal_code="E2 7DP", access_notes="Ring\r\ntwice")
    browser.send(page_of(user), first_name="Ursula")
    assert (fresh(address).postal_code, fresh(address).postal_key) == ("E2 7DP", "E27DP")
    assert fresh(customer).updated_at > customer.updated_at
    assert fresh(user).first_name == "Ursula"
    assert browser.send(page_of(address)).status_code == 302
    assert [change.object_id for change in staff_changes()] == [address.pk, user.pk]


def test_parts_are_found_by_their_customer_and_read_only_once_that_is_archived(
    browser: Browser, studio: Company, customer: Any
) -> None:
    other = ACustomer(company=studio, first_name="Bo", email="")
    rows = []
    for make in (AnAddress, AUser, ANote):
        make(company=studio, customer=other)
        rows.append(make(company=studio, customer=customer))
        kind = rows[-1]._meta.model_name
        found = browser.get(f"/admin/customers/{kind}/", q="diaz").context["cl"].result_list
        assert [row.customer for row in found] == [customer], kind
    act(studio, archive_customer, customer)
    for row in rows:
        page = browser.get(page_of(row)).text
        assert "The customer is archived." in page
        assert 'name="_save"' not in page
    answer = browser.get(page_of(Address(company=studio)))
    assert answer["Location"] == "/admin/customers/address/"
    assert said(answer) == ["This address does not exist."]


def test_a_zone_takes_its_postal_codes_line_by_line_until_it_is_archived(
    browser: Browser, studio: Company
) -> None:
    browser.send(ADD.format("zone"), name="East", postal_codes="E1 6AN\r\n\r\nE2 7DP, E3 4SS")
    zone = only(Zone, studio)
    assert zone.postal_codes == ["E1 6AN", "E2 7DP", "E3 4SS"]
    assert browser.form(page_of(zone)).values["postal_codes"] == "E1 6AN\r\nE2 7DP\r\nE3 4SS"
    browser.send(page_of(zone), postal_codes="E9", name="Far east")
    assert (fresh(zone).postal_codes, fresh(zone).name) == (["E9"], "Far east")
    answer = browser.send(page_of(zone), postal_codes="x" * 31)
    assert list(errors(answer)) == ["postal_codes"]
    form = browser.form(page_of(zone))
    act(studio, archive_row, zone)
    answer = browser.post(page_of(zone), **form.values | {"name": "West"})
    assert answer.text.count("This zone is archived. Restore it first.") == 1
    assert fresh(zone).name == "Far east"
    assert 'name="name"' not in browser.get(page_of(zone)).text
