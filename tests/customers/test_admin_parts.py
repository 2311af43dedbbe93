"""What hangs on customers, in the back-office: addresses, users, notes, and zones beside them."""

from typing import Any

import pytest

from config.access.actors import Actor
from config.access.models import Company, Staff
from config.access.tenancy import acting_for
from customers.actions import archive_customer, archive_zone, save_zone
from customers.models import Address, Customer, CustomerUser, Note, Zone
from tests.backoffice import Browser, said, staff_changes
from tests.factories import ACustomer, AnAddress, ANote, AUser

ADD = "/admin/customers/{}/add/"
PICK = {"app_label": "customers", "model_name": "address", "field_name": "customer"}


@pytest.fixture
def customer(studio: Company) -> Any:
    return ACustomer(company=studio, first_name="Ana", last_name="Díaz", email="ana@example.com")


def page_of(row: Any) -> str:
    return f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/"


def fresh(row: Any) -> Any:
    with acting_for(row.company_id):
        return type(row).objects.get(pk=row.pk)


def only(model: Any, company: Company) -> Any:
    with acting_for(company.id):
        return model.objects.select_related("customer").get()


def test_an_address_is_added_from_its_customers_page(browser: Browser, customer: Any) -> None:
    page = browser.get(page_of(customer)).text
    address = f"{ADD.format('address')}?customer={customer.pk}"
    assert address in page
    answer = browser.send(address, street="1 High Street", city="London")
    assert answer["Location"] == page_of(customer)
    added = only(Address, customer.company)
    assert (added.customer, added.city, added.is_default) == (customer, "London", True)


def test_a_user_is_added_and_a_second_of_the_same_e_mail_is_refused(
    browser: Browser, customer: Any
) -> None:
    user = {"customer": str(customer.pk), "email": "ulla@example.com"}
    browser.send(ADD.format("customeruser"), **user)
    assert only(CustomerUser, customer.company).email == "ulla@example.com"
    answer = browser.send(ADD.format("customeruser"), **user | {"email": "ULLA@example.com"})
    assert answer.context["adminform"].form.errors == {
        "email": ["This customer has a user with this e-mail address already."]
    }
    assert [change.table_name for change in staff_changes()] == ["customers_customeruser"]


def test_a_note_is_written_in_the_writers_name_and_stays_as_it_is(
    browser: Browser, customer: Any, owner: Staff
) -> None:
    browser.send(ADD.format("note"), customer=str(customer.pk), content="Two\nlines <b>")
    note = only(Note, customer.company)
    assert (note.author, note.author_name) == (owner, "Olive Owner")
    page = browser.get(page_of(note))
    assert "Two<br>lines &lt;b&gt;" in page.text
    assert 'name="content"' not in page.text
    assert browser.post(page_of(note), content="Other words").status_code == 403
    assert "Two" in fresh(note).content


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("note", "This field is required."),
        ("customeruser", "Give an e-mail address, a first name or a last name."),
    ],
)
def test_an_empty_form_is_refused(
    kind: str, sentence: str, browser: Browser, customer: Any
) -> None:
    answer = browser.send(ADD.format(kind), customer=str(customer.pk))
    assert answer.text.count(sentence) == 1
    assert staff_changes() == []


@pytest.mark.parametrize("kind", ["address", "customeruser", "note"])
def test_nothing_is_added_to_an_archived_customer(
    kind: str, browser: Browser, customer: Any, actor: Actor
) -> None:
    with acting_for(customer.company_id):
        archive_customer(customer, actor=actor)
    fields = {"note": {"content": "Words"}, "customeruser": {"email": "u@example.com"}}
    answer = browser.send(ADD.format(kind), customer=str(customer.pk), **fields.get(kind, {}))
    sentence = "This customer is archived and cannot be changed."
    assert (answer.status_code, answer.text.count(sentence)) == (200, 1)
    assert staff_changes() == []
    assert ADD.format(kind) not in browser.get(page_of(customer)).text


@pytest.mark.parametrize("kind", ["address", "customeruser", "note"])
@pytest.mark.parametrize("given", ["foreign", "unknown", "no-id", ""])
def test_another_companys_customer_is_as_good_as_none(
    kind: str, given: str, browser: Browser, rival: Company
) -> None:
    foreign = ACustomer(company=rival, first_name="Rita", last_name="Rival")
    keys = {"foreign": str(foreign.pk), "unknown": str(Customer().pk)}
    key = keys.get(given, given)
    assert "Rita" not in browser.get(f"{ADD.format(kind)}?customer={key}").text
    answer = browser.send(ADD.format(kind), customer=key)
    assert answer.status_code == 200
    assert "Rita" not in answer.text
    assert "customer" in answer.context["adminform"].form.errors
    if given in keys:
        assert answer.context["adminform"].form.errors["customer"] == [
            "Select a valid choice. That choice is not one of the available choices."
        ]


def test_customers_are_picked_from_those_of_the_company_that_are_not_archived(
    browser: Browser, customer: Any, studio: Company, rival: Company
) -> None:
    ACustomer(company=rival, first_name="Ana", last_name="Rival")
    ACustomer(company=studio, first_name="Ana", last_name="Archived", archived=True)
    for term in ("ana", "", "\x00ana"):
        answer = browser.get("/admin/autocomplete/", term=term, **PICK).json()
        assert answer["results"] == [{"id": str(customer.pk), "text": "Ana Díaz · ana@example.com"}]


@pytest.mark.parametrize(
    "change", [{"field_name": "company"}, {"model_name": "nothing"}, {"app_label": "auth"}]
)
def test_nothing_else_can_be_picked_from(change: dict[str, str], browser: Browser) -> None:
    assert browser.get("/admin/autocomplete/", term="", **PICK | change).status_code == 403


def test_what_hangs_on_a_customer_stays_with_them(
    browser: Browser, studio: Company, customer: Any
) -> None:
    address = AnAddress(company=studio, customer=customer)
    other = ACustomer(company=studio)
    form = browser.form(page_of(address))
    assert "customer" not in form.names
    answer = browser.post(page_of(address), **form.values | {"customer": str(other.pk)})
    assert answer.status_code == 302
    assert fresh(address).customer_id == customer.pk


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
    browser.send(page_of(address), postal_code="E2 7DP", access_notes="Ring\r\ntwice")
    browser.send(page_of(user), first_name="Ursula")
    assert (fresh(address).postal_code, fresh(address).postal_key) == ("E2 7DP", "E27DP")
    assert fresh(customer).updated_at > customer.updated_at
    assert fresh(user).first_name == "Ursula"
    assert browser.send(page_of(address)).status_code == 302
    assert [change.object_id for change in staff_changes()] == [address.pk, user.pk]


@pytest.mark.parametrize("kind", [AnAddress, AUser, ANote])
def test_what_hangs_on_an_archived_customer_is_read_only(
    kind: Any, browser: Browser, studio: Company, customer: Any, actor: Actor
) -> None:
    row = kind(company=studio, customer=customer)
    with acting_for(studio.id):
        archive_customer(customer, actor=actor)
    page = browser.get(page_of(row)).text
    assert "The customer is archived." in page
    assert 'name="_save"' not in page


@pytest.mark.parametrize("kind", ["address", "customeruser", "note"])
def test_parts_are_found_by_their_customer(
    kind: str, browser: Browser, studio: Company, customer: Any
) -> None:
    for one in (customer, ACustomer(company=studio, first_name="Bo", email="")):
        for factory in (AnAddress, AUser, ANote):
            factory(company=studio, customer=one)
    rows = browser.get(f"/admin/customers/{kind}/", q="diaz").context["cl"].result_list
    assert [row.customer for row in rows] == [customer]


def test_a_zone_takes_its_postal_codes_line_by_line(
    browser: Browser, studio: Company, actor: Actor
) -> None:
    browser.send(ADD.format("zone"), name="East", postal_codes="E1 6AN\r\n\r\nE2 7DP, E3 4SS")
    with acting_for(studio.id):
        zone = Zone.objects.get()
    assert zone.postal_codes == ["E1 6AN", "E2 7DP", "E3 4SS"]
    assert browser.form(page_of(zone)).values["postal_codes"] == "E1 6AN\r\nE2 7DP\r\nE3 4SS"
    browser.send(page_of(zone), postal_codes="E9", name="Far east")
    assert (fresh(zone).postal_codes, fresh(zone).name) == (["E9"], "Far east")
    answer = browser.send(page_of(zone), postal_codes="x" * 31)
    assert answer.status_code == 200
    assert "postal_codes" in answer.context["adminform"].form.errors


def test_an_archived_zone_is_not_changed(browser: Browser, studio: Company, actor: Actor) -> None:
    with acting_for(studio.id):
        zone = save_zone(Zone(name="East", postal_codes=["E1"]), actor=actor)
    form = browser.form(page_of(zone))
    with acting_for(studio.id):
        archive_zone(zone, actor=actor)
    answer = browser.post(page_of(zone), **form.values | {"name": "West"})
    assert answer.text.count("This zone is archived. Restore it first.") == 1
    assert fresh(zone).name == "East"
    assert 'name="name"' not in browser.get(page_of(zone)).text


def test_a_page_that_is_not_there_is_told_in_a_sentence(browser: Browser, studio: Company) -> None:
    answer = browser.get(page_of(Address(company=studio)))
    assert (answer["Location"], said(answer)) == (
        "/admin/customers/address/",
        ["There is no address here."],
    )
