"""API limits in the back-office: shown, and set for a client, a key or a company."""

from config.access.models import ApiClient
from config.tenancy.companies import Company
from tests.backoffice import Browser, said, staff_changes
from tests.callers import Caller
from tests.factories import make_api_client, make_api_key, make_staff

CLIENTS, KEYS = "/admin/access/apiclient/", "/admin/access/apikey/"


def test_a_limit_is_given_with_the_client(browser: Browser) -> None:
    assert "the default, 12,000" in browser.get(f"{CLIENTS}add/").text
    typed = {"name": "App", "scopes": ["customers:read"], "requests_per_minute": "90"}
    browser.send(f"{CLIENTS}add/", **typed)
    client = ApiClient.objects.get()
    assert client.requests_per_minute == 90
    page = browser.get(f"{CLIENTS}{client.pk}/change/").text
    assert "90 requests a minute; 0 in the last minute" in page


def test_a_limit_holds_from_the_next_request_on(browser: Browser, studio: Company) -> None:
    key, text = make_api_key(studio, name="Site", scopes=["customers:read"])
    caller = Caller({"X-API-Key": text})
    assert caller.get("/v1/customers").status == 200
    page = f"{KEYS}{key.pk}/change/"
    assert "12,000 requests a minute (the default); 1 in the last minute" in browser.get(page).text
    answer = browser.press(page, "limit", requests_per_minute="1")
    assert said(answer) == [f"Limit of {key} saved."]
    assert caller.get("/v1/customers").status == 429
    (change,) = (one for one in staff_changes() if one.object_id == key.pk)
    assert change.after == {"requests_per_minute": 1}
    browser.press(page, "rotate")
    assert [one.requests_per_minute for one in studio.api_keys.all()] == [1, 1], "it keeps it"
    browser.press(page, "limit", requests_per_minute="")
    assert caller.get("/v1/customers").status == 200


def test_what_can_be_no_limit_is_refused_at_its_field(browser: Browser, studio: Company) -> None:
    client, _ = make_api_client(studio, name="App", scopes=["customers:read"])
    for typed in ("0", "-1", "1000001", "many", "9" * 40, "1\x00"):
        answer = browser.press(f"{CLIENTS}{client.pk}/change/", "limit", requests_per_minute=typed)
        assert answer.context["form"].errors["requests_per_minute"]
    client.refresh_from_db()
    assert client.requests_per_minute is None


def test_a_companys_limit_is_set_by_superusers_alone(browser: Browser, studio: Company) -> None:
    root = Browser(make_staff(studio, email="root@studio.example", superuser=True))
    page = f"/admin/access/company/{studio.pk}/change/"
    root.send(page, requests_per_minute="500")
    studio.refresh_from_db()
    assert studio.requests_per_minute == 500
    own = f"/admin/access/workplace/{studio.pk}/change/"
    assert "500 requests a minute; 0 in the last minute" in browser.get(own).text
    browser.post(own, requests_per_minute="900")
    studio.refresh_from_db()
    assert studio.requests_per_minute == 500
