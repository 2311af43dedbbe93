"""The README's first hour, played over HTTP against a really started server, on real customers."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session

from .real import real_customers
from .servers import Server, started

SCOPES = "customers:read customers:write profile:read profile:write users:read users:write"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("first-hour") / "data"
    with started(data, "--no-demo", "--workers", "1") as running:
        running.run("create_company", "Chinook", "--slug", "chinook", "--country", "BR")
        yield running


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("input") / "customers.csv"
    file.write_text(real_customers(), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def credentials(server: Server) -> dict[str, Any]:
    return server.run(
        "create_api_client", "--company", "chinook", "--name", "Till", "--scopes", SCOPES
    )


@pytest.fixture(scope="module")
def session(server: Server, credentials: dict[str, Any], file: Path) -> Iterator[OAuth2Session]:
    """An OAuth client of the usual kind, after the import."""
    imported = server.run("import_customers", str(file), "--company", "chinook")
    assert {name: imported[name] for name in ("created", "updated", "unchanged", "refused")} == {
        "created": 59, "updated": 0, "unchanged": 0, "refused": 0
    }  # fmt: skip
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
        with OAuth2Session(credentials["client_id"], credentials["client_secret"]) as session:
            token = session.fetch_token(
                f"{server.url}/oauth/token", grant_type="client_credentials"
            )
            assert (token["token_type"], token["expires_in"]) == ("Bearer", 3600)
            assert set(token["scope"].split()) == set(SCOPES.split())
            yield session


def real_names(file: Path) -> list[str]:
    with file.open(encoding="utf-8", newline="") as rows:
        return [
            row["Company"] or f"{row['FirstName']} {row['LastName']}"
            for row in csv.DictReader(rows)
        ]


def test_importing_twice_changes_nothing(
    server: Server, session: OAuth2Session, file: Path
) -> None:
    again = server.run("import_customers", str(file), "--company", "chinook")
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, 59)


def test_the_stream_holds_everybody_with_accents_intact(
    server: Server, session: OAuth2Session, file: Path
) -> None:
    answer = session.get(f"{server.url}/customers", stream=True)
    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert sorted(one["name"] for one in answer.json()["data"]) == sorted(real_names(file))


@pytest.mark.parametrize(
    ("way", "there", "more"),
    [("after", "end_cursor", "has_next_page"), ("before", "start_cursor", "has_previous_page")],
)
def test_cursors_pass_everybody_once(
    server: Server, session: OAuth2Session, way: str, there: str, more: str
) -> None:
    everybody = session.get(f"{server.url}/customers").json()
    seen = []
    if way == "after":
        query = {"limit": 10}
    else:
        query = {"limit": 10, "before": everybody["end_cursor"]}
        seen.append(everybody["data"][-1]["id"])
    while query:
        page = session.get(f"{server.url}/customers", params=query).json()
        seen += [one["id"] for one in page["data"]]
        query = {"limit": 10, way: page[there]} if page[more] else {}
    assert len(seen) == 59
    assert set(seen) == {one["id"] for one in everybody["data"]}


def test_a_profile_is_read_and_written(server: Server, session: OAuth2Session) -> None:
    first = session.get(f"{server.url}/customers?limit=1").json()["data"][0]
    url = f"{server.url}/customer/{first['id']}/profile"
    before = session.get(url).json()["data"]
    assert (before["firstname"], before["email"]) == (first["firstname"], first["email"])
    changed = {"firstname": "Zoë", "lastname": before["lastname"], "email": before["email"]}
    assert session.put(url, json=changed).json() == {"message": "Profile updated successfully"}
    assert session.get(url).json()["data"] == before | {"firstname": "Zoë"}


def test_a_customer_is_taken_on_changed_archived_and_restored(
    server: Server, session: OAuth2Session
) -> None:
    made = session.post(
        f"{server.url}/v1/customers",
        json={"first_name": "Ann", "last_name": "Lee", "email": "ann@lee.example"},
    )
    assert made.status_code == 201, made.text
    url = f"{server.url}/customers/{made.json()['id']}"
    changed = session.patch(url, json={"name": "Lee & Daughters", "city": "Leeds"})
    assert (changed.json()["name"], changed.json()["city"]) == ("Lee & Daughters", "Leeds")
    address = session.post(
        f"{server.url}/v1/customers/{made.json()['id']}/addresses",
        json={"street": "1 High Street", "zip": "LS1 4DY", "is_default": True},
    )
    assert (address.status_code, address.json()["is_default"]) == (201, True)
    user = session.post(f"{url}/users", json={"email": "daughter@lee.example"})
    assert user.status_code == 201
    assert session.get(f"{url}/users").json()["data"] == [user.json()]
    found = session.get(f"{server.url}/v1/customers", params={"search": "lee daugh"}).json()
    assert [one["id"] for one in found["data"]] == [made.json()["id"]]
    assert session.delete(url).json()["archived"] is True
    assert session.patch(url, json={"name": "x"}).status_code == 409
    assert session.post(f"{url}/restore").json()["archived"] is False


def test_search_finds_real_people(server: Server, session: OAuth2Session, file: Path) -> None:
    for name in real_names(file)[:5]:
        params = {"search": name.casefold(), "per_page": 100}
        found = session.get(f"{server.url}/v1/customers", params=params).json()["data"]
        assert found, name


def test_a_client_is_refused_what_its_scopes_lack(
    server: Server, session: OAuth2Session, credentials: dict[str, Any]
) -> None:
    first = session.get(f"{server.url}/customers?limit=1").json()["data"][0]
    refused = session.get(f"{server.url}/customer/{first['id']}/notes")
    assert (refused.status_code, refused.json()) == (
        403,
        {"message": "This needs the scope notes:read."},
    )
    narrow = requests.post(
        f"{server.url}/token",
        json={key: credentials[key] for key in ("client_id", "client_secret")}
        | {"scope": "customers:read"},
        timeout=10,
    ).json()
    headers = {"Authorization": f"Bearer {narrow['access_token']}"}
    listed = requests.get(f"{server.url}/v1/customers", headers=headers, timeout=10)
    assert listed.status_code == 200
    made = requests.post(f"{server.url}/customers", headers=headers, json={"name": "x"}, timeout=10)
    assert made.status_code == 403


def test_a_body_in_chunks_is_read_and_one_past_the_limit_is_not(
    server: Server, session: OAuth2Session
) -> None:
    small = session.post(
        f"{server.url}/customers",
        data=iter([b'{"name": ', b'"In chunks"}']),
        headers={"Content-Type": "application/json"},
    )
    assert (small.status_code, small.json().get("name")) == (201, "In chunks")
    large = session.post(
        f"{server.url}/customers",
        data=iter([b'{"name": "'] + [b"x" * 100_000] * 20 + [b'"}']),
        headers={"Content-Type": "application/json"},
    )
    assert large.status_code == 413


def test_suspending_a_client_stops_the_tokens_that_it_has(server: Server) -> None:
    made = server.run(
        "create_api_client", "--company", "chinook", "--name", "Old", "--scopes", "customers:read"
    )
    secret = {key: made[key] for key in ("client_id", "client_secret")}
    token = requests.post(f"{server.url}/token", json=secret, timeout=10).json()["access_token"]
    url, headers = f"{server.url}/customers", {"Authorization": f"Bearer {token}"}
    assert requests.get(url, headers=headers, timeout=10).status_code == 200
    server.run("suspend_api_client", made["client_id"])
    assert requests.get(url, headers=headers, timeout=10).status_code == 401
    assert requests.post(f"{server.url}/token", json=secret, timeout=10).status_code == 401
