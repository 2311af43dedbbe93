"""Sessions of the back-office last 8 hours, and 30 minutes left alone (threat 41)."""

from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.contrib.staticfiles.finders import find
from django.test import Client

from config.access.models import Company, Staff
from tests.backoffice import Browser
from tests.callers import Caller
from tests.doors import sign_in, visit
from tests.factories import PASSWORD
from tests.statements import recorded

pytestmark = pytest.mark.usefixtures("cheap_passwords")


def shift(client: Client, **seconds: int) -> None:
    """Make what a session notes so many seconds older."""
    session = client.session
    for name, by in seconds.items():
        session[name] -= by
    session.save()


def test_a_session_that_was_left_alone_ends_and_leads_back(browser: Browser) -> None:
    browser.get("/admin/")
    shift(browser.client, seen_at=29 * 60)
    assert browser.get("/admin/").status_code == 200
    shift(browser.client, seen_at=30 * 60)
    answer = browser.get("/admin/customers/customer/?q=ana")
    assert answer["Location"] == "/admin/login/?next=/admin/customers/customer/%3Fq%3Dana"
    page = browser.get(answer["Location"])
    assert "nothing was done for 30 minutes" in page.text
    fields = {"username": "olive@studio.example", "password": PASSWORD}
    again = browser.client.post(answer["Location"], fields)
    assert again["Location"] == "/admin/customers/customer/?q=ana"


def test_work_does_not_prolong_a_session_beyond_eight_hours(browser: Browser) -> None:
    browser.get("/admin/")
    shift(browser.client, signed_in_at=8 * 3600 - 60)
    assert browser.get("/admin/").status_code == 200
    shift(browser.client, signed_in_at=60)
    page = browser.client.get("/admin/", follow=True)
    assert "signed in for 8 hours" in page.text


def test_a_form_that_was_sent_too_late_leads_back_to_its_page(browser: Browser) -> None:
    browser.get("/admin/")
    shift(browser.client, seen_at=31 * 60)
    adding = "/admin/customers/customer/add/"
    answer = browser.client.post(adding, {}, HTTP_REFERER=f"http://localhost{adding}?a=b")
    assert answer["Location"] == f"/admin/login/?next={adding}%3Fa%3Db"
    assert "What you sent was not saved." in browser.get(answer["Location"]).text


@pytest.mark.parametrize("referer", ["", "https://evil.example/x", "http://[", "x" * 3000])
def test_a_form_from_elsewhere_leads_home(referer: str, browser: Browser) -> None:
    browser.get("/admin/")
    shift(browser.client, seen_at=31 * 60)
    answer = browser.client.post("/admin/company/", {}, HTTP_REFERER=referer)
    assert answer["Location"] == "/admin/login/?next=/admin/"


def test_reading_writes_a_session_once_a_minute_at_most(browser: Browser) -> None:
    browser.get("/admin/")
    with recorded() as ran:
        browser.get("/admin/")
    assert not [sql for sql, _ in ran if 'UPDATE "django_session"' in sql]
    shift(browser.client, seen_at=61)
    with recorded() as ran:
        browser.get("/admin/")
    assert len([sql for sql, _ in ran if 'UPDATE "django_session"' in sql]) == 1


def test_the_page_that_asks_learns_whether_its_session_goes_on(browser: Browser) -> None:
    answer = browser.get("/admin/still-here/")
    assert answer.json()["signed_in"] is True
    assert len(answer.json()["token"]) == 64
    nobody = visit().get("/admin/still-here/")
    assert (nobody.status_code, nobody.json()) == (401, {"signed_in": False})


def test_changing_ones_password_signs_out_everywhere_else(owner: Staff) -> None:
    elsewhere, client = visit(), visit()
    sign_in(elsewhere)
    sign_in(client)
    new = "correct horse battery"
    fields = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post("/admin/password_change/", fields).status_code == 302
    assert client.get("/admin/").status_code == 200
    assert elsewhere.get("/admin/").status_code == 302


def test_the_cookies_are_kept_from_scripts_and_other_addresses(owner: Staff) -> None:
    client = visit()
    client.get("/admin/login/")
    sign_in(client)
    for cookie in (client.cookies["sessionid"], client.cookies["csrftoken"]):
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/admin/")


def test_no_session_can_be_opened_by_what_the_database_keeps(browser: Browser) -> None:
    assert browser.get("/admin/").status_code == 200
    kept = Session.objects.get().session_key
    thief = visit()
    thief.cookies["sessionid"] = kept
    assert thief.get("/admin/").status_code == 302
    for key in ("", "x", "é" * 50, "0" * 500):
        thief.cookies["sessionid"] = key
        assert thief.get("/admin/").status_code == 302


def test_the_api_pays_nothing_for_sessions(integrator: Caller, studio: Company) -> None:
    integrator.get("/v1/services")
    for path in ("/v1/customers", "/customers", "/v1/nowhere"):
        with recorded() as ran:
            integrator.get(path)
        told = " ".join(sql for sql, _ in ran)
        assert not [t for t in ("django_session", "axes_", "mfa_", "access_staff") if t in told]


def test_a_page_that_looks_by_itself_keeps_no_session_alive(browser: Browser) -> None:
    browser.get("/admin/")
    watching = {"headers": {"X-Watching": "1"}}
    shift(browser.client, seen_at=20 * 60)
    assert browser.client.get("/admin/still-here/", **watching).status_code == 200
    shift(browser.client, seen_at=10 * 60)
    assert browser.client.get("/admin/still-here/", **watching).status_code == 302
    assert "nothing was done for 30 minutes" in browser.client.get("/admin/", follow=True).text


@pytest.mark.parametrize("script", ["jobs.js", "webhooks.js"])
def test_pages_that_look_by_themselves_say_so(script: str) -> None:
    source = find(f"backoffice/{script}")
    assert source
    assert '"X-Watching": "1"' in Path(source).read_text()
