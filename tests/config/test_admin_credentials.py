"""API clients and keys in the back-office: a secret is shown once and never stored."""

import shlex
from base64 import b64encode
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection

from config.access.curl import READABLE, curl_for_client
from config.access.hashers import digest
from config.access.models import ApiClient, ApiKey
from config.access.scopes import GROUPS, NOT_OFFERED, PRESETS, SCOPES
from config.tenancy.companies import Company
from tests.backoffice import Browser, page_of, said, shown_once, staff_changes
from tests.bulk import done
from tests.callers import Caller, call_as
from tests.factories import make_api_client, make_api_key, make_staff

CLIENTS, KEYS = "/admin/access/apiclient/", "/admin/access/apikey/"


def assert_kept_nowhere(secret: str, answer: Any, browser: Browser) -> None:
    """Check that only the answer has the secret: no cookie, session, change, table or page.

    The answer has it twice: by itself, and in the example command.
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


def test_a_client_is_made_with_scopes_that_are_explained(browser: Browser, studio: Company) -> None:
    page = browser.get(f"{CLIENTS}add/").text
    for scope, sentence in SCOPES.items():
        assert page.count(f'value="{scope}"') == (scope not in NOT_OFFERED)
        assert (sentence.replace("'", "&#x27;") in page) is (scope not in NOT_OFFERED)
    chosen = ["customers:write", "customers:read"]
    answer = browser.send(f"{CLIENTS}add/", name=" It’s an app ", scopes=chosen)
    client = ApiClient.objects.get()
    assert (client.company, client.name) == (studio, "It’s an app")
    assert client.scopes == ["customers:read", "customers:write"]
    shown = shown_once(answer)
    assert shown["client id"] == client.client_id
    assert client.client_secret == f"regulars_secret${digest(shown['client secret'])}"
    assert_kept_nowhere(shown["client secret"], answer, browser)
    assert [change.object_id for change in staff_changes()] == [client.pk]
    assert run(browser, answer.context["command"]).json()["token_type"] == "Bearer"


def test_a_key_is_made_for_the_company_at_work_and_works(studio: Company, rival: Company) -> None:
    browser = Browser(make_staff(studio, rival, email="both@studio.example"), studio)
    until = {"expires_at_0": "31/12/2099", "expires_at_1": "12:00"}
    answer = browser.send(f"{KEYS}add/", name="Site", scopes=["customers:read"], **until)
    key, text = ApiKey.objects.get(), shown_once(answer)["API key"]
    assert (key.company, key.digest) == (studio, digest(text))
    assert key.expires_at is not None
    assert_kept_nowhere(text, answer, browser)
    opened = browser.client.get("/customers", headers={"Authorization": f"Bearer {text}"})
    assert opened.status_code == 200


def test_a_refusal_is_told_once_and_nothing_is_made(browser: Browser, studio: Company) -> None:
    for _ in range(2):
        make_api_key(studio, name="Two", scopes=["audit:read"])
    site = {"name": "Site", "scopes": ["audit:read"]}
    past = {"expires_at_0": "01/01/2020", "expires_at_1": "00:00"}
    for path, typed, field, sentence in (
        (CLIENTS, {"name": "App"}, "scopes", "Name at least one scope."),
        (CLIENTS, {"name": "App", "scopes": ["everything"]}, "scopes", "everything"),
        (KEYS, {"name": "Site"}, "scopes", "Name at least one scope."),
        (KEYS, site | past, "expires_at", "This is in the past."),
        (KEYS, site | {"name": "Two"}, "__all__", "“Two” has two live keys already."),
    ):
        answer = browser.send(f"{path}add/", **typed)
        ((at, [told]),) = answer.context["adminform"].form.errors.items()
        assert (at, sentence in told) == (field, True), told
        assert answer.text.count(told) == 1
    assert (ApiClient.objects.count(), ApiKey.objects.count()) == (0, 2)
    assert staff_changes() == []


def test_a_credential_may_change_only_what_it_has_seen(browser: Browser, studio: Company) -> None:
    for make in (make_api_client, make_api_key):
        row, _ = make(studio, name="App", scopes=["customers:read"])
        browser.press(page_of(row), "require_match")
        row.refresh_from_db()
        assert row.requires_match
        page = browser.get(page_of(row)).text
        assert "Every change has to name the version that was seen" in page
        browser.press(page_of(row), "waive_match")
        row.refresh_from_db()
        assert not row.requires_match


def test_a_client_is_suspended_resumed_and_rotated(browser: Browser, studio: Company) -> None:
    client, old = make_api_client(studio, name="App", scopes=["audit:read"])
    browser.press(page_of(client), "suspend")
    client.refresh_from_db()
    assert client.suspended_at is not None
    again = browser.press(page_of(client), "suspend")
    assert said(again)[-1] == "This API client is suspended already."
    assert f"{client.pk}/resume/" in browser.get(page_of(client)).text
    assert done(browser, CLIENTS, "resume", client).result == {"done": 1, "refused": 0}
    browser.get("/admin/")
    path = page_of(client).replace("change/", "rotate/")
    late, sent = browser.form(path).values, browser.form(path).values
    answer = browser.post(path, **sent)
    client.refresh_from_db()
    assert client.suspended_at is None
    secret = shown_once(answer)["client secret"]
    assert client.client_secret == f"regulars_secret${digest(secret)}" != digest(old)
    assert run(browser, answer.context["command"]).status_code == 200
    assert_kept_nowhere(secret, answer, browser)
    assert "Somebody replaced this secret" in browser.post(path, **late).text
    kept = client.client_secret
    client.refresh_from_db()
    assert client.client_secret == kept, "none is replaced unseen"


def test_a_key_is_replaced_once_by_a_form_and_revoked(browser: Browser, studio: Company) -> None:
    key, _ = make_api_key(studio, name="Site", scopes=["audit:read"])
    path = page_of(key).replace("change/", "rotate/")
    sent = browser.form(path).values
    answer = browser.post(path, **sent)
    text = shown_once(answer)["API key"]
    successor = ApiKey.objects.exclude(pk=key.pk).get()
    assert successor.digest == digest(text)
    assert_kept_nowhere(text, answer, browser)
    assert answer.context["back"] == page_of(successor)
    assert said(browser.post(path, **sent))[-1].startswith("This form was sent before")
    assert ApiKey.objects.count() == 2
    assert said(browser.press(page_of(key), "rotate"))[-1].startswith("“Site” has two live keys")
    assert said(browser.press(page_of(key), "revoke"))[-1].endswith("…) revoked.")
    key.refresh_from_db()
    assert key.revoked_at is not None
    assert f"{key.pk}/revoke/" not in browser.get(page_of(key)).text


def test_credentials_are_shown_and_never_edited(browser: Browser, studio: Company) -> None:
    client, _ = make_api_client(studio, name="App", scopes=["audit:read"])
    key, _ = make_api_key(studio, name="Site", scopes=["audit:read"])
    for row in (client, key):
        page = browser.get(page_of(row)).text
        assert "Read who changed what and who took data out, and the log of API requests." in page
        assert 'name="_save"' not in page
        answer = browser.post(page_of(row), name="Other", scopes=["customers:write"])
        assert answer.status_code == 403
        row.refresh_from_db()
        assert row.scopes == ["audit:read"]
        for hidden in (getattr(row, "digest", ""), getattr(row, "client_secret", "")):
            assert not hidden or hidden not in page


# --- The scopes of a credential, and its example command ----------------------------------------


def test_every_scope_stands_in_one_group_and_no_preset_makes_one_up() -> None:
    grouped = [scope for _, scopes in GROUPS for scope in scopes]
    assert sorted(grouped) == sorted(SCOPES.keys() - NOT_OFFERED)
    for key, (_, scopes) in PRESETS.items():
        assert set(scopes) <= SCOPES.keys(), key
        assert len(scopes) == len(set(scopes)), key


def test_a_preset_gives_its_scopes_and_those_that_are_ticked(browser: Browser) -> None:
    for preset, (_, scopes) in PRESETS.items():
        browser.send(f"{CLIENTS}add/", name=preset, preset=preset, scopes=["plans:write"])
        assert {*ApiClient.objects.get(name=preset).scopes} == {*scopes, "plans:write"}, preset


def run(browser: Browser, command: str) -> Any:
    """Send the request that the command would send, with its address and its header or form."""
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


def test_the_command_of_a_new_key_reads_something_that_it_may(browser: Browser) -> None:
    for scope in READABLE:
        answer = browser.send(f"{KEYS}add/", name=f"Site {scope}", scopes=[scope])
        assert run(browser, answer.context["command"]).status_code == 200, scope
    answer = browser.send(f"{KEYS}add/", name="Site", scopes=["notes:write"])
    assert answer.context["command"] == "", "it may read no list"
    assert "Try it in a shell" not in answer.text


# --- The lists of credentials -------------------------------------------------------------------


def test_the_lists_tell_when_each_was_last_used(browser: Browser, studio: Company) -> None:
    client, secret = make_api_client(studio, name="App", scopes=SCOPES)
    answer = run(browser, curl_for_client(client.client_id, secret))
    token = Caller({"Authorization": f"Bearer {answer.json()['access_token']}"})
    for path, caller in ((CLIENTS, token), (KEYS, call_as(studio))):
        page = browser.get(path).text
        assert "Never" in page
        assert "All" in page
        assert caller.get("/v1/plans").status == 200
        assert "Never" not in browser.get(path).text
    client.refresh_from_db()
    used = client.last_used_at
    token.get("/v1/plans")
    client.refresh_from_db()
    assert client.last_used_at == used, "it is noted once a minute"


def test_the_lists_tell_the_state(browser: Browser, studio: Company) -> None:
    client, _ = make_api_client(studio, name="App", scopes=["audit:read"])
    browser.press(page_of(client), "suspend")
    assert "Suspended" in browser.get(CLIENTS).text
    key, _ = make_api_key(studio, name="Site", scopes=["audit:read"])
    for year, word in ((2099, "Active until 31 Dec 2099"), (2020, "Expired")):
        ApiKey.objects.filter(pk=key.pk).update(expires_at=f"{year}-12-31T12:00:00Z")
        assert word in browser.get(KEYS).text
