"""Tags and birthdays of customers: on v1, in the feed, in the back-office, and nowhere else."""

import datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from config.times import local_today
from customers.models import Customer
from customers.models.birthdays import read_birthday, show_birthday
from tests.backoffice import Browser, errors, form_of, fresh, only, page_of, staff_changes
from tests.callers import Caller
from tests.customers.test_word_counts import whole_scans
from tests.factories import ACustomer
from tests.refusals import error, refusal, whole_error

LIST = "/v1/customers"
CUSTOMERS = "/admin/customers/customer/"
KIND = "invalid_request"
NOT_A_DAY = "Must be a day such as 1990-05-04, or --05-04 where the year is not known; got “%s”."


def ids(answer: Any) -> list[str]:
    return [one["id"] for one in answer.body["data"]]


def test_tags_and_the_birthday_are_changed_and_sent_back_whole(
    integrator: Caller, customer: Customer
) -> None:
    path = f"{LIST}/{customer.id}"
    before = integrator.get(path).body
    assert (before["tags"], before["birthday"]) == ([], None)
    sent = {"tags": [" VIP", "Mornings", "vip", "ÉTÉ", "été"], "birthday": " --02-29"}
    changed = integrator.patch(path, sent)
    shown = before | {"tags": ["VIP", "Mornings", "ÉTÉ"], "birthday": "--02-29"}
    shown |= {"updated_at": changed.body["updated_at"]}
    assert (changed.status, changed.body) == (200, shown)
    again = integrator.patch(path, changed.body)
    assert (again.body, again.headers["ETag"]) == (shown, changed.headers["ETag"])
    emptied = integrator.patch(path, {"tags": [], "birthday": None}).body
    assert emptied == before | {"updated_at": emptied["updated_at"]}
    for change in ({"tags": ["VIP"]}, {"birthday": "1990-05-04"}):
        tag = integrator.get(path).headers["ETag"]
        integrator.patch(path, change)
        late = integrator.patch(path, {"first_name": "Late"}, If_Match=tag)
        assert late.status == 412, "an ETag covers what a change can change"


def test_an_upsert_and_a_batch_take_tags_and_birthdays(integrator: Caller) -> None:
    ann = {"first_name": "Ann", "email": "ann@lee.example", "tags": ["A"], "birthday": "1990-05-04"}
    made = integrator.put(f"{LIST}?external_id=m-1", ann).body
    assert (made["tags"], made["birthday"]) == (["A"], "1990-05-04")
    kept = integrator.put(f"{LIST}?external_id=m-1", {"last_name": "Lee"}).body
    assert (kept["tags"], kept["birthday"]) == (["A"], "1990-05-04"), "what is left out stays"
    batch = [{"external_id": "m-1", "tags": ["B", "b"]}, ann | {"birthday": "2999-01-01"}]
    changed, refused = integrator.post(f"{LIST}/batch", {"customers": batch}).body["results"]
    assert (changed["status"], changed["customer"]["tags"]) == (200, ["B"])
    assert (refused["status"], refused["error"]["code"]) == (422, "invalid_birthday")
    tried = integrator.post(f"{LIST}?dry_run=true", ann).body
    assert (tried["tags"], tried["birthday"]) == (["A"], "1990-05-04")


@pytest.mark.parametrize(
    ("given", "code", "sentence"),
    [
        ({"birthday": "4 May"}, "invalid", NOT_A_DAY % "4 May"),
        ({"birthday": "1990-02-30"}, "invalid", NOT_A_DAY % "1990-02-30"),
        ({"birthday": "1991-02-29"}, "invalid_birthday", NOT_A_DAY % "1991-02-29"),
        ({"birthday": "--04-31"}, "invalid", NOT_A_DAY % "--04-31"),
        (
            {"birthday": "1604-05-04"},
            "invalid_birthday",
            "A birthday must not be before 1901-01-01; got “1604-05-04”.",
        ),
        ({"tags": "VIP"}, "invalid", "Must be a list; got “VIP”."),
        ({"tags": None}, "invalid", "Must be a list; got “null”."),
        (
            {"tags": [str(number) for number in range(51)]},
            "invalid",
            "Must have at most 50 entries; got 51.",
        ),
    ],
)
def test_what_is_no_tag_and_no_birthday_is_refused(
    given: dict[str, Any], code: str, sentence: str, integrator: Caller, customer: Customer
) -> None:
    path = f"{LIST}/{customer.id}"
    before = integrator.get(path).body
    answer = integrator.patch(path, given)
    (name,) = given
    of_field = code == "invalid"
    whole = whole_error((name, code, sentence)) if of_field else error(KIND, code, sentence, name)
    assert (answer.status, answer.body) == (422, whole)
    assert integrator.get(path).body == before


def test_a_tag_is_measured_and_holds_no_card_number(integrator: Caller, customer: Customer) -> None:
    for tag, code in (
        ("x" * 61, "invalid"),
        ("", "invalid"),
        ("4111 1111 1111 1111", "card_number"),
        (5, "invalid"),
    ):
        answer = integrator.patch(f"{LIST}/{customer.id}", {"tags": ["VIP", tag]})
        assert refusal(answer) == (422, code, "tags.1"), tag


def test_a_birthday_is_not_in_the_future(integrator: Caller, customer: Customer) -> None:
    with acting_for(customer.company_id):
        today = local_today()
    path = f"{LIST}/{customer.id}"
    assert integrator.patch(path, {"birthday": today.isoformat()}).status == 200
    later = (today + datetime.timedelta(days=2)).isoformat()
    told = f"A birthday must not be in the future; got “{later}”."
    refused = integrator.patch(path, {"birthday": later})
    assert refused.body == error(KIND, "invalid_birthday", told, "birthday")


def test_the_database_holds_the_rules_as_well(customer: Customer) -> None:
    wrong: list[dict[str, Any]] = [
        {"birthday": "1990-13-04"},
        {"birthday": "4 May"},
        {"birthday": "--02-30"},
        {"tags": ["VIP", "vip"]},
        {"tags": [" VIP"]},
        {"tags": [""]},
        {"tags": [str(number) for number in range(51)]},
    ]
    for values in wrong:
        (name,) = values
        with (
            acting_for(customer.company_id),
            pytest.raises(IntegrityError, match=f"customer_{name}"),
            transaction.atomic(),
        ):
            Customer.objects.filter(pk=customer.pk).update(**values)


def test_a_list_is_of_those_with_a_tag(
    integrator: Caller, stranger: Caller, studio: Company, rival: Company
) -> None:
    older = ACustomer(company=studio, tags=["VIP", "Mornings"])
    newer = ACustomer(company=studio, tags=["vip"])
    gone = ACustomer(company=studio, tags=["Vip"], archived=True)
    ACustomer(company=studio, tags=["VIP lounge", "Evenings"])
    ACustomer(company=studio)
    theirs = ACustomer(company=rival, tags=["VIP"])
    found = integrator.get(f"{LIST}?tag=%20vIp%20").body
    assert [one["id"] for one in found["data"]] == [
        f"cust_{one.id.hex}" for one in (gone, newer, older)
    ]
    assert found["pagination"]["total"] == 3
    assert ids(integrator.get(f"{LIST}?tag=VIP&status=active&per_page=1&page=2")) == [
        f"cust_{older.id.hex}"
    ]
    assert ids(integrator.get(f"{LIST}?tag=nobody")) == []
    assert ids(stranger.get(f"{LIST}?tag=VIP")) == [f"cust_{theirs.id.hex}"]
    assert refusal(integrator.get(f"{LIST}?tag={'x' * 61}")) == (400, "invalid_parameter", "tag")
    assert whole_scans(studio, "SELECT customers_tagged('VIP')") == 0, "an index finds them"


def test_a_change_is_told_with_its_fields(integrator: Caller, customer: Customer) -> None:
    before = integrator.get("/v1/changes?after=now").body["next"]
    path = f"{LIST}/{customer.id}"
    shown = integrator.patch(path, {"tags": ["VIP"], "birthday": "--05-04"}).body
    (told,) = integrator.get(f"/v1/changes?after={before}").body["data"]
    assert (told["type"], told["data"]) == (
        "customer.updated",
        {"object": shown, "changes": {"birthday": [None, "--05-04"], "tags": [[], ["VIP"]]}},
    )


def test_the_other_surfaces_show_and_take_neither(integrator: Caller, studio: Company) -> None:
    known = ACustomer(company=studio, tags=["VIP"], birthday="1990-05-04")
    plain = ACustomer(company=studio)
    for path in ("/customers/{}", "/customer/{}/profile"):
        shown, other = (integrator.get(path.format(one.id)).body for one in (known, plain))
        assert (shown.get("data") or shown).keys() == (other.get("data") or other).keys()
        assert not {"tags", "birthday"} & (shown.get("data") or shown).keys()
    ignored = integrator.patch(f"/customers/{known.id}", {"name": "Acme", "birthday": "x"})
    assert (ignored.status, ignored.headers["Ignored-Fields"]) == (200, "birthday")
    assert fresh(known).birthday == "1990-05-04"


# --- The back-office ------------------------------------------------------------------------------


def test_staff_write_tags_and_a_birthday_as_people_do(browser: Browser, studio: Company) -> None:
    browser.send(
        f"{CUSTOMERS}add/", first_name="Ana", tags="VIP, Mornings\nvip", birthday="4 May 1990"
    )
    customer = only(Customer, studio)
    assert (customer.tags, customer.birthday) == (["VIP", "Mornings"], "1990-05-04")
    page = browser.get(page_of(customer)).text
    assert "4 May 1990" in page
    assert f'<a href="{CUSTOMERS}?tag=Mornings" class="text-link">Mornings</a>' in page
    form = browser.form(form_of(customer)).values
    assert (form["tags"].split(), form["birthday"]) == (["VIP", "Mornings"], "4 May 1990")
    browser.send(form_of(customer), first_name="Anna")
    assert [one.after for one in staff_changes()[1:]] == [{"first_name": "Anna"}]
    browser.send(form_of(customer), birthday="29 Feb", tags="Mornings")
    assert (fresh(customer).tags, fresh(customer).birthday) == (["Mornings"], "--02-29")
    history = browser.get(f"{CUSTOMERS}{customer.pk}/history/").text
    assert "29 Feb" in history
    assert "--02-29" not in history
    answer = browser.send(form_of(customer), birthday="sometime in May")
    told = (
        "“sometime in May” is not a day. Write it like 4 May 1990, or 4 May where the year is not "
        "known."
    )
    assert errors(answer) == {"birthday": [told]}
    answer = browser.send(form_of(customer), birthday="4 May 2990")
    assert errors(answer) == {
        "birthday": ["A birthday must not be in the future; got “2990-05-04”."]
    }
    browser.send(form_of(customer), birthday="", tags="")
    assert (fresh(customer).tags, fresh(customer).birthday) == ([], "")


def test_a_tag_with_a_comma_stays_one(browser: Browser, studio: Company) -> None:
    customer = ACustomer(company=studio, tags=["Smith, family"])
    browser.send(form_of(customer), tags="Smith, family\nVIP, New")
    assert fresh(customer).tags == ["Smith, family", "VIP", "New"]


def test_the_list_is_narrowed_to_a_tag(browser: Browser, studio: Company) -> None:
    tagged, other = (ACustomer(company=studio, tags=tags) for tags in (["VIP"], ["Evenings"]))
    answer = browser.get(f"{CUSTOMERS}?tag=vip")
    assert [row.pk for row in answer.context["cl"].result_list] == [tagged.pk]
    assert 'name="tag" value="vip"' in answer.text
    everybody = browser.get(CUSTOMERS).context["cl"].result_list
    assert {row.pk for row in everybody} == {tagged.pk, other.pk}


def test_a_birthday_is_read_as_staff_write_it() -> None:
    for typed, stored, shown in (
        ("4 May 1990", "1990-05-04", "4 May 1990"),
        ("4 may", "--05-04", "4 May"),
        ("4. September 1990", "1990-09-04", "4 Sep 1990"),
        ("May 4, 1990", "1990-05-04", "4 May 1990"),
        ("29 Feb", "--02-29", "29 Feb"),
        ("1990-05-04", "1990-05-04", "4 May 1990"),
        ("--05-04", "--05-04", "4 May"),
        ("", "", ""),
    ):
        assert read_birthday(typed) == stored, typed
        assert show_birthday(stored) == shown
    for typed in ("30 Feb", "May", "4", "yesterday", "29 Feb 1991"):
        assert read_birthday(typed) is None, typed
