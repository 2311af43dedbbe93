"""Every page of the back-office, in every role: what the table of permissions says, and no more."""

from typing import Any

import pytest
from django.contrib import admin

from config.access.models import Company, Staff
from config.access.permissions import DESK, OFFICE, Role, allows
from config.admin.pages import Pages
from tests.backoffice import Browser, page_of
from tests.factories import ACustomer, make_staff
from tests.office import make_rows

from .test_admin_pages import BUTTONS, NEVER_ADDED, TENANT_PAGES, url_of


def pages_of(model: str) -> Pages:
    registry: Any = admin.site._registry
    return next(one for one in registry.values() if one.opts.label_lower == model)


def outcomes(model: str, row: Any, role: str) -> list[tuple[str, str, bool]]:
    """Return each address of a model, how it is asked for, and whether the role may."""
    pages, app, name = pages_of(model), *model.split(".")
    may = {verb: allows(role, f"{app}.{verb}_{name}") for verb in ("view", "add", "change")}
    adds = may["add"] and model not in NEVER_ADDED
    changes = may["change"] and pages.changes is not None
    if model == "jobs.job":
        changes = may["view"]  # it has no form: what is sent to it shows it
    buttons = [
        (
            url_of(model, button.name, row.pk),
            method,
            allows(role, button.permission or f"{app}.change_{name}"),
        )
        for button in pages.buttons
        if button.one
        for method in ("GET", "POST")
    ]
    assert {button.name for button in pages.buttons if button.one} == set(BUTTONS[model])
    return [
        (url_of(model, "changelist"), "GET", may["view"]),
        (url_of(model, "change", row.pk), "GET", may["view"]),
        (url_of(model, "history", row.pk), "GET", may["view"]),
        (url_of(model, "add"), "GET", adds),
        (url_of(model, "add"), "POST", adds),
        (url_of(model, "change", row.pk), "POST", changes),
        (url_of(model, "delete", row.pk), "POST", False),
        *buttons,
    ]


@pytest.mark.parametrize("role", Role)
def test_every_page_opens_for_those_whom_the_table_names(role: str, studio: Company) -> None:
    rows = make_rows(studio) | {"access.workplace": studio}
    browser = Browser(make_staff(studio, email="somebody@studio.example", role=role))
    for model in [*TENANT_PAGES, "access.workplace"]:
        row = rows[model]
        for address, method, may in outcomes(model, row, role):
            if method == "POST" and may:
                continue  # what it then does is tried beside each page
            answer = (browser.get if method == "GET" else browser.post)(address)
            # A company has one workplace, so that its list leads on to it.
            opened = 302 if address == url_of("access.workplace", "changelist") else 200
            assert answer.status_code == (opened if may else 403), (role, method, address)
            assert may or f"{row.pk}" not in answer.text.replace(address, "")
            assert may or "You may not open this page or do what it does." in answer.text


@pytest.mark.parametrize("role", Role)
def test_the_menu_holds_what_the_role_may_see(role: str, studio: Company) -> None:
    menu = Browser(make_staff(studio, email="somebody@studio.example", role=role)).get("/admin/")
    for model in {*TENANT_PAGES, "access.workplace"} - {"bookings.pricingoption"}:
        app, name = model.split(".")
        shown = f'href="{url_of(model, "changelist")}' in menu.text
        assert shown == allows(role, f"{app}.view_{name}"), (role, model)
    assert "/admin/access/company/" not in menu.text


@pytest.mark.parametrize("role", Role)
def test_the_page_of_a_customer_offers_what_may_be_pressed(role: str, studio: Company) -> None:
    customer = ACustomer(company=studio)
    browser = Browser(make_staff(studio, email="somebody@studio.example", role=role))
    text = browser.get(page_of(customer)).text
    offered = {
        "archive": f"{customer.pk}/archive/" in text,
        "edit": f"{customer.pk}/edit/" in text,
        "note": f"{customer.pk}/note/" in text,
        "credit": "/admin/credits/credit/add/" in text,
        "book": "/admin/bookings/booking/add/" in text,
    }
    assert offered == dict.fromkeys(offered, role in DESK)


@pytest.mark.parametrize("role", Role)
def test_many_rows_at_once_are_for_managers_and_owners(role: str, studio: Company) -> None:
    customer = ACustomer(company=studio)
    browser = Browser(make_staff(studio, email="somebody@studio.example", role=role))
    path = "/admin/customers/customer/"
    assert ('value="archive"' in browser.get(path).text) == (role in OFFICE)
    answer = browser.post(f"{path}many/archive/", ids=str(customer.pk))
    assert answer.status_code == (200 if role in OFFICE else 403)


def test_who_is_refused_is_told_whom_to_ask(studio: Company) -> None:
    desk: Staff = make_staff(studio, email="desk@studio.example", role="front_desk")
    text = Browser(desk).get("/admin/credits/coupon/add/").text
    assert "Your role in Studio Nine is “Front desk”." in text
    assert "Ask one whose role is “Owner” or “Manager”." in text
    nobody = Browser(desk).get("/admin/access/company/").text
    assert "Your role in Studio Nine is “Front desk”; only a superuser may do it." in nobody
