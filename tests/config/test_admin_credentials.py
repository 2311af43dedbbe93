"""API clients and keys in the back-office: a secret is shown once, and kept nowhere."""

from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection

from config.access.actions import create_api_client, create_api_key, rotate_api_key
from config.access.hashers import digest
from config.access.models import ApiClient, ApiKey, Company
from config.access.scopes import SCOPES
from tests.backoffice import Browser, said, staff_changes
from tests.bulk import done
from tests.factories import make_staff

CLIENTS, KEYS = "/admin/access/apiclient/", "/admin/access/apikey/"


def page_of(row: Any) -> str:
    return f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/"


def shown_in(answer: Any) -> dict[str, str]:
    assert answer.status_code == 200, answer
    return {str(label): value for label, value in answer.context["values"]}


def assert_kept_nowhere(secret: str, answer: Any, browser: Browser) -> None:
    """The secret stands in the answer alone: no cookie, no session, no log, no message, no page."""
    assert answer.text.count(secret) == 1
    assert secret not in str(answer.cookies)
    assert "no-store" in answer["Cache-Control"]
    assert said(answer) == []
    kept = [session.get_decoded() for session in Session.objects.all()]
    assert secret not in str(kept)
    assert all(secret not in str(vars(change)) for change in staff_changes())
    with connection.cursor() as cursor:
        for table in ("access_apiclient", "access_apikey"):
            cursor.execute(f"SELECT row_to_json(one)::text FROM {table} AS one")
            assert all(secret not in row[0] for row in cursor.fetchall())
    for page in (CLIENTS, KEYS, answer.context["back"]):
        assert secret not in browser.get(page).text


def test_a_client_is_made_with_scopes_chosen_by_their_sentences(
    browser: Browser, studio: Company
) -> None:
    page = browser.get(f"{CLIENTS}add/").text
    for scope, sentence in SCOPES.items():
        assert f'value="{scope}"' in page
        assert sentence.replace("'", "&#x27;") in page
    chosen = ["customers:write", "customers:read"]
    answer = browser.send(f"{CLIENTS}add/", name=" Booking app ", scopes=chosen)
    client = ApiClient.objects.get()
    assert (client.company, client.name) == (studio, "Booking app")
    assert client.scopes == ["customers:read", "customers:write"]
    shown = shown_in(answer)
    assert shown["client id"] == client.client_id
    assert client.client_secret == f"regulars_secret${digest(shown['client secret'])}"
    assert_kept_nowhere(shown["client secret"], answer, browser)
    assert [change.object_id for change in staff_changes()] == [client.pk]


def test_a_key_is_made_and_opens_the_api(browser: Browser, studio: Company) -> None:
    answer = browser.send(
        f"{KEYS}add/",
        name="Site",
        scopes=["customers:read"],
        expires_at_0="31/12/2099",
        expires_at_1="12:00",
    )
    key, text = ApiKey.objects.get(), shown_in(answer)["API key"]
    assert (key.company, key.digest) == (studio, digest(text))
    assert key.expires_at is not None
    assert_kept_nowhere(text, answer, browser)
    opened = browser.client.get("/customers", headers={"Authorization": f"Bearer {text}"})
    assert opened.status_code == 200


@pytest.mark.parametrize(
    ("path", "typed", "field", "sentence"),
    [
        (CLIENTS, {"name": "App"}, "scopes", "Name at least one scope."),
        (KEYS, {"name": "Site"}, "scopes", "Name at least one scope."),
        (
            KEYS,
            {
                "name": "Site",
                "scopes": ["audit:read"],
                "expires_at_0": "01/01/2020",
                "expires_at_1": "00:00",
            },
            "expires_at",
            "This is in the past.",
        ),
        (
            KEYS,
            {"name": "Two", "scopes": ["audit:read"]},
            "__all__",
            "“Two” has two live keys already. Revoke one first.",
        ),
    ],
)
def test_a_refusal_is_told_once_and_nothing_is_made(
    path: str, typed: Any, field: str, sentence: str, browser: Browser, studio: Company
) -> None:
    for _ in range(2):
        create_api_key(studio, name="Two", scopes=["audit:read"])
    answer = browser.send(f"{path}add/", **typed)
    assert answer.context["adminform"].form.errors == {field: [sentence]}
    assert answer.text.count(sentence) == 1
    assert (ApiClient.objects.count(), ApiKey.objects.count()) == (0, 2)
    assert staff_changes() == []


def test_a_scope_that_does_not_exist_is_refused(browser: Browser) -> None:
    answer = browser.send(f"{CLIENTS}add/", name="App", scopes=["everything"])
    assert "scopes" in answer.context["adminform"].form.errors
    assert not ApiClient.objects.exists()


def test_a_client_is_suspended_let_back_in_and_given_a_new_secret(
    browser: Browser, studio: Company
) -> None:
    client, old = create_api_client(studio, name="App", scopes=["audit:read"])
    browser.press(page_of(client), "suspend")
    client.refresh_from_db()
    assert client.suspended_at is not None
    assert said(browser.press(page_of(client), "suspend"))[-1] == (
        "This API client is suspended already."
    )
    assert f"{client.pk}/resume/" in browser.get(page_of(client)).text
    assert done(browser, CLIENTS, "resume", client).result == {"done": 1, "refused": 0}
    browser.get("/admin/")
    answer = browser.press(page_of(client), "rotate")
    client.refresh_from_db()
    assert client.suspended_at is None
    secret = shown_in(answer)["client secret"]
    assert client.client_secret == f"regulars_secret${digest(secret)}" != digest(old)
    assert_kept_nowhere(secret, answer, browser)


def test_a_key_is_replaced_and_revoked(browser: Browser, studio: Company) -> None:
    key, _ = create_api_key(studio, name="Site", scopes=["audit:read"])
    answer = browser.press(page_of(key), "rotate")
    text = shown_in(answer)["API key"]
    successor = ApiKey.objects.exclude(pk=key.pk).get()
    assert successor.digest == digest(text)
    assert_kept_nowhere(text, answer, browser)
    assert answer.context["back"] == page_of(successor)
    assert said(browser.press(page_of(key), "rotate"))[-1].startswith("“Site” has two live keys")
    assert said(browser.press(page_of(key), "revoke"))[-1].endswith("…): revoked.")
    key.refresh_from_db()
    assert key.revoked_at is not None
    assert f"{key.pk}/revoke/" not in browser.get(page_of(key)).text


def test_credentials_are_shown_and_never_edited(browser: Browser, studio: Company) -> None:
    client, _ = create_api_client(studio, name="App", scopes=["audit:read"])
    key, _ = create_api_key(studio, name="Site", scopes=["audit:read"])
    for row in (client, key):
        page = browser.get(page_of(row)).text
        assert "Read who changed what, and when." in page
        assert 'name="_save"' not in page
        answer = browser.post(page_of(row), name="Other", scopes=["customers:write"])
        assert answer.status_code == 403
        row.refresh_from_db()
        assert row.scopes == ["audit:read"]
        for hidden in (getattr(row, "digest", ""), getattr(row, "client_secret", "")):
            assert not hidden or hidden not in page


def test_credentials_belong_to_the_company_that_is_worked_in(
    studio: Company, rival: Company
) -> None:
    both = make_staff(studio, rival, email="both@studio.example")
    browser = Browser(both, rival)
    browser.send(f"{KEYS}add/", name="Site", scopes=["audit:read"])
    key = ApiKey.objects.get()
    assert key.company == rival
    browser.switch_to(studio)
    assert f"{key.pk}" not in browser.get(KEYS).text
    browser.choose(KEYS, "revoke", key)
    browser.press(page_of(key), "revoke")
    key.refresh_from_db()
    assert key.revoked_at is None


@pytest.mark.parametrize("path", [CLIENTS, KEYS])
def test_lists_of_credentials_take_a_constant_number_of_statements(
    path: str, browser: Browser, studio: Company, django_assert_max_num_queries: Any
) -> None:
    for number in range(10):
        create_api_client(studio, name=f"App {number}", scopes=["audit:read"])
        rotate_api_key(create_api_key(studio, name=f"S {number}", scopes=["audit:read"])[0])
    with django_assert_max_num_queries(14):
        assert browser.get(path).status_code == 200
