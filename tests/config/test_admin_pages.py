"""Every page of the back-office opens, and shows one company."""

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from config.access.models import Company, Staff
from tests.backoffice import Browser
from tests.factories import make_staff
from tests.office import make_rows
from tests.shares import shares

TENANT_PAGES = [
    *("customers.customer", "customers.address", "customers.customeruser", "customers.note"),
    *("customers.zone", "access.apiclient", "access.apikey", "access.membership"),
    *("billing.plan", "billing.subscription", "billing.invoice", "billing.payment"),
    *("billing.paymentmethod", "credits.coupon", "credits.creditrule", "credits.credit"),
    *("credits.passproduct", "credits.passpurchase", "credits.entry"),
    *("bookings.booking", "bookings.eventdate", "bookings.event", "bookings.pricingoption"),
    *("bookings.service", "bookings.facilitator", "bookings.media", "bookings.mediapurchase"),
    *("jobs.job", "changes.webhookendpoint", "changes.webhookdelivery"),
]
NEVER_ADDED = [
    *("billing.payment", "billing.paymentmethod", "credits.entry", "jobs.job"),
    "changes.webhookdelivery",
]
SUPERUSER_PAGES = ["access.company", "access.staff"]
BUTTONS = {
    "customers.customer": ["archive", "restore", "pause", "resume"],
    "customers.address": ["archive", "restore"],
    "customers.customeruser": ["archive", "restore"],
    "customers.note": [],
    "customers.zone": ["archive", "restore"],
    "billing.plan": ["archive", "restore"],
    "billing.subscription": ["pause", "resume", "suspend", "reinstate", "cancel"],
    "billing.invoice": ["issue", "void"],
    "billing.payment": [],
    "billing.paymentmethod": ["prefer", "archive"],
    "credits.coupon": ["archive", "restore"],
    "credits.creditrule": ["archive"],
    "credits.credit": ["revoke"],
    "credits.passproduct": ["archive", "restore"],
    "credits.passpurchase": ["revoke"],
    "credits.entry": [],
    "bookings.booking": ["pay", "start", "complete", "miss", "move", "cancel"],
    "bookings.eventdate": ["book", "move", "cancel"],
    "bookings.event": ["archive", "restore"],
    "bookings.pricingoption": ["archive"],
    "bookings.service": ["archive", "restore"],
    "bookings.facilitator": ["archive", "restore"],
    "bookings.media": ["archive", "restore"],
    "bookings.mediapurchase": ["cancel"],
    "jobs.job": ["stop"],
    "changes.webhookendpoint": ["test", "redeliver", "rotate", "disable", "enable", "archive"],
    "changes.webhookdelivery": ["redeliver"],
    "access.apiclient": [
        *("rotate", "suspend", "resume", "limit", "require_match", "waive_match"),
    ],
    "access.apikey": ["rotate", "revoke", "limit", "require_match", "waive_match"],
    "access.company": ["archive", "restore"],
    "access.staff": ["password", "factor", "unlock"],
    "access.membership": ["invite", "factor", "unlock", "remove"],
    "access.workplace": [],
}


def url_of(model: str, page: str, *args: Any) -> str:
    return reverse(f"admin:{model.replace('.', '_')}_{page}", args=args)


@pytest.fixture
def rows(studio: Company) -> dict[str, Any]:
    return make_rows(studio)


@pytest.fixture
def root(studio: Company) -> Staff:
    return make_staff(studio, email="root@studio.example", superuser=True)


def test_every_registered_model_is_tried_here_and_nothing_of_a_package_is_registered() -> None:
    registered = {model._meta.label_lower for model in admin.site._registry}
    assert registered == {*TENANT_PAGES, *SUPERUSER_PAGES, "access.workplace"} == BUTTONS.keys()


@pytest.mark.parametrize("share", shares(TENANT_PAGES))
def test_every_page_opens_for_superusers(
    share: list[str], subtests: pytest.Subtests, rows: Any, root: Staff
) -> None:
    """Those of every role are tried with the table of roles (`test_admin_roles.py`)."""
    browser = Browser(root)
    for model in share:
        row = rows[model]
        pages = [url_of(model, page, row.pk) for page in ("change", "history", *BUTTONS[model])]
        with subtests.test(model):
            for page in [url_of(model, "changelist"), *pages]:
                assert browser.get(page).status_code == 200, page
            adding = browser.get(url_of(model, "add")).status_code
            assert adding == (403 if model in NEVER_ADDED else 200)


@pytest.mark.parametrize("model", SUPERUSER_PAGES)
def test_pages_of_companies_and_staff_open_for_superusers_only(
    model: str, studio: Company, owner: Staff, root: Staff
) -> None:
    row = {"access.company": studio, "access.staff": owner}[model]
    pages = [
        *(url_of(model, "changelist"), url_of(model, "add"), url_of(model, "change", row.pk)),
        *(url_of(model, "history", row.pk), *(url_of(model, b, row.pk) for b in BUTTONS[model])),
    ]
    for page in pages:
        assert Browser(root).get(page).status_code == 200, page
        answer = Browser(owner).get(page)
        assert (answer.status_code, "You may not open this page" in answer.text) == (403, True)


def test_the_menu_is_put_together_once_a_page(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    build = admin.site._build_app_dict

    def note(request: Any, label: Any = None) -> Any:
        made.append(request.path)
        return build(request, label)

    monkeypatch.setattr(admin.site, "_build_app_dict", note)
    listed = url_of("customers.customer", "changelist")
    assert browser.get(listed).text.count(f'href="{url_of("billing.plan", "changelist")}"') == 1
    assert made == [listed]


@pytest.mark.parametrize(
    "page", ["", "customers/", "access/", "password_change/", "password_change/done/", "jsi18n/"]
)
def test_the_pages_around_open(page: str, owner: Staff) -> None:
    assert Browser(owner).get(f"/admin/{page}").status_code == 200


def test_nobody_gets_in_without_signing_in(rows: Any) -> None:
    for model, row in rows.items():
        answer = Client(SERVER_NAME="localhost").get(url_of(model, "change", row.pk))
        assert answer.status_code == 302
        assert answer["Location"].startswith("/admin/login/?next=")


def test_an_id_that_is_none_and_an_address_that_leads_nowhere_are_told_so(
    subtests: pytest.Subtests, browser: Browser
) -> None:
    for model in TENANT_PAGES:
        with subtests.test(model):
            answer = browser.get(url_of(model, "change", "no-id"))
            assert (answer.status_code, answer["Location"]) == (302, url_of(model, "changelist"))


@pytest.mark.parametrize("path", ["nothing/", "customers/nothing/", "r/1/2/"])
def test_an_unknown_address_shows_a_page(path: str, owner: Staff) -> None:
    answer = Browser(owner).get(f"/admin/{path}")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text


@pytest.mark.parametrize(
    ("model", "query"),
    [
        ("access.apiclient", "client_secret__startswith"),
        ("access.apikey", "digest__startswith"),
        ("access.staff", "password__startswith"),
        ("customers.note", "customer__email__startswith"),
        ("billing.paymentmethod", "token__startswith"),
        ("billing.payment", "payment_method__token__startswith"),
    ],
)
def test_a_list_is_not_narrowed_by_columns_that_it_does_not_offer(
    model: str, query: str, root: Staff
) -> None:
    assert Browser(root).get(url_of(model, "changelist"), **{query: "a"}).status_code == 400


STRANGE = [
    {"q": "\x00"},
    {"q": "x" * 5000},
    {"q": "' | & ! \\ :*"},
    {"p": "-3"},
    {"p": "no"},
    {"o": "99.-77.x"},
    {"created_at_from": "yesterday", "created_at_to": "9999-12-31"},
    {"created_at_from": "0001-01-01", "created_at_to": "31/12/2025"},
    {"status": "asleep", "archived": "maybe", "standing": "no", "state": "no"},
    {"status": "overdue", "standing": "PAUSED", "state": "live"},
    {"nonsense": "1"},
    {"customer": "no-id"},
    {"facilitator__id__exact": "no-id", "event": "no-id"},
    {"when": "whenever", "starts_at_from": "31/11/2025"},
    {"e": "1"},
]


@pytest.mark.parametrize(
    "model",
    [
        *("customers.customer", "customers.address", "customers.note"),
        *("billing.subscription", "billing.invoice", "billing.payment"),
        *("credits.credit", "credits.passpurchase", "credits.entry"),
        *("bookings.booking", "bookings.eventdate", "bookings.mediapurchase"),
    ],
)
def test_a_list_takes_no_harm_from_a_strange_address(
    model: str, subtests: pytest.Subtests, browser: Browser, rows: Any
) -> None:
    for query in STRANGE:
        with subtests.test(str(query)[:60]):
            answer = browser.get(url_of(model, "changelist"), **query)
            assert answer.status_code in (200, 302, 400)
