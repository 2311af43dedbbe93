"""Buttons and bulk actions: the same verbs as everywhere, asked for, reported, and undone."""

from typing import Any

import pytest

from config.access.actors import Actor
from config.access.models import Company
from config.access.tenancy import acting_for
from customers.actions import archive_customer, save_zone
from customers.models import Customer, Zone
from tests.backoffice import Browser, said, staff_changes
from tests.bulk import done
from tests.factories import ACustomer, AnAddress, AUser

CUSTOMERS = "/admin/customers/customer/"


def page_of(row: Any) -> str:
    return f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/"


def fresh(row: Any) -> Any:
    with acting_for(row.company_id):
        return type(row).objects.get(pk=row.pk)


def history(row: Any) -> list[str]:
    own = [change for change in staff_changes() if change.object_id == row.pk]
    return [f"{vars(change)['type'].partition('.')[2].capitalize()}." for change in own]


def make(kind: str, studio: Company, actor: Actor) -> Any:
    customer = ACustomer(company=studio)
    if kind == "zone":
        with acting_for(studio.id):
            return save_zone(Zone(name="East"), actor=actor)
    if kind == "address":
        return AnAddress(company=studio, customer=customer)
    return AUser(company=studio, customer=customer) if kind == "customeruser" else customer


@pytest.mark.parametrize("kind", ["customer", "address", "customeruser", "zone"])
def test_a_row_is_archived_and_restored_from_its_page(
    kind: str, browser: Browser, studio: Company, actor: Actor
) -> None:
    row = make(kind, studio, actor)
    for button, came in (("archive", "archived"), ("restore", "restored")):
        assert f"{row.pk}/{button}/" in browser.get(page_of(row)).text
        answer = browser.press(page_of(row), button)
        assert answer["Location"] == page_of(row)
        assert said(answer)[-1] == f"{row}: {came}."
        assert fresh(row).is_archived is (button == "archive")
    assert history(row) == ["Archived.", "Restored."]


@pytest.mark.parametrize("kind", ["customer", "address", "customeruser", "zone"])
def test_a_list_archives_and_restores(
    kind: str, browser: Browser, studio: Company, actor: Actor
) -> None:
    rows = [make(kind, studio, actor) for _ in range(3)]
    for action in ("archive", "restore"):
        job = done(browser, f"/admin/customers/{kind}/", action, *rows, company=studio)
        assert job.result == {"done": 3, "refused": 0}
        assert [fresh(row).is_archived for row in rows] == [action == "archive"] * 3
    assert all(history(row) == ["Archived.", "Restored."] for row in rows)


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


@pytest.mark.parametrize("button", ["archive", "restore", "pause", "resume"])
def test_opening_the_question_changes_nothing(
    button: str, browser: Browser, studio: Company
) -> None:
    customer = ACustomer(company=studio)
    before = fresh(customer)
    page = browser.get(page_of(customer).replace("change", button))
    assert page.status_code == 200
    assert str(customer) in page.text
    after = fresh(customer)
    assert (after.status, after.updated_at) == (before.status, before.updated_at)
    assert staff_changes() == []


def test_a_button_that_is_refused_says_so_once_and_leaves_no_history(
    browser: Browser, studio: Company
) -> None:
    customer = ACustomer(company=studio, archived=True)
    answer = browser.press(page_of(customer), "archive")
    assert answer["Location"] == page_of(customer)
    page = browser.get(page_of(customer)).text
    assert page.count("This customer is archived already.") == 1
    assert "archived." not in page.replace("This is archived.", "").replace("customer is arch", "")
    assert staff_changes() == []


def test_what_hangs_on_an_archived_customer_is_not_archived_by_itself(
    browser: Browser, studio: Company, actor: Actor
) -> None:
    customer = ACustomer(company=studio)
    address = AnAddress(company=studio, customer=customer)
    with acting_for(studio.id):
        archive_customer(customer, actor=actor)
    answer = browser.press(page_of(address), "archive")
    assert said(answer)[-1].startswith("This customer is archived and cannot be changed.")
    assert not fresh(address).is_archived


@pytest.mark.parametrize("action", ["delete_selected", "nothing", ""])
def test_an_action_that_is_none_changes_nothing(
    action: str, browser: Browser, studio: Company
) -> None:
    customer = ACustomer(company=studio)
    assert browser.choose(CUSTOMERS, action, customer).status_code in (200, 302)
    assert fresh(customer).status == Customer.ACTIVE
