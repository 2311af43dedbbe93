"""Tokens and keys (contract, "Getting in")."""

import base64
import datetime
import re
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.utils import timezone
from oauth2_provider.models import AccessToken

from config.access import actions
from config.access.errors import TooManyKeys, UnknownScope
from config.access.hashers import digest
from config.access.models import ApiClient, ApiKey, Staff
from config.errors import Invalid
from config.jobs.models import Chunk, StoredFile
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from tests.callers import Answer, Caller, nobody
from tests.config.test_card_numbers_kept import columns_with
from tests.conftest import DATABASES
from tests.factories import make_api_client, make_api_key, people
from tests.refusals import GRANT_IT, NO_CREDENTIAL

SCOPES = ["customers:read", "customers:write"]
Client = tuple[ApiClient, str]
FORM = "application/x-www-form-urlencoded"
NO_CREDENTIAL = {"code": "not_authenticated", "message": NO_CREDENTIAL, "validation_errors": {}}


@pytest.fixture
def client(studio: Company) -> Client:
    return make_api_client(studio, name="Till", scopes=SCOPES)


def ask(form: dict[str, str] | bytes, **headers: str) -> Answer:
    raw = form if isinstance(form, bytes) else urlencode(form).encode()
    return nobody()("POST", "/oauth/token", raw, content_type=FORM, **headers)


def basic(client_id: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


WRONG = "The client id or secret is wrong. Check both, and that the client is not suspended."
GRANT = {"grant_type": "client_credentials"}


def grant(client: Client, **more: str) -> Answer:
    return ask(GRANT | {"client_id": client[0].client_id, "client_secret": client[1]} | more)


def revoke(token: str, client: Client, **more: str) -> Answer:
    form = {"token": token, "client_id": client[0].client_id, "client_secret": client[1]} | more
    return nobody()("POST", "/oauth/revoke", urlencode(form).encode(), content_type=FORM)


def bearer(answer: Answer) -> Caller:
    return Caller({"Authorization": f"Bearer {answer.body['access_token']}"})


def test_a_client_gets_a_token_with_its_own_scopes(client: Client) -> None:
    credentials = {"client_id": client[0].client_id, "client_secret": client[1]}
    form = ask(GRANT, Authorization=basic(*credentials.values()))
    for answer in (form, nobody().post("/token", credentials)):
        assert answer.status == 200
        assert answer.body == {
            "access_token": answer.body["access_token"],
            "expires_in": 3600,
            "token_type": "Bearer",
            "scope": "customers:read customers:write",
        }
        assert bearer(answer).get("/customers").status == 200
    assert form.headers["Pragma"] == "no-cache"
    assert grant(client).status == 200, "credentials may come in the body"


def test_a_token_holds_the_scopes_that_were_asked_for(client: Client) -> None:
    answer = grant(client, scope="customers:read")
    assert answer.body["scope"] == "customers:read"
    refused = bearer(answer).post("/customers", {"name": "x"})
    sentence = f"This needs the scope customers:write. {GRANT_IT}"
    assert (refused.status, refused.body["message"]) == (403, sentence)
    for scope in ("customers:read users:read", "nonsense", "__all__"):
        answer = grant(client, scope=scope)
        assert (answer.status, answer.body["error"]) == (400, "invalid_scope"), scope
    caller = bearer(grant(client))
    assert caller.post("/customers", {"name": "x"}).status == 201
    ApiClient.objects.filter(pk=client[0].pk).update(scopes=["customers:read"])
    assert caller.get("/customers").status == 200
    assert caller.post("/customers", {"name": "x"}).status == 403, "it was taken from the client"


def test_a_credential_names_its_company(client: Client, studio: Company) -> None:
    _, key = make_api_key(studio, name="k", scopes=SCOPES)
    given = {
        "live": key,
        "client": client[0].client_id,
        "token": grant(client).body["access_token"],
    }
    for kind, text in given.items():
        company = f"reg_{kind}_{studio.id.hex}_"
        assert text.startswith(company), kind
        assert len(text.removeprefix(company)) >= 8, kind


def test_a_key_that_names_no_company_still_opens(studio: Company) -> None:
    key, _ = make_api_key(studio, name="old", scopes=SCOPES)
    ApiKey.objects.filter(pk=key.pk).update(digest=digest("reg_live_from-before"))
    assert Caller({"X-API-Key": "reg_live_from-before"}).get("/customers").status == 200


def test_a_client_revokes_its_own_token_and_no_other(client: Client, studio: Company) -> None:
    """RFC 7009: an unknown token, or another client's, is answered like a revoked one."""
    other = make_api_client(studio, name="Other", scopes=SCOPES)
    answer = grant(client)
    caller, token = bearer(answer), answer.body["access_token"]
    assert caller.get("/customers").status == 200
    for done in (revoke(token, other), revoke("unknown", client)):
        assert (done.status, done.raw) == (200, b"")
        assert caller.get("/customers").status == 200, "the token of another client lives on"
    for hint in ("access_token", "refresh_token", "nonsense"):
        answer = grant(client)
        done = revoke(answer.body["access_token"], client, token_type_hint=hint)
        assert (done.status, done.raw) == (200, b""), hint
        assert bearer(answer).get("/customers").status == 401, hint
    assert revoke(token, client).status == 200
    assert caller.get("/customers").status == 401, "from the next request on, although cached"
    assert AccessToken.objects.count() == 0
    refused = revoke(token, (client[0], "wrong"))
    assert (refused.status, refused.body["error"]) == (401, "invalid_client")
    assert revoke("", client).status == 400


def test_a_credential_learns_which_it_is_and_whose(client: Client, studio: Company) -> None:
    ApiClient.objects.filter(pk=client[0].pk).update(requests_per_minute=77)
    company = {
        "id": f"comp_{studio.id.hex}",
        "name": "Studio Nine",
        "currency": "GBP",
        "time_zone": "Europe/London",
        "country": "GB",
    }
    answer = bearer(grant(client, scope="customers:read")).get("/v1/me")
    limits = {
        "requests_per_minute": 77,
        "company_requests_per_minute": settings.COMPANY_LIMIT,
        "concurrent_requests": settings.AT_ONCE,
    }
    credential = {
        "id": str(client[0].pk),
        "kind": "client",
        "name": "Till",
        "scopes": ["customers:read"],
        "limits": limits,
    }
    assert (answer.status, answer.body) == (200, {"credential": credential, "company": company})
    key, text = make_api_key(studio, name="k", scopes=["notes:write"])
    mine = Caller({"X-API-Key": text}).get("/v1/me").body["credential"]
    assert (mine["kind"], mine["id"], mine["scopes"]) == ("key", str(key.pk), ["notes:write"])
    assert nobody().get("/v1/me").status == 401


def test_the_json_form_refuses_in_one_sentence() -> None:
    given = {"client_id": "a", "client_secret": "b"}
    for body, status, message in (
        (
            {},
            *(
                400,
                " ".join(
                    f"client_{one}: Send this field: it is required." for one in ("id", "secret")
                ),
            ),
        ),
        (given, 401, WRONG),
        (given | {"client_id": "a\x00"}, 400, "client_id: Null characters are not allowed."),
        (
            {"client_id": 5, "client_secret": 5, "scop": "x"},
            400,
            "scop: There is no such field. Did you mean scope? client_id: Must be text; got “5”. "
            "client_secret: Must be text.",
        ),
        (given | {"grant_type": "p"}, 400, "grant_type: Must be client_credentials; got “p”."),
        (b"{", 400, "The body is not JSON that can be read (line 1, column 2)."),
        (b"[]", 400, "The body must be a JSON object; got “[]”."),
    ):
        answer = nobody().post("/token", body)
        assert (answer.status, answer.body) == (status, {"message": message})


def test_a_form_that_is_not_right_is_refused_in_the_words_of_oauth() -> None:
    password = {"grant_type": "password", "username": "a", "password": "b"}
    grant = "grant_type: Must be client_credentials; "
    form_type = "The content type must be application/x-www-form-urlencoded"
    unread = "The form cannot be read. Send up to 20 parameters, percent-encoded as UTF-8."
    twice = b"grant_type=client_credentials&grant_type=x"
    for form, status, error, description in (
        ({"scope": "x"}, 400, "invalid_request", f"{grant}it is missing."),
        ({}, 400, "invalid_request", f"{form_type}; got none."),
        (password, 400, "unsupported_grant_type", f"{grant}got “password”."),
        ({"grant_type": "code"}, 400, "unsupported_grant_type", f"{grant}got “code”."),
        (GRANT, 401, "invalid_client", WRONG),
        (
            GRANT | {"client_id": "a\x00"},
            *(400, "invalid_request", "client_id: Must not contain null characters."),
        ),
        (twice, 400, "invalid_request", "grant_type: Given more than once. Send it once."),
        (b"\xff\xfe", 400, "invalid_request", unread),
        (b"grant_type=%ff", 400, "invalid_request", unread),
    ):
        answer = ask(form)
        whole = {"error": error, "error_description": description}
        assert (answer.status, answer.body) == (status, whole), form


def test_basic_is_read_in_any_case_and_refused_when_broken(client: Client) -> None:
    header = basic(client[0].client_id, client[1])
    for scheme in ("basic", "BASIC", "bAsIc"):
        assert ask(GRANT, Authorization=header.replace("Basic", scheme)).status == 200, scheme
    for broken in (
        *("Basic", "Basic !!!", "Basic YQ==", basic("a\x00", "b"), basic("%00", "b")),
        "Basic /////w==",
        *("Bearer x", "Básic x"),
    ):
        answer = ask(GRANT, Authorization=broken)
        assert (answer.status, answer.body["error"]) == (401, "invalid_client"), broken


def test_an_unknown_client_and_a_wrong_secret_answer_alike(client: Client) -> None:
    id = client[0].client_id
    wrong, unknown, hashed = (
        ask(GRANT, Authorization=basic(*given))
        for given in ((id, "x"), ("nobody", "x"), (id, client[0].client_secret))
    )
    assert wrong.raw == unknown.raw == hashed.raw
    assert wrong.status == unknown.status == hashed.status == 401


def test_a_suspended_client_is_refused_with_its_tokens(client: Client) -> None:
    caller = bearer(grant(client))
    ApiClient.objects.filter(pk=client[0].pk).update(suspended_at=timezone.now())
    assert caller.get("/customers").status == 401, "although its tokens are there"
    ApiClient.objects.filter(pk=client[0].pk).update(suspended_at=None)
    assert caller.get("/customers").status == 200
    actions.suspend_api_client(client[0], actor=Actor.command(client[0].company))
    answer = caller.get("/customers")
    assert (answer.status, answer.body) == (401, NO_CREDENTIAL)
    assert grant(client).status == 401
    actions.resume_api_client(client[0], actor=Actor.command(client[0].company))
    assert caller.get("/customers").status == 401, "old tokens stay dead"
    assert bearer(grant(client)).get("/customers").status == 200


def test_an_archived_company_lets_nobody_in(client: Client, studio: Company) -> None:
    by_token = bearer(grant(client))
    _, text = make_api_key(studio, name="k", scopes=SCOPES)
    by_key = Caller({"X-API-Key": text})
    assert by_token.get("/customers").status == by_key.get("/customers").status == 200
    actions.archive_company(studio, actor=Actor.command(studio))
    assert by_token.get("/customers").status == by_key.get("/customers").status == 401
    assert grant(client).status == 401


def test_a_rotated_secret_stops_the_old_one(client: Client) -> None:
    secret = actions.rotate_api_client(client[0], actor=Actor.command(client[0].company))
    assert grant(client).status == 401
    caller = bearer(grant((client[0], secret)))
    assert caller.get("/customers").status == 200
    AccessToken.objects.update(expires=timezone.now() - datetime.timedelta(seconds=1))
    assert caller.get("/customers").status == 401, "an expired token opens nothing"


def test_a_key_opens_by_either_header_or_by_both(studio: Company) -> None:
    text, other = (make_api_key(studio, name=name, scopes=SCOPES)[1] for name in "ab")
    assert text.startswith("reg_live_")
    either = ({"Authorization": f"Bearer {text}"}, {"X-API-Key": text})
    both = [
        {"Authorization": f"{scheme} {text}", "X-API-Key": text}
        for scheme in ("Bearer", "bearer", "BEARER")
    ]
    for headers in (*either, *both):
        assert Caller(headers).get("/customers").status == 200, headers
    answer = Caller({"Authorization": f"Bearer {text}", "X-API-Key": other}).get("/v1/customers")
    assert (answer.status, answer.body["error"]["code"]) == (400, "bad_request")
    assert "two different credentials" in answer.body["error"]["message"]


def test_what_is_no_credential_opens_nothing() -> None:
    schemes = ("Bearer", "Bearer ", "Bearer reg_live_x", "Bearer \u00e9", "Basic YTpi")
    keys = ("nonsense", "reg_live_")
    for headers in (
        {},
        *({"Authorization": scheme} for scheme in schemes),
        *({"X-API-Key": key} for key in keys),
    ):
        answer = Caller(headers).get("/customers")
        assert (answer.status, answer.body) == (401, NO_CREDENTIAL), headers
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_revoked_or_expired_key_opens_nothing(studio: Company) -> None:
    key, text = make_api_key(studio, name="k", scopes=SCOPES)
    caller = Caller({"X-API-Key": text})
    past = timezone.now() - datetime.timedelta(seconds=9)
    ApiKey.objects.filter(pk=key.pk).update(expires_at=past)
    assert caller.get("/customers").status == 401
    ApiKey.objects.filter(pk=key.pk).update(expires_at=None)
    assert caller.get("/customers").status == 200
    actions.revoke_api_key(key, actor=Actor.command(studio))
    assert caller.get("/customers").status == 401


def test_a_key_is_rolled_over_with_two_live_at_a_time(studio: Company) -> None:
    key, old = make_api_key(studio, name="k", scopes=SCOPES)
    successor, new = actions.rotate_api_key(key, actor=Actor.command(studio))
    assert (successor.name, successor.scopes) == (key.name, key.scopes)
    for text in (old, new):
        assert Caller({"X-API-Key": text}).get("/customers").status == 200
    with pytest.raises(TooManyKeys):
        actions.rotate_api_key(key, actor=Actor.command(studio))
    actions.revoke_api_key(key, actor=Actor.command(studio))
    actions.rotate_api_key(successor, actor=Actor.command(studio))


def test_the_last_use_of_a_key_is_noted_at_most_once_a_minute(studio: Company) -> None:
    key, text = make_api_key(studio, name="k", scopes=SCOPES)
    caller = Caller({"X-API-Key": text})

    def last_use() -> datetime.datetime | None:
        key.refresh_from_db()
        return key.last_used_at

    caller.get("/customers/nonsense")
    first = last_use()
    assert first is not None, "noted although the request was refused"
    caller.get("/customers")
    assert last_use() == first
    earlier = first - datetime.timedelta(seconds=61)
    ApiKey.objects.filter(pk=key.pk).update(last_used_at=earlier)
    caller.get("/customers")
    assert last_use() != earlier


def test_a_credential_needs_a_name_and_scopes_that_exist(studio: Company) -> None:
    with pytest.raises(UnknownScope, match="“nonsense”"):
        make_api_key(studio, name="k", scopes=["nonsense"])
    with pytest.raises(Invalid, match="at least one scope"):
        make_api_client(studio, name="k", scopes=[])
    for name in ("", " ", "x" * 256, "a\x00b"):
        with pytest.raises(Invalid, match="name"):
            make_api_client(studio, name=name, scopes=SCOPES)


@pytest.mark.django_db(transaction=True, databases=DATABASES)
def test_no_secret_is_read_from_the_database(client: Client, studio: Company, owner: Staff) -> None:
    _, key = make_api_key(studio, name="k", scopes=[*SCOPES, "webhooks:manage"])
    url = "https://receiver.example/hook"
    caller = Caller({"X-API-Key": key})
    webhook = caller.post("/v1/webhooks", {"url": url}, Idempotency_Key="once")
    assert webhook.status == 201
    secrets = {
        "token": grant(client).body["access_token"],
        "API key": key,
        "client secret": client[1],
        "webhook secret": webhook.body["secret"].removeprefix("whsec_"),
        "password": people.PASSWORD,
    }
    for kind, secret in secrets.items():
        assert columns_with(re.escape(secret)) == set(), kind
    # The search finds stored secrets, in any company, as text and as bytes.
    ApiKey.objects.update(name=key)
    with acting_for(studio.id):
        file = StoredFile.objects.create(company=studio, staff=owner, name="keys.txt")
        Chunk.objects.create(company=studio, file=file, number=0, data=b"in bytes")
    for stored, column in (
        (client[0].client_id, "access_apiclient.client_id"),
        (url, "changes_webhookendpoint.url"),
        (owner.email, "access_staff.email"),
        (key, "access_apikey.name"),
        ("in bytes", "jobs_chunk.data"),
    ):
        assert column in columns_with(re.escape(stored))
