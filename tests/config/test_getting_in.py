"""Tokens and keys (contract, "Getting in")."""

import base64
import datetime
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connections
from django.utils import timezone
from oauth2_provider.models import AccessToken

from config.access.actions import (
    archive_company,
    create_api_client,
    create_api_key,
    resume_api_client,
    revoke_api_key,
    rotate_api_client,
    rotate_api_key,
    suspend_api_client,
)
from config.access.errors import TooManyKeys, UnknownScope
from config.access.models import ApiClient, ApiKey, Company
from config.errors import Invalid
from tests.callers import Answer, Caller, nobody

SCOPES = ["customers:read", "customers:write"]
FORM = "application/x-www-form-urlencoded"
NO_CREDENTIAL = {
    "code": "not_authenticated",
    "message": "Send a valid access token or API key.",
    "validation_errors": {},
}


@pytest.fixture
def client(studio: Company) -> tuple[ApiClient, str]:
    return create_api_client(studio, name="Till", scopes=SCOPES)


def ask(form: dict[str, str] | bytes, **headers: str) -> Answer:
    raw = form if isinstance(form, bytes) else urlencode(form).encode()
    return nobody()("POST", "/oauth/token", raw, content_type=FORM, **headers)


def basic(client_id: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


def grant(client: tuple[ApiClient, str], **more: str) -> Answer:
    return ask(
        {
            "grant_type": "client_credentials",
            "client_id": client[0].client_id,
            "client_secret": client[1],
            **more,
        }
    )


def bearer(answer: Answer) -> Caller:
    return Caller({"Authorization": f"Bearer {answer.body['access_token']}"})


def test_a_client_gets_a_token_with_its_own_scopes(client: tuple[ApiClient, str]) -> None:
    answer = ask(
        {"grant_type": "client_credentials"}, Authorization=basic(client[0].client_id, client[1])
    )
    assert (answer.status, answer.body) == (
        200,
        {
            "access_token": answer.body["access_token"],
            "expires_in": 3600,
            "token_type": "Bearer",
            "scope": "customers:read customers:write",
        },
    )
    assert answer.headers["Pragma"] == "no-cache"
    assert bearer(answer).get("/customers").status == 200
    assert grant(client).status == 200, "credentials may come in the body"


def test_a_token_holds_the_scopes_that_were_asked_for(client: tuple[ApiClient, str]) -> None:
    answer = grant(client, scope="customers:read")
    assert answer.body["scope"] == "customers:read"
    refused = bearer(answer).post("/customers", {"name": "x"})
    assert (refused.status, refused.body["message"]) == (
        403,
        "This needs the scope customers:write.",
    )


@pytest.mark.parametrize("scope", ["customers:read users:read", "nonsense", "__all__"])
def test_a_scope_that_the_client_lacks_is_invalid(
    client: tuple[ApiClient, str], scope: str
) -> None:
    answer = grant(client, scope=scope)
    assert (answer.status, answer.body["error"]) == (400, "invalid_scope")


def test_a_scope_taken_from_a_client_is_gone_from_its_tokens(
    client: tuple[ApiClient, str],
) -> None:
    caller = bearer(grant(client))
    ApiClient.objects.filter(pk=client[0].pk).update(scopes=["customers:read"])
    assert caller.get("/customers").status == 200
    assert caller.post("/customers", {"name": "x"}).status == 403


def test_the_json_form_answers_alike(client: tuple[ApiClient, str]) -> None:
    answer = nobody().post("/token", {"client_id": client[0].client_id, "client_secret": client[1]})
    assert (answer.status, answer.body) == (
        200,
        {
            "access_token": answer.body["access_token"],
            "token_type": "Bearer",
            "expires_in": 3600,
            "scope": "customers:read customers:write",
        },
    )
    assert bearer(answer).get("/customers").status == 200


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({}, 400, "client_id: This field is required."),
        ({"client_id": "a", "client_secret": "b"}, 401, "No such client, or not its secret."),
        (
            {"client_id": "a\x00", "client_secret": "b"},
            400,
            "client_id: Null characters are not allowed.",
        ),
        ({"client_id": "a", "client_secret": "b", "x": 1}, 400, "x: There is no such field."),
        (b"{", 400, "The body is not JSON that can be read (line 1, column 2)."),
        (b"[]", 400, "The body must be a JSON object."),
    ],
)
def test_the_json_form_refuses_in_one_sentence(body: Any, status: int, message: str) -> None:
    answer = nobody().post("/token", body)
    assert (answer.status, answer.body) == (status, {"message": message})


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({}, 400, "invalid_request"),
        (
            {"grant_type": "password", "username": "a", "password": "b"},
            400,
            "unsupported_grant_type",
        ),
        ({"grant_type": "authorization_code", "code": "x"}, 400, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, 401, "invalid_client"),
        ({"grant_type": "client_credentials", "client_id": "a\x00"}, 400, "invalid_request"),
        (b"grant_type=client_credentials&grant_type=x", 400, "invalid_request"),
        (b"\xff\xfe", 400, "invalid_request"),
        (b"grant_type=%ff", 400, "invalid_request"),
    ],
)
def test_a_form_that_is_not_right_is_refused_in_the_words_of_oauth(
    form: Any, status: int, error: str
) -> None:
    answer = ask(form)
    assert (answer.status, answer.body["error"]) == (status, error)


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic !!!",
        "Basic YQ==",
        basic("a\x00", "b"),
        "Basic /////w==",
        "Bearer x",
        "Básic x",
    ],
)
def test_a_broken_basic_header_opens_nothing(header: str) -> None:
    answer = ask({"grant_type": "client_credentials"}, Authorization=header)
    assert (answer.status, answer.body["error"]) == (401, "invalid_client")


def test_an_unknown_client_and_a_wrong_secret_answer_alike(client: tuple[ApiClient, str]) -> None:
    wrong = ask({"grant_type": "client_credentials"}, Authorization=basic(client[0].client_id, "x"))
    unknown = ask({"grant_type": "client_credentials"}, Authorization=basic("nobody", "x"))
    hashed = ask(
        {"grant_type": "client_credentials"},
        Authorization=basic(client[0].client_id, client[0].client_secret),
    )
    assert wrong.raw == unknown.raw == hashed.raw
    assert wrong.status == unknown.status == hashed.status == 401


def test_a_suspended_client_is_refused_at_once_with_the_tokens_it_has(
    client: tuple[ApiClient, str],
) -> None:
    caller = bearer(grant(client))
    suspend_api_client(client[0])
    answer = caller.get("/customers")
    assert (answer.status, answer.body) == (401, NO_CREDENTIAL)
    assert grant(client).status == 401
    resume_api_client(client[0])
    assert caller.get("/customers").status == 401, "old tokens stay dead"
    assert bearer(grant(client)).get("/customers").status == 200


def test_a_client_whose_suspension_left_its_tokens_is_refused_all_the_same(
    client: tuple[ApiClient, str],
) -> None:
    caller = bearer(grant(client))
    ApiClient.objects.filter(pk=client[0].pk).update(suspended_at=timezone.now())
    assert caller.get("/customers").status == 401


def test_an_archived_company_lets_nobody_in(client: tuple[ApiClient, str], studio: Company) -> None:
    by_token = bearer(grant(client))
    _, text = create_api_key(studio, name="k", scopes=SCOPES)
    by_key = Caller({"X-API-Key": text})
    assert by_token.get("/customers").status == by_key.get("/customers").status == 200
    archive_company(studio)
    assert by_token.get("/customers").status == by_key.get("/customers").status == 401
    assert grant(client).status == 401


def test_a_rotated_secret_stops_the_old_one(client: tuple[ApiClient, str]) -> None:
    secret = rotate_api_client(client[0])
    assert grant(client).status == 401
    assert grant((client[0], secret)).status == 200


def test_an_expired_token_opens_nothing(client: tuple[ApiClient, str]) -> None:
    caller = bearer(grant(client))
    AccessToken.objects.update(expires=timezone.now() - datetime.timedelta(seconds=1))
    assert caller.get("/customers").status == 401


def test_a_key_opens_by_either_header(studio: Company) -> None:
    _, text = create_api_key(studio, name="k", scopes=SCOPES)
    assert text.startswith("reg_live_")
    for headers in ({"Authorization": f"Bearer {text}"}, {"X-API-Key": text}):
        assert Caller(headers).get("/customers").status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer reg_live_x"},
        {"Authorization": "Bearer \u00e9"},
        {"Authorization": "Basic YTpi"},
        {"X-API-Key": "nonsense"},
        {"X-API-Key": "reg_live_"},
    ],
)
def test_what_is_no_credential_opens_nothing(headers: dict[str, str]) -> None:
    answer = Caller(headers).get("/customers")
    assert (answer.status, answer.body) == (401, NO_CREDENTIAL)
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_two_credentials_at_once_are_none(studio: Company) -> None:
    _, text = create_api_key(studio, name="k", scopes=SCOPES)
    both = Caller({"Authorization": f"Bearer {text}", "X-API-Key": text})
    assert both.get("/customers").status == 401


def test_a_revoked_or_expired_key_opens_nothing(studio: Company) -> None:
    key, text = create_api_key(studio, name="k", scopes=SCOPES)
    caller = Caller({"X-API-Key": text})
    past = timezone.now() - datetime.timedelta(seconds=9)
    ApiKey.objects.filter(pk=key.pk).update(expires_at=past)
    assert caller.get("/customers").status == 401
    ApiKey.objects.filter(pk=key.pk).update(expires_at=None)
    assert caller.get("/customers").status == 200
    revoke_api_key(key)
    assert caller.get("/customers").status == 401


def test_a_key_is_rolled_over_with_two_live_at_a_time(studio: Company) -> None:
    key, old = create_api_key(studio, name="k", scopes=SCOPES)
    successor, new = rotate_api_key(key)
    assert (successor.name, successor.scopes) == (key.name, key.scopes)
    for text in (old, new):
        assert Caller({"X-API-Key": text}).get("/customers").status == 200
    with pytest.raises(TooManyKeys):
        rotate_api_key(key)
    revoke_api_key(key)
    rotate_api_key(successor)


def test_the_last_use_of_a_key_is_noted_at_most_once_a_minute(studio: Company) -> None:
    key, text = create_api_key(studio, name="k", scopes=SCOPES)
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
        create_api_key(studio, name="k", scopes=["nonsense"])
    with pytest.raises(Invalid, match="at least one scope"):
        create_api_client(studio, name="k", scopes=[])
    for name in ("", " ", "x" * 256, "a\x00b"):
        with pytest.raises(Invalid, match="name"):
            create_api_client(studio, name=name, scopes=SCOPES)


def test_no_secret_can_be_read_from_the_database(
    client: tuple[ApiClient, str], studio: Company
) -> None:
    token = grant(client).body["access_token"]
    _, key = create_api_key(studio, name="k", scopes=SCOPES)
    dumped = []
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relkind = 'r' AND has_table_privilege(oid, 'SELECT')"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT to_json(t)::text FROM "{table}" t')
            dumped += [row[0] for row in cursor.fetchall()]
    text = "\n".join(dumped)
    assert client[0].client_id in text, "the search works"
    for secret in (token, key, client[1]):
        assert secret not in text
        assert json.dumps(secret)[1:-1] not in text
