"""Buttons and bulk actions: confirmed, reported, never applied twice, and undone."""

from typing import Any

import pytest

from config.admin import bulk
from config.jobs.files import chunks_of
from config.jobs.models import Job, files_of
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.permissions import Role
from config.tenancy.scoping import acting_for
from credits.models import Credit, Entry
from customers.actions import archive_customer, create_zone
from customers.models import Customer, Zone
from tests.backoffice import Browser, count, fresh, page_of, said, staff_changes
from tests.bulk import answered, asked, done, job_of, reasons
from tests.factories import AContactPoint, ACoupon, ACustomer, AnAddress, AUser
from tests.jobs import finish

CUSTOMERS = "/admin/customers/customer/"


@pytest.fixture
def live(studio: Company) -> list[Customer]:
    return [ACustomer(company=studio, first_name=name, last_name="") for name in ("Bea", "Cy")]


@pytest.fixture
def gone(studio: Company) -> Any:
    return ACustomer(company=studio, first_name="Ana", last_name="Díaz", archived=True)


def issued(customer: Any) -> list[Credit]:
    with acting_for(customer.company_id):
        return list(Credit.objects.filter(customer=customer))


def test_what_will_happen_to_each_row_is_said(browser: Browser, live: list[Any], gone: Any) -> None:
    page = asked(browser, CUSTOMERS, "archive", gone, *live)
    fates = {fate.name: fate.why for fate in page.context["fates"]}
    assert fates == {"Cy": "", "Bea": "", "Ana Díaz": "This customer is archived already."}
    assert "Archive: 3 customers" in page.text
    assert "keeps everything and can be restored" in page.text
    assert not any(fresh(row).is_archived for row in live)
    assert staff_changes() == []


def test_what_was_done_is_named_and_what_was_refused_is_told_with_the_reason(
    browser: Browser, live: list[Any], gone: Any
) -> None:
    job = done(browser, CUSTOMERS, "archive", gone, *live)
    assert (job.state, job.result) == (Job.DONE, {"done": 2, "refused": 1})
    assert reasons(job) == [("Ana Díaz", "This customer is archived already.")]
    assert all(fresh(row).is_archived for row in live)
    assert [vars(change)["type"] for change in staff_changes()] == ["customer.archived"] * 2
    page = browser.get(f"/admin/jobs/job/{job.pk}/change/").text
    for words in ("Bea", "Cy", "Ana Díaz", "This customer is archived already."):
        assert words in page
    with acting_for(job.company_id):
        (file,) = files_of(job)
    table = b"".join(chunks_of(file)).decode("utf-8-sig").splitlines()
    assert table[0] == "Customer,What came of it,Why"
    assert sorted(table[1:]) == [
        "Ana Díaz,refused,This customer is archived already.",
        "Bea,archived,",
        "Cy,archived,",
    ]


def test_a_refused_row_spoils_no_other(browser: Browser, studio: Company, actor: Actor) -> None:
    clashing = ACustomer(company=studio, external_id="7", first_name="Old", last_name="One")
    fine = [ACustomer(company=studio) for _ in range(2)]
    with acting_for(studio.id):
        for customer in (clashing, *fine):
            archive_customer(customer, actor=actor)
    ACustomer(company=studio, external_id="7")
    job = done(browser, CUSTOMERS, "restore", fine[0], clashing, fine[1])
    taken = "Another customer has the external id “7”. Use that one, or choose another id."
    assert reasons(job) == [("Old One", taken)]
    assert [fresh(row).is_archived for row in (*fine, clashing)] == [False, False, True]


def test_all_that_match_are_chosen(browser: Browser, live: list[Any], gone: Any) -> None:
    page = browser.client.post(
        f"{CUSTOMERS}?archived=no",
        {"action": "archive", "index": 0, "select_across": 1, "_selected_action": [live[0].pk]},
    )
    assert "Archive: 2 customers" in page.text
    assert gone.pk.hex not in page.context["ids"].replace("-", "")


def test_rows_beyond_a_hundred_are_counted_and_too_many_are_refused_with_what_to_do(
    browser: Browser, live: list[Any], monkeypatch: Any
) -> None:
    monkeypatch.setattr(bulk, "MOST_NAMED", 1)
    page = asked(browser, CUSTOMERS, "archive", *live)
    assert "and 1 more that is not listed here" in page.text
    monkeypatch.setattr(bulk, "MOST_AT_ONCE", 1)
    answer = browser.choose(CUSTOMERS, "archive", *live)
    assert "Narrow the list" in said(answer)[-1]
    assert count(Job, live[0].company) == 0


def test_rows_of_another_company_stay(browser: Browser, live: list[Any], rival: Company) -> None:
    foreign = ACustomer(company=rival)
    page = asked(browser, CUSTOMERS, "archive", foreign, live[0])
    assert "Archive: 1 customer" in page.text
    assert "No rows are selected" in said(browser.choose(CUSTOMERS, "archive", foreign))[-1]
    sent = answered(browser, CUSTOMERS, "archive", page, ids=f"{foreign.pk},{live[0].pk}")
    job = finish(job_of(sent, live[0].company_id))
    assert reasons(job) == [(str(foreign.pk), "This row no longer exists.")]
    assert not fresh(foreign).is_archived


def test_nonsense_is_told_so(browser: Browser) -> None:
    for number, ids in enumerate(("", "x", "\x00", ",,,", "0" * 40), 1):
        answer = browser.post(f"{CUSTOMERS}many/archive/", ids=ids, once="1", sure="1")
        assert len([one for one in said(answer) if "No rows are selected" in one]) == number, ids
    assert browser.get(f"{CUSTOMERS}many/archive/")["Location"] == CUSTOMERS


def test_work_stops_for_who_may_no_more(browser: Browser, owner: Any, live: list[Any]) -> None:
    page = asked(browser, CUSTOMERS, "archive", *live)
    answer = answered(browser, CUSTOMERS, "archive", page)
    owner.memberships.update(role=Role.FRONT_DESK)
    assert finish(job_of(answer, live[0].company_id)).state == Job.FAILED
    assert not fresh(live[0]).is_archived


def test_a_credit_is_issued_to_many_once_what_it_gives_was_said(
    browser: Browser, studio: Company, live: list[Any], gone: Any
) -> None:
    coupon = ACoupon(company=studio, name="Sorry", amount=2_000)
    page = asked(browser, CUSTOMERS, "issue_credit", gone, *live)
    assert [fate.why for fate in page.context["fates"] if fate.why] == [
        "This customer is archived. Restore the customer first."
    ]
    page = answered(
        browser, CUSTOMERS, "issue_credit", page, coupon=str(coupon.pk), reason="The flood"
    )
    assert "“Sorry”: £20.00" in page.text
    assert "£60.00 in all, at most" in page.text
    assert not issued(live[0])
    answer = answered(browser, CUSTOMERS, "issue_credit", page)
    again = answered(browser, CUSTOMERS, "issue_credit", page)
    assert again["Location"] == answer["Location"]
    assert count(Job, studio) == 1, "the same page sent twice has one effect"
    job = finish(job_of(answer, studio.id))
    finish(job)
    assert job.result == {"done": 2, "refused": 1}
    assert [len(issued(row)) for row in (*live, gone)] == [1, 1, 0]
    with acting_for(studio.id):
        assert set(Entry.objects.values_list("reason", flat=True)) == {"The flood"}


def test_answers_that_would_be_refused_are_told_before_anything_is_done(
    browser: Browser, studio: Company, live: list[Any]
) -> None:
    coupon = ACoupon(company=studio, amount=2_000)
    page = asked(browser, CUSTOMERS, "issue_credit", *live)
    late = {"coupon": str(coupon.pk), "reason": "x", "expires_at_0": "1/1/2020"}
    page = answered(browser, CUSTOMERS, "issue_credit", page, **late)
    assert "This moment is in the past. Send a later one, or none." in page.text
    page = answered(browser, CUSTOMERS, "issue_credit", page, coupon="", reason="")
    assert page.context["form"].errors.keys() == {"coupon", "reason"}
    assert count(Job, studio) == 0


# --- Buttons on the page of one row ---


def history(row: Any) -> list[str]:
    own = [change for change in staff_changes() if change.object_id == row.pk]
    return [vars(change)["type"].partition(".")[2] for change in own]


def make(kind: str, studio: Company, actor: Actor) -> Any:
    if kind == "zone":
        with acting_for(studio.id):
            return create_zone(Zone(name="East"), actor=actor)
    customer = ACustomer(company=studio)
    if kind == "customer":
        return customer
    kinds = {"address": AnAddress, "contactpoint": AContactPoint, "customeruser": AUser}
    return kinds[kind](company=studio, customer=customer)


def test_rows_are_archived_and_restored_from_their_pages_and_from_lists(
    browser: Browser, studio: Company, actor: Actor
) -> None:
    for kind in ("customer", "address", "contactpoint", "customeruser", "zone"):
        row, *others = (make(kind, studio, actor) for _ in range(3))
        for button, came in (("archive", "archived"), ("restore", "restored")):
            assert f"{row.pk}/{button}/" in browser.get(page_of(row)).text
            answer = browser.press(page_of(row), button)
            assert answer["Location"] == page_of(row)
            assert said(answer)[-1] == f"{row} {came}."
            assert fresh(row).is_archived is (button == "archive")
        for action in ("archive", "restore"):
            job = done(browser, f"/admin/customers/{kind}/", action, *others, company=studio)
            assert job.result == {"done": 2, "refused": 0}
            assert [fresh(one).is_archived for one in others] == [action == "archive"] * 2
        for one in (row, *others):
            assert history(one) == ["archived", "restored"], kind


def test_a_customer_is_paused_and_resumed(browser: Browser, studio: Company) -> None:
    customer = ACustomer(company=studio)
    browser.press(page_of(customer), "pause")
    assert fresh(customer).status == Customer.INACTIVE
    page = browser.get(page_of(customer)).text
    assert f"{customer.pk}/resume/" in page
    assert f"{customer.pk}/pause/" not in page
    browser.press(page_of(customer), "resume")
    assert fresh(customer).status == Customer.ACTIVE
    done(browser, CUSTOMERS, "pause", customer)
    assert fresh(customer).status == Customer.INACTIVE


def test_questions_and_unknown_actions_change_nothing(browser: Browser, studio: Company) -> None:
    customer = ACustomer(company=studio)
    before = fresh(customer)
    for button in ("archive", "restore", "pause", "resume"):
        page = browser.get(page_of(customer).replace("change", button))
        assert page.status_code == 200, button
        assert str(customer) in page.text
    for action in ("delete_selected", "nothing", ""):
        assert browser.choose(CUSTOMERS, action, customer).status_code in (200, 302), action
    after = fresh(customer)
    assert (after.status, after.updated_at) == (before.status, before.updated_at)
    assert staff_changes() == []
