"""API clients and keys in the back-office: a secret is shown once, and kept nowhere."""

import shlex
from base64 import b64encode
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection

from config.access.actions import create_api_client, create_api_key, rotate_api_key
from config.access.curl import READABLE, curl_for_client
from config.access.hashers import digest
from config.access.models import ApiClient, ApiKey, Company
from config.access.scopes import GROUPS, PRESETS, SCOPES
from tests.backoffice import Browser, said, staff_changes
from tests.bulk import done
from tests.callers import Caller, call_as
from tests.factories import make_staff

CLIENTS, KEYS = "/admin/access/apiclient/", "/admin/access/apikey/"


def page_of(row: Any) -> str:
    return f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/"


def shown_in(answer: Any) -> dict[str, str]:
    assert answer.status_code == 200, answer
    return {str(label): value for label, value in answer.context["values"]}


def assert_kept_nowhere(secret: str, answer: Any, browser: Browser) -> None:
    """The secret stands in the answer alone: no cookie, no session, no log, no message, no page.

    There it stands twice: by itself, and in the command that tries it out.
    """
    assert answer.text.count(secret) == 1 + (secret in answer.context["command"])
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
        assert page.count(f'value="{scope}"') == 1
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


@pytest.mark.parametrize("kind", ["client", "key"])
def test_who_may_change_only_what_they_have_seen_is_told_by_their_page(
    browser: Browser, studio: Company, kind: str
) -> None:
    make = {"client": create_api_client, "key": create_api_key}[kind]
    row, _ = make(studio, name="App", scopes=["customers:read"])
    browser.press(page_of(row), "require_match")
    row.refresh_from_db()
    assert row.requires_match
    assert "Every change has to name the version that was seen" in browser.get(page_of(row)).text
    browser.press(page_of(row), "waive_match")
    row.refresh_from_db()
    assert not row.requires_match


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
    assert "“Site” has two live keys" in browser.press(page_of(key), "rotate").text
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


# --- What a credential may, and the command that tries it ---------------------------------------


def test_every_scope_stands_in_one_group_and_no_preset_makes_one_up() -> None:
    grouped = [scope for _, scopes in GROUPS for scope in scopes]
    assert sorted(grouped) == sorted(SCOPES)
    for key, (_, scopes) in PRESETS.items():
        assert set(scopes) <= SCOPES.keys(), key
        assert len(scopes) == len(set(scopes)), key


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_gives_its_scopes_and_those_that_are_ticked(preset: str, browser: Browser) -> None:
    browser.send(f"{CLIENTS}add/", name="App", preset=preset, scopes=["plans:write"])
    assert set(ApiClient.objects.get().scopes) == {*PRESETS[preset][1], "plans:write"}


def run(browser: Browser, command: str) -> Any:
    """Do what the command would: ask at its address, with its header or its form."""
    words = shlex.split(command)
    options = dict(zip(words[1:-1:2], words[2:-1:2], strict=True))
    path = words[-1].removeprefix(settings.PUBLIC_URL)
    assert words[0] == "curl"
    assert path.startswith("/")
    if "--data" not in options:
        name, _, value = options["--header"].partition(": ")
        return browser.client.get(path, headers={name: value})
    user, _, secret = options["--user"].partition(":")
    form = dict([options["--data"].split("=")])
    basic = b64encode(f"{user}:{secret}".encode()).decode()
    return browser.client.post(
        path,
        urlencode(form),
        content_type="application/x-www-form-urlencoded",
        headers={"Authorization": f"Basic {basic}"},
    )


def test_the_command_of_a_new_client_gets_a_token(browser: Browser) -> None:
    answer = browser.send(f"{CLIENTS}add/", name="It’s an app", scopes=["customers:read"])
    assert run(browser, answer.context["command"]).json()["token_type"] == "Bearer"
    again = browser.press(page_of(ApiClient.objects.get()), "rotate")
    assert run(browser, again.context["command"]).status_code == 200


@pytest.mark.parametrize("scope", READABLE)
def test_the_command_of_a_new_key_reads_something_that_it_may(scope: str, browser: Browser) -> None:
    answer = browser.send(f"{KEYS}add/", name="Site", scopes=[scope])
    assert run(browser, answer.context["command"]).status_code == 200


def test_a_key_that_may_read_no_list_comes_without_a_command(browser: Browser) -> None:
    answer = browser.send(f"{KEYS}add/", name="Site", scopes=["notes:write"])
    assert answer.context["command"] == ""
    assert "Try it in a shell" not in answer.text


# --- A form that is sent twice ------------------------------------------------------------------


@pytest.mark.parametrize(("path", "model"), [(CLIENTS, ApiClient), (KEYS, ApiKey)])
def test_a_form_that_is_sent_again_makes_nothing_more_and_shows_no_secret(
    path: str, model: Any, browser: Browser
) -> None:
    sent = browser.form(f"{path}add/").values | {"name": "App", "scopes": ["audit:read"]}
    first = browser.post(f"{path}add/", **sent)
    assert "values" in first.context
    again = browser.post(f"{path}add/", **sent)
    assert again.text.count("This was made already") == 1
    assert "values" not in again.context
    assert model.objects.count() == 1
    assert len(staff_changes()) == 1


def test_an_id_that_is_anothers_or_none_at_all_is_refused(browser: Browser, rival: Company) -> None:
    foreign, _ = create_api_key(rival, name="Theirs", scopes=["audit:read"])
    sent = browser.form(f"{KEYS}add/").values | {"name": "App", "scopes": ["audit:read"]}
    for once in (str(foreign.pk), "no-id", "\x00"):
        assert browser.post(f"{KEYS}add/", **sent | {"once": once}).status_code == 200
    assert ApiKey.objects.get() == foreign


def test_a_renewal_that_is_sent_again_leaves_the_secret_that_was_shown(
    browser: Browser, studio: Company, owner: Any
) -> None:
    client, _ = create_api_client(studio, name="App", scopes=["audit:read"])
    key, _ = create_api_key(studio, name="Site", scopes=["audit:read"])
    for row, button, column in ((client, "rotate", "client_secret"), (key, "rotate", "digest")):
        path = page_of(row).replace("change/", f"{button}/")
        sent = browser.form(path).values
        assert "values" in browser.post(path, **sent).context
        row.refresh_from_db()
        kept = getattr(row, column)
        assert browser.post(path, **sent).text.count("This was made already") == 1
        row.refresh_from_db()
        assert getattr(row, column) == kept
    assert ApiKey.objects.count() == 2


# --- What the list tells ------------------------------------------------------------------------


def test_the_lists_tell_when_each_was_last_used_once_a_minute(
    browser: Browser, studio: Company
) -> None:
    client, secret = create_api_client(studio, name="App", scopes=SCOPES)
    answer = run(browser, curl_for_client(client.client_id, secret))
    token = Caller({"Authorization": f"Bearer {answer.json()['access_token']}"})
    for path, caller, row in (
        (CLIENTS, token, client),
        (KEYS, call_as(studio), ApiKey.objects.get),
    ):
        row = row() if callable(row) else row
        page = browser.get(path).text
        assert "Never" in page
        assert "Everything" in page
        assert caller.get("/v1/plans").status == 200
        row.refresh_from_db()
        used = row.last_used_at
        assert used is not None
        assert "Never" not in browser.get(path).text
        caller.get("/v1/plans")
        row.refresh_from_db()
        assert row.last_used_at == used


def test_the_lists_tell_the_state(browser: Browser, studio: Company) -> None:
    client, _ = create_api_client(studio, name="App", scopes=["audit:read"])
    browser.press(page_of(client), "suspend")
    assert "Suspended" in browser.get(CLIENTS).text
    key, _ = create_api_key(studio, name="Site", scopes=["audit:read"])
    for year, word in ((2099, "Active until 31 Dec 2099"), (2020, "Expired")):
        ApiKey.objects.filter(pk=key.pk).update(expires_at=f"{year}-12-31T12:00:00Z")
        assert word in browser.get(KEYS).text
