"""Back-office sessions last 8 hours, and 30 minutes without activity (threat 41)."""

from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.contrib.staticfiles.finders import find
from django.test import Client

from config.access.models import Staff
from tests.backoffice import Browser
from tests.callers import Caller
from tests.doors import sign_in, visit
from tests.factories import PASSWORD
from tests.statements import recorded

pytestmark = pytest.mark.usefixtures("cheap_passwords")


def shift(client: Client, **seconds: int) -> None:
    """Subtract seconds from times that the session stores."""
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
    browser.get("/admin/")
    shift(browser.client, signed_in_at=8 * 3600 - 60)
    assert browser.get("/admin/").status_code == 200
    shift(browser.client, signed_in_at=60)
    page = browser.client.get("/admin/", follow=True)
    assert "signed in for 8 hours" in page.text, "work does not prolong it beyond that"


def test_a_form_that_was_sent_too_late_leads_back_to_its_page_or_home(browser: Browser) -> None:
    adding = "/admin/customers/customer/add/"
    for path, referer, following in (
        (adding, f"http://localhost{adding}?a=b", f"{adding}%3Fa%3Db"),
        *(("/admin/company/", bad, "/admin/") for bad in ("", "https://evil.example/x")),
        *(("/admin/company/", bad, "/admin/") for bad in ("http://[", "x" * 3000)),
    ):
        browser.client.force_login(Staff.objects.get())
        browser.get("/admin/")
        shift(browser.client, seen_at=31 * 60)
        answer = browser.client.post(path, {}, HTTP_REFERER=referer)
        assert answer["Location"] == f"/admin/login/?next={following}", referer
        assert "What you sent was not saved." in browser.get(answer["Location"]).text


def test_changing_ones_password_signs_out_everywhere_else(owner: Staff) -> None:
    elsewhere, client = visit(), visit()
    client.get("/admin/login/")
    for one in (elsewhere, client):
        sign_in(one)
    for cookie in (client.cookies["sessionid"], client.cookies["csrftoken"]):
        kept = (cookie["httponly"], cookie["samesite"], cookie["path"])
        assert kept == (True, "Lax", "/admin/"), "kept from scripts and other addresses"
    new = "correct horse battery"
    fields = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post("/admin/password_change/", fields).status_code == 302
    assert client.get("/admin/").status_code == 200
    assert elsewhere.get("/admin/").status_code == 302


def test_no_session_can_be_opened_by_what_the_database_keeps(browser: Browser) -> None:
    assert browser.get("/admin/").status_code == 200
    kept = Session.objects.get().session_key
    thief = visit()
    thief.cookies["sessionid"] = kept
    assert thief.get("/admin/").status_code == 302
    for key in ("", "x", "é" * 50, "0" * 500):
        thief.cookies["sessionid"] = key
        assert thief.get("/admin/").status_code == 302


def test_reading_writes_a_session_once_a_minute_and_the_api_pays_nothing_for_sessions(
    browser: Browser, integrator: Caller
) -> None:
    browser.get("/admin/")
    for seconds, writes in ((0, 0), (61, 1)):
        shift(browser.client, seen_at=seconds)
        with recorded() as ran:
            browser.get("/admin/")
        assert sum('UPDATE "django_session"' in sql for sql, _ in ran) == writes, seconds
    integrator.get("/v1/services")
    for path in ("/v1/customers", "/customers", "/v1/nowhere"):
        with recorded() as ran:
            integrator.get(path)
        told = " ".join(sql for sql, _ in ran)
        assert not [t for t in ("django_session", "axes_", "mfa_", "access_staff") if t in told]


def test_a_page_that_looks_by_itself_says_so_and_keeps_no_session_alive(browser: Browser) -> None:
    for script in ("jobs.js", "webhooks.js"):
        source = find(f"backoffice/{script}")
        assert source
        assert '"X-Watching": "1"' in Path(source).read_text(), script
    browser.get("/admin/")
    watching = {"headers": {"X-Watching": "1"}}
    shift(browser.client, seen_at=20 * 60)
    answer = browser.client.get("/admin/still-here/", **watching)
    assert (answer.json()["signed_in"], len(answer.json()["token"])) == (True, 64)
    shift(browser.client, seen_at=10 * 60)
    assert browser.client.get("/admin/still-here/", **watching).status_code == 302
    assert "nothing was done for 30 minutes" in browser.client.get("/admin/", follow=True).text
    nobody = visit().get("/admin/still-here/")
    assert (nobody.status_code, nobody.json()) == (401, {"signed_in": False})
