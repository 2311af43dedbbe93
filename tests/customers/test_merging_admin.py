"""Merging two records of one person in the back-office, and undoing the merge."""

from typing import Any

import pytest

from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.actions import merge_customers
from tests.backoffice import Browser, fresh, page_of, said
from tests.factories import ACustomer, AnAppointment, ANote, make_staff

MERGE = "/admin/customers/customer/{}/merge/"


@pytest.fixture
def pair(studio: Company) -> tuple[Any, Any]:
    own: dict[str, Any] = {"company": studio, "last_name": "Díaz"}
    kept = ACustomer(**own, first_name="Ana", email="ana@example.com", tags=["VIP"])
    merged = ACustomer(**own, first_name="Anna", email="anna@example.com", tags=["Late"])
    for customer in (kept, merged):
        ANote(company=studio, customer=customer)
        AnAppointment(company=studio, customer=customer)
    return kept, merged


def test_the_page_shows_what_differs_and_moves_and_merges_what_was_shown(
    browser: Browser, pair: tuple[Any, Any]
) -> None:
    kept, merged = pair
    assert MERGE.format(kept.pk) in browser.get(page_of(kept)).text
    address = f"{MERGE.format(kept.pk)}?with=cust_{merged.pk.hex}"
    page = browser.get(address)
    for text in (
        "Everything of Anna Díaz moves to Ana Díaz",
        "What moves",
        "Bookings",
        "Keep: ana@example.com",
        "Take over: anna@example.com",
        "Both: VIP, Late",
    ):
        assert text in page.text, text
    shown = page.context["form"].now_shown
    assert shown
    unseen = browser.post(address, merged=str(merged.pk))
    assert "Look at what will happen below, then merge." in unseen.text
    ANote(company=kept.company, customer=merged)
    stale = browser.post(address, merged=str(merged.pk), shown=shown)
    assert "changed meanwhile" in stale.text
    assert fresh(merged).merged_into_id is None
    shown = browser.get(address).context["form"].now_shown
    form = {"merged": str(merged.pk), "shown": shown}
    names = {
        one.label: name for name, one in page.context["form"].fields.items() if name != "merged"
    }
    answer = browser.post(address, **form, **{names["E-mail"]: "merged"})
    assert answer["Location"] == page_of(kept)
    assert "was merged into Ana Díaz" in said(answer)[0]
    assert fresh(merged).merged_into_id == kept.pk
    assert (fresh(kept).email, fresh(kept).tags) == ("anna@example.com", ["VIP", "Late"])


def test_the_page_of_a_merged_customer_leads_to_the_one_that_stayed(
    browser: Browser, pair: tuple[Any, Any], actor: Actor, studio: Company
) -> None:
    kept, merged = pair
    with acting_for(studio.id):
        merge_customers(kept, merged=merged, actor=actor)
    answer = browser.get(page_of(merged))
    assert answer["Location"] == page_of(kept)
    listed = browser.get("/admin/customers/customer/?archived=all").text
    assert str(merged.pk) not in listed
    history = browser.get(page_of(kept).replace("change", "history")).text
    assert "merged into another" in history


def test_a_merge_is_undone_where_nothing_stands_in_the_way(
    browser: Browser, pair: tuple[Any, Any], actor: Actor, studio: Company
) -> None:
    kept, merged = pair
    with acting_for(studio.id):
        merge_customers(kept, merged=merged, actor=actor)
    address = page_of(kept).replace("change", "unmerge")
    page = browser.get(address)
    assert "Both records will be as they were before." in page.text
    answer = browser.post(address, shown=page.context["form"].now_shown)
    assert "was undone" in said(answer)[0]
    assert fresh(merged).merged_into_id is None
    assert (fresh(merged).first_name, fresh(merged).is_archived) == ("Anna", False)


def test_a_merge_that_was_not_shown_is_not_undone(
    browser: Browser, pair: tuple[Any, Any], actor: Actor, studio: Company
) -> None:
    (kept, first), second = pair, ACustomer(company=studio)
    with acting_for(studio.id):
        merge_customers(kept, merged=first, actor=actor)
    address = page_of(kept).replace("change", "unmerge")
    shown = browser.get(address).context["form"].now_shown
    with acting_for(studio.id):
        merge_customers(kept, merged=second, actor=actor)
    for fields in ({"shown": shown}, {}):
        assert "This is not the merge that was shown." in browser.post(address, **fields).text
    assert {fresh(one).merged_into_id for one in (first, second)} == {kept.pk}


def test_only_owners_and_managers_merge(studio: Company, pair: tuple[Any, Any]) -> None:
    kept, _ = pair
    for role, status in (("manager", 200), ("front_desk", 403), ("read_only", 403)):
        staff = make_staff(studio, email=f"{role}@studio.example", role=role)
        assert Browser(staff).get(MERGE.format(kept.pk)).status_code == status, role
