"""Contact points: further e-mail addresses and phone numbers of a customer."""

from typing import Any
from urllib.parse import quote

import pytest
from django.db import IntegrityError, transaction

from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.actions import add_to_customer, archive_contact_point, update_customer
from customers.models import ContactPoint, Customer
from tests.backoffice import Browser, errors, fresh, only, page_of, staff_changes
from tests.callers import Caller
from tests.customers.test_word_counts import whole_scans
from tests.factories import AContactPoint, ACustomer, act
from tests.refusals import refusal, whole_error, whole_refusal
from tests.statements import recorded

EMAIL, PHONE = {"kind": "email"}, {"kind": "phone"}


def path_of(customer: Customer) -> str:
    return f"/v1/customers/{customer.id}/contact-points"


def live(customer: Customer) -> list[str]:
    with acting_for(customer.company_id):
        rows = ContactPoint.objects.live().filter(customer=customer)
        return [*rows.order_by("id").values_list("value", flat=True)]


@pytest.fixture
def ana(studio: Company) -> Customer:
    return ACustomer(
        company=studio, first_name="Ana", last_name="Díaz", email="ana@diaz.example",
        phone="020 7946 0000",
    )  # fmt: skip


# --- v1: test_v1_parts.py has the tests that all parts of a customer share ------------------------


def test_a_phone_is_kept_as_typed_and_shown_in_e164(integrator: Caller, ana: Customer) -> None:
    made = integrator.post(path_of(ana), PHONE | {"value": " (020) 7946 0018 x12 "})
    shown = {"kind": "phone", "value": "+442079460018;ext=12", "label": None, "archived": False}
    assert (made.status, made.body) == (201, made.body | shown)
    assert live(ana) == ["(020) 7946 0018 x12"]
    here = f"{path_of(ana)}/{made.body['id']}"
    assert integrator.patch(here, {"value": made.body["value"]}).body == made.body
    assert live(ana) == ["(020) 7946 0018 x12"], "what is read and sent back changes nothing"
    changed = integrator.patch(here, {"value": "ask at the desk 5"})
    assert changed.body == made.body | {"value": "ask at the desk 5"}
    abroad = ACustomer(company=ana.company, address={"country": "US"})
    seen = integrator.post(path_of(abroad), PHONE | {"value": "(212) 555-0143"}).body["value"]
    assert seen == "+12125550143", "it is read as a number of the customer's country"


def test_an_email_is_kept_as_typed(integrator: Caller, ana: Customer) -> None:
    made = integrator.post(path_of(ana), EMAIL | {"value": "Ana@Work.example", "label": " work "})
    shown = {"kind": "email", "value": "Ana@Work.example", "label": "work"}
    assert (made.status, made.body) == (201, made.body | shown)
    assert fresh(ana).updated_at == ana.updated_at, "the customer shows no contact points"


WRONG: list[tuple[dict[str, Any], tuple[int, str, str, str]]] = [
    (
        EMAIL | {"value": "ana"},
        (422, "invalid_contact_point",
         "Must be an e-mail address such as ann@example.com; got “ana”.", "value"),
    ),
    (
        PHONE | {"value": "ask Ben"},
        (422, "invalid_contact_point",
         "Must be a phone number such as +44 20 7946 0018; got “ask Ben”.", "value"),
    ),
    (
        EMAIL | {"value": "ANA@diaz.example"},
        (409, "contact_point_taken",
         "“ANA@diaz.example” is the customer's own e-mail address already. Give another one.",
         "value"),
    ),
    (
        PHONE | {"value": "+44 20 7946 0000"},
        (409, "contact_point_taken",
         "“+44 20 7946 0000” is the customer's own phone number already. Give another one.",
         "value"),
    ),
    (
        EMAIL | {"value": "Work@diaz.example"},
        (409, "contact_point_taken",
         "This customer has the contact point “Work@diaz.example” already. Use that one.", "value"),
    ),
    (
        PHONE | {"value": "+442079460018"},
        (409, "contact_point_taken",
         "This customer has the contact point “+442079460018” already. Use that one.", "value"),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "told"), WRONG)
def test_what_does_not_reach_or_repeats_is_refused(
    sent: dict[str, Any], told: tuple[int, str, str, str], integrator: Caller, ana: Customer
) -> None:
    for kind, value in (("email", "work@diaz.example"), ("phone", "020 7946 0018")):
        AContactPoint(company=ana.company, customer=ana, kind=kind, value=value)
    before = live(ana)
    answer = integrator.post(path_of(ana), sent)
    status, code, sentence, field = told
    assert whole_refusal(answer) == (status, code, f"{sentence}", field)
    assert live(ana) == before
    other = integrator.get(path_of(ana)).body["data"][sent["kind"] == "phone"]
    if "already" in sentence and "own" not in sentence:
        return
    changed = integrator.patch(f"{path_of(ana)}/{other['id']}", {"value": sent["value"]})
    assert whole_refusal(changed) == (status, code, sentence, field)


def test_everything_that_is_missing_or_too_long_is_told(integrator: Caller, ana: Customer) -> None:
    missing = integrator.post(path_of(ana), {})
    required = "Send this field: it is required."
    faults = [(name, "missing_field", required) for name in ("value", "kind")]
    assert (missing.status, missing.body) == (400, whole_error(*faults))
    sent = {"kind": "fax", "value": None, "label": "x" * 61}
    answer = integrator.post(path_of(ana), sent)
    assert (answer.status, {one["param"] for one in answer.body["error"]["errors"]}) == (
        *(422, {"kind", "value", "label"}),
    )
    assert refusal(integrator.post(path_of(ana), PHONE | {"value": "1" * 61})) == (
        *(422, "invalid_contact_point", "value"),
    )
    card = integrator.post(path_of(ana), PHONE | {"value": "4111 1111 1111 1111"})
    assert refusal(card) == (422, "card_number", "value")


def test_a_customer_has_at_most_fifty(integrator: Caller, ana: Customer, actor: Actor) -> None:
    ways = [("email", f"further{number}@diaz.example", "") for number in range(50)]
    with acting_for(ana.company_id):
        assert add_to_customer(ana, contact_points=ways, actor=actor)
    told = "A customer has at most 50 contact points. Archive one first."
    full = (409, "too_many_contact_points", told)
    assert whole_refusal(integrator.post(path_of(ana), PHONE | {"value": "1"})) == full
    oldest = f"{path_of(ana)}/{integrator.get(path_of(ana)).body['data'][0]['id']}"
    assert integrator.post(f"{oldest}/archive").status == 200
    assert integrator.post(path_of(ana), PHONE | {"value": "1"}).status == 201
    assert whole_refusal(integrator.post(f"{oldest}/restore")) == full


def test_an_archived_one_makes_room_for_its_like(integrator: Caller, ana: Customer) -> None:
    sent = EMAIL | {"value": "work@diaz.example"}
    first = integrator.post(path_of(ana), sent).body["id"]
    assert integrator.post(f"{path_of(ana)}/{first}/archive").body["archived"] is True
    assert integrator.post(path_of(ana), sent).status == 201
    again = integrator.post(f"{path_of(ana)}/{first}/restore")
    assert refusal(again) == (409, "contact_point_taken", "value")


def test_a_key_makes_one_and_a_condition_holds(integrator: Caller, ana: Customer) -> None:
    sent = EMAIL | {"value": "work@diaz.example"}
    made, again = (integrator.post(path_of(ana), sent, Idempotency_Key="one") for _ in range(2))
    assert (again.body, again.headers["Idempotent-Replayed"]) == (made.body, "true")
    tried = integrator.post(f"{path_of(ana)}?dry_run=true", EMAIL | {"value": "b@diaz.example"})
    assert (tried.status, live(ana)) == (201, ["work@diaz.example"])
    here = f"{path_of(ana)}/{made.body['id']}"
    assert integrator.patch(here, {"label": "work"}, If_Match=made.headers["ETag"]).status == 200
    assert integrator.patch(here, {"label": "late"}, If_Match=made.headers["ETag"]).status == 412


def test_a_change_is_told_to_those_who_follow(integrator: Caller, ana: Customer) -> None:
    before = integrator.get("/v1/changes?after=now").body["next"]
    made = integrator.post(path_of(ana), PHONE | {"value": "020 7946 0018"}).body
    here = f"{path_of(ana)}/{made['id']}"
    integrator.patch(here, {"value": "020 7946 0019"})
    gone = integrator.post(f"{here}/archive").body
    told = integrator.get(f"/v1/changes?after={before}").body["data"]
    assert [one["type"] for one in told] == [
        f"contact_point.{verb}" for verb in ("created", "updated", "archived")
    ]
    assert {one["customer_id"] for one in told} == {f"cust_{ana.id.hex}"}
    assert [one["data"]["object"] for one in told] == [gone] * 3
    first = told[0]["data"]["changes"]
    assert first == {
        "created_at": [None, made["created_at"]],
        "archived": [None, False], "customer_id": [None, f"cust_{ana.id.hex}"],
        "kind": [None, "phone"], "value": [None, "+442079460018"],
    }  # fmt: skip
    assert told[1]["data"]["changes"] == {"value": ["+442079460018", "+442079460019"]}


def test_the_customer_is_read_without_them_and_the_state_with_them(
    integrator: Caller, ana: Customer
) -> None:
    made = integrator.post(path_of(ana), EMAIL | {"value": "work@diaz.example"}).body
    with recorded() as ran:
        shown = integrator.get(f"/v1/customers/{ana.id}").body
    assert not [sql for sql, _ in ran if "contactpoint" in sql]
    assert "contact_points" not in shown
    state = integrator.get(f"/v1/customers/{ana.id}/state").body
    assert (state["customer"], state["contact_points"]) == (shown, [made])


# --- The customer's own e-mail address and phone --------------------------------------------------


def test_a_contact_point_that_becomes_the_customers_own_is_archived(
    integrator: Caller, ana: Customer
) -> None:
    for kind, value in (
        *(("email", "work@diaz.example"), ("email", "other@diaz.example")),
        *(("phone", "020 7946 0018"), ("phone", "+44 20 7946 0018 x7")),
    ):
        AContactPoint(company=ana.company, customer=ana, kind=kind, value=value)
    path = f"/v1/customers/{ana.id}"
    integrator.patch(path, {"email": "WORK@diaz.example"})
    assert live(ana) == ["other@diaz.example", "020 7946 0018", "+44 20 7946 0018 x7"]
    integrator.patch(path, {"phone": "+44 20 7946 0018"})
    assert live(ana) == ["other@diaz.example", "+44 20 7946 0018 x7"]
    integrator.patch(path, {"email": None})
    assert live(ana) == ["other@diaz.example", "+44 20 7946 0018 x7"]


def test_the_database_holds_the_rules_as_well(ana: Customer) -> None:
    AContactPoint(company=ana.company, customer=ana, value="work@diaz.example")
    for values, name in (
        ({"value": "WORK@diaz.example"}, "contact_point_once"),
        ({"value": ""}, "contact_point_value"),
        ({"value": " b@c.example"}, "contact_point_value"),
        ({"kind": "fax", "value": "1"}, "contact_point_kind"),
        ({"value": "1", "phone_e164": "+1"}, "contact_point_kind"),
    ):
        row = {"company": ana.company, "customer": ana, "kind": "email", **values}
        with (
            acting_for(ana.company_id),
            pytest.raises(IntegrityError, match=name),
            transaction.atomic(),
        ):
            ContactPoint(**row).save()


# --- Search by contact points ---------------------------------------------------------------------


@pytest.fixture
def found_by(studio: Company, rival: Company, ana: Customer) -> Customer:
    """A customer with two contact points, among others; a rival's customer has the same points."""
    ACustomer(company=studio, first_name="Ben", last_name="Diaz", email="ben@diaz.example")
    elsewhere = ACustomer(company=rival)
    for one in (ana, elsewhere):
        for kind, value in (("email", "office@berlin.example"), ("phone", "+49 30 23125 117")):
            AContactPoint(company=one.company, customer=one, kind=kind, value=value)
    return ana


BY = (
    *("office@berlin.example", "OFFICE@Berlin", "@berlin.example", "+49 30 23125 117"),
    *("0049 (30) 23125117", "030 23125117", "3023125"),
)


def test_v1_finds_a_customer_by_a_phone_or_an_email(
    integrator: Caller, found_by: Customer, actor: Actor
) -> None:
    def found(words: str) -> tuple[list[str], int]:
        pages = integrator.get(f"/v1/customers?search={quote(words)}").body
        first = integrator.get(f"/v1/customers?search={quote(words)}&limit=5").body
        listed = [one["last_name"] for one in pages["data"]]
        assert listed == [one["last_name"] for one in first["data"]], words
        assert pages["pagination"]["total"] == len(listed)
        return listed, pages["pagination"]["total"]

    for words in (*BY, "ana office@berlin.example", "diaz office@berlin.example"):
        assert found(words) == (["Díaz"], 1), words
    assert found("ben office@berlin.example") == ([], 0)
    assert found("ana@diaz.example") == (["Díaz"], 1), "nobody comes twice"
    assert found("office") == ([], 0), "v1 looks for names among the customer's own words"
    with acting_for(found_by.company_id):
        for point in ContactPoint.objects.filter(customer=found_by):
            archive_contact_point(point, actor=actor)
    for words in BY:
        assert found(words) == ([], 0), words


def test_staff_find_a_customer_by_any_way_to_reach_them(
    studio: Company, found_by: Customer
) -> None:
    for words in (*BY, "office", "berlin", "117", "diaz berlin", "ana office@berlin.example"):
        expected = [] if words == "117" else ["Ana"]
        with acting_for(studio.id):
            likely = [one.first_name for one in Customer.objects.likeliest(words, 8)]
            listed = Customer.objects.filter(company=studio).meant_by(words)
            assert [*listed.values_list("first_name", flat=True)] == expected, words
        assert likely == expected, words


@pytest.mark.usefixtures("found_by")
def test_an_index_finds_contact_points(studio: Company) -> None:
    for function in (
        *("customers_reached('office@berlin.example')", "customers_reached('ana berlin')"),
        *("customers_matching('+49 30', 'a')", "customers_page('@berlin', 'a', 25, 0)"),
    ):
        for table in ("customers_contactpoint", "customers_customer"):
            assert whole_scans(studio, f"SELECT {function}", table) == 0, (function, table)


def test_a_common_word_finds_by_contact_points_too(studio: Company, found_by: Customer) -> None:
    for number in range(20):
        ACustomer(company=studio, first_name="Berlin", last_name=f"Name{number}")
    with acting_for(studio.id):
        rows = Customer.objects.filter(company=studio).meant_by("berlin")
        assert "customers_searched" not in str(rows.query)
        assert rows.count() == 21


# --- The back-office ------------------------------------------------------------------------------


def test_staff_add_change_and_archive_a_contact_point(browser: Browser, ana: Customer) -> None:
    add = f"/admin/customers/contactpoint/add/?customer={ana.pk}"
    page = browser.get(page_of(ana)).text
    assert add in page
    assert "No further e-mail or phone yet." in page
    answer = browser.send(add, kind="phone", value="020 7946 0018", label="Work")
    assert answer["Location"] == page_of(ana)
    point = only(ContactPoint, ana.company)
    assert (point.value, point.phone_e164) == ("020 7946 0018", "+442079460018")
    assert "020 7946 0018" in browser.get(page_of(ana)).text
    browser.send(page_of(point), value="020 7946 0019")
    assert fresh(point).phone_e164 == "+442079460019"
    answer = browser.send(page_of(point), value="ana")
    told = "Must be a phone number such as +44 20 7946 0018; got “ana”."
    assert errors(answer) == {"value": [told]}
    browser.press(page_of(point), "archive")
    assert live(ana) == []
    assert [change.table_name for change in staff_changes()] == ["customers_contactpoint"] * 3
    timeline = browser.get(page_of(ana)).text
    assert "Contact point changed" in timeline


def test_the_list_of_contact_points_is_of_one_kind(browser: Browser, ana: Customer) -> None:
    AContactPoint(company=ana.company, customer=ana, value="work@diaz.example")
    phone = AContactPoint(company=ana.company, customer=ana, kind="phone", value="020 7946 0018")
    answer = browser.get("/admin/customers/contactpoint/?kind__exact=phone")
    assert [row.pk for row in answer.context["cl"].result_list] == [phone.pk]


def test_a_customers_own_phone_is_moved_in_the_back_office_too(
    studio: Company, ana: Customer
) -> None:
    AContactPoint(company=studio, customer=ana, kind="phone", value="020 7946 0018")
    act(studio, update_customer, ana, changes={"phone": "020 7946 0018"})
    assert live(ana) == []
