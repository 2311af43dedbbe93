"""Every page of the back-office opens, and shows only one company's data."""

import uuid
from contextlib import nullcontext
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from config.access.models import Staff
from config.tenancy.companies import Company
from config.tenancy.permissions import DESK, OFFICE, Role, allows
from tests.admin_routes import PAGES, make_rows
from tests.backoffice import Browser, fresh, page_of, unrendered
from tests.factories import ACustomer, make_staff

TENANT_PAGES = [
    *("customers.customer", "customers.address", "customers.customeruser", "customers.note"),
    "customers.contactpoint",
    *("customers.zone", "access.apiclient", "access.apikey", "access.membership"),
    *("billing.plan", "billing.subscription", "billing.invoice", "billing.payment"),
    "billing.creditnote",
    *("billing.paymentmethod", "credits.coupon", "credits.creditrule", "credits.credit"),
    *("credits.passproduct", "credits.passpurchase", "credits.entry", "credits.goodwill"),
    *("bookings.booking", "bookings.eventdate", "bookings.event", "bookings.pricingoption"),
    *("bookings.service", "bookings.facilitator", "bookings.media", "bookings.mediapurchase"),
    *("jobs.job", "changes.webhookendpoint", "changes.webhookdelivery"),
    "requests.apirequest",
    *("customers.duplicate", "customers.erasure", "changes.dataexport"),
]
NEVER_ADDED = ["billing.payment", "billing.paymentmethod", "credits.entry", "jobs.job"]
NEVER_ADDED += ["billing.creditnote"]
NEVER_ADDED += ["changes.webhookdelivery", "requests.apirequest"]
NEVER_ADDED += ["customers.duplicate", "customers.erasure", "changes.dataexport"]
BUTTONS = {kind: [one.name for one in pages.buttons if one.one] for kind, pages in PAGES.items()}


def url_of(model: str, page: str, *args: Any) -> str:
    return reverse(f"admin:{model.replace('.', '_')}_{page}", args=args)


@pytest.fixture
def root(studio: Company) -> Staff:
    return make_staff(studio, email="root@studio.example", superuser=True)


def test_every_registered_model_is_tried_here_and_nothing_of_a_package_is_registered() -> None:
    assert {*PAGES} == {*TENANT_PAGES, "access.workplace", "access.company", "access.staff"}


def test_companies_and_staff_are_for_superusers(studio: Company, owner: Staff, root: Staff) -> None:
    superuser, other = Browser(root), Browser(owner)
    for model, row in (("access.company", studio), ("access.staff", owner)):
        pages = [url_of(model, page, row.pk) for page in ("change", "history", *BUTTONS[model])]
        for page in [url_of(model, "changelist"), url_of(model, "add"), *pages]:
            assert superuser.get(page).status_code == 200, page
            answer = other.get(page)
            assert (answer.status_code, "You may not open this page" in answer.text) == (403, True)


def test_the_menu_is_made_once_a_page(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    build = admin.site._build_app_dict

    def note(request: Any, label: Any = None) -> Any:
        made.append(request.path)
        return build(request, label)

    monkeypatch.setattr(admin.site, "_build_app_dict", note)
    listed = url_of("customers.customer", "changelist")
    assert browser.get(listed).text.count(f'href="{url_of("billing.plan", "changelist")}"') == 1
    assert made == [listed]


def test_the_pages_around_open_and_an_unknown_address_shows_a_page(browser: Browser) -> None:
    for page in (
        "",
        "customers/",
        "access/",
        "password_change/",
        "password_change/done/",
        "jsi18n/",
    ):
        assert browser.get(f"/admin/{page}").status_code == 200, page
    for page in ("nothing/", "customers/nothing/", "r/1/2/"):
        answer = browser.get(f"/admin/{page}")
        assert (answer.status_code, "Page not found" in answer.text) == (404, True), page


def test_nobody_gets_in_without_signing_in() -> None:
    for model in TENANT_PAGES:
        answer = Client(SERVER_NAME="localhost").get(url_of(model, "change", uuid.uuid4()))
        assert answer.status_code == 302, model
        assert answer["Location"].startswith("/admin/login/?next="), model


def test_an_id_that_is_none_leads_to_the_list(subtests: pytest.Subtests, browser: Browser) -> None:
    for model in TENANT_PAGES:
        with subtests.test(model):
            answer = browser.get(url_of(model, "change", "no-id"))
            assert (answer.status_code, answer["Location"]) == (302, url_of(model, "changelist"))


def test_a_list_is_not_narrowed_by_columns_that_it_does_not_offer(root: Staff) -> None:
    browser = Browser(root)
    for model, query in (
        ("access.apiclient", "client_secret__startswith"),
        ("access.apikey", "digest__startswith"),
        ("access.staff", "password__startswith"),
        ("customers.note", "customer__email__startswith"),
        ("billing.paymentmethod", "token__startswith"),
        ("billing.payment", "payment_method__token__startswith"),
    ):
        assert browser.get(url_of(model, "changelist"), **{query: "a"}).status_code == 400, query


STRANGE = [
    *({"q": "\x00"}, {"q": "x" * 5000}, {"q": "' | & ! \\ :*"}, {"p": "-3"}, {"p": "no"}),
    *({"o": "99.-77.x"}, {"nonsense": "1"}, {"customer": "no-id"}, {"e": "1"}),
    {"created_at_from": "yesterday", "created_at_to": "9999-12-31"},
    {"created_at_from": "0001-01-01", "created_at_to": "31/12/2025"},
    {"status": "asleep", "archived": "maybe", "standing": "no", "state": "no"},
    {"status": "overdue", "standing": "PAUSED", "state": "live"},
    {"facilitator__id__exact": "no-id", "event": "no-id"},
    {"when": "whenever", "starts_at_from": "31/11/2025"},
]


def test_a_list_takes_no_harm_from_a_strange_address(
    subtests: pytest.Subtests, browser: Browser, studio: Company
) -> None:
    make_rows(studio)
    for model in (
        *("customers.customer", "customers.address", "customers.note"),
        *("billing.subscription", "billing.invoice", "billing.payment"),
        *("credits.credit", "credits.passpurchase", "credits.entry"),
        *("bookings.booking", "bookings.eventdate", "bookings.mediapurchase"),
    ):
        for query in STRANGE:
            with subtests.test(f"{model} {query}"[:90]):
                answer = browser.get(url_of(model, "changelist"), **query)
                assert answer.status_code in (200, 302, 400)


# --- Pages follow the table of permissions ---


def outcomes(model: str, row: Any, role: str) -> list[tuple[str, str, bool]]:
    """Return each address of a model, its method, and whether the role may request it."""
    pages, app, name = PAGES[model], *model.split(".")
    may = {verb: allows(role, f"{app}.{verb}_{name}") for verb in ("view", "add", "change")}
    adds = may["add"] and model not in NEVER_ADDED
    changes, own = may["change"] and pages.changes is not None, f"{app}.change_{name}"
    if model == "jobs.job":
        changes = may["view"]  # a job has no form; a POST only shows the page
    buttons = [
        (url_of(model, one.name, row.pk), method, allows(role, one.permission or own))
        for one in pages.buttons
        if one.one
        for method in ("GET", "POST")
    ]
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
    # `test_words.py` renders every page with all permissions; here pages are rendered only for the
    # role with the fewest permissions.
    rendering = nullcontext() if role == Role.READ_ONLY else unrendered()
    with rendering:
        for model in [*TENANT_PAGES, "access.workplace"]:
            row = rows[model]
            for address, method, may in outcomes(model, row, role):
                if method == "POST" and may:
                    continue  # other tests cover the effect of each POST
                answer = (browser.get if method == "GET" else browser.post)(address)
                # The workplace is the company itself, so its list redirects to it.
                opened = 302 if address == url_of("access.workplace", "changelist") else 200
                assert answer.status_code == (opened if may else 403), (role, method, address)
                assert may or f"{row.pk}" not in answer.text.replace(address, "")
                assert may or "You may not open this page or use it." in answer.text


def test_menus_pages_and_lists_offer_what_the_role_may_do(studio: Company) -> None:
    customer, path = ACustomer(company=studio), "/admin/customers/customer/"
    for role in Role:
        browser = Browser(make_staff(studio, email=f"{role}@studio.example", role=role))
        menu = browser.get("/admin/").text
        for model in {*TENANT_PAGES, "access.workplace"} - {"bookings.pricingoption"}:
            app, name = model.split(".")
            shown = f'href="{url_of(model, "changelist")}' in menu
            assert shown == allows(role, f"{app}.view_{name}"), (role, model)
        assert "/admin/access/company/" not in menu
        text = browser.get(page_of(customer)).text
        own = [f"{customer.pk}/{button}/" for button in ("archive", "edit", "note")]
        for button in [*own, "/admin/credits/credit/add/", "/admin/bookings/booking/classes/"]:
            assert (button in text) == (role in DESK), (role, button)
        assert ('value="archive"' in browser.get(path).text) == (role in OFFICE)
        assert ('name="action"' in browser.get(path).text) == (role in OFFICE)
        sure = {} if role in OFFICE else {"once": "1", "sure": "1"}
        answer = browser.post(f"{path}many/archive/", ids=str(customer.pk), **sure)
        assert answer.status_code == (200 if role in OFFICE else 403), role
        assert not fresh(customer).is_archived


def test_who_is_refused_is_told_whom_to_ask(studio: Company) -> None:
    desk: Staff = make_staff(studio, email="desk@studio.example", role="front_desk")
    text = Browser(desk).get("/admin/credits/coupon/add/").text
    assert "Your role in Studio Nine is “Front desk”." in text
    assert "Ask somebody with the role “Owner” or “Manager”." in text
    nobody = Browser(desk).get("/admin/access/company/").text
    assert "Your role in Studio Nine is “Front desk”; only a superuser may do it." in nobody
