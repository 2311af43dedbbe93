"""Access to every route with each scope and without scopes.

The document says which scope a route requires.
"""

from collections import defaultdict

import pytest

from config.access.scopes import NOT_OFFERED, SCOPES
from config.tenancy.companies import Company
from tests.api_routes import fill, make_rows
from tests.callers import call_as, nobody
from tests.contract import operations
from tests.shares import undone

OPEN = {("/oauth/token", "POST"), ("/oauth/revoke", "POST"), ("/token", "POST")}
# Routes that accept any valid credential.
FOR_ALL = {("/v1/me", "GET")}


def routes() -> dict[str, list[tuple[str, str]]]:
    """Return path and method of every route, by required scope."""
    found = defaultdict(list)
    for path, method, operation in operations():
        if (path, method) not in OPEN | FOR_ALL:
            found[" ".join(operation["security"][0]["oauth2"])].append((path, method))
    return found


ROUTES = routes()


def test_a_route_needs_one_scope_and_every_scope_that_is_offered_opens_one() -> None:
    assert ROUTES.keys() == SCOPES.keys() - NOT_OFFERED


def test_some_routes_open_for_any_credential(studio: Company) -> None:
    assert {
        (path, method)
        for path, method, one in operations()
        if one["security"] == [{"oauth2": []}, {"apiKey": []}]
    } == FOR_ALL
    for path, method in FOR_ALL:
        assert nobody()(method, path).status == 401
        assert call_as(studio, ["notes:read"], "any")(method, path).status == 200


def test_a_route_opens_for_its_scope_alone(studio: Company, subtests: pytest.Subtests) -> None:
    rows = make_rows(studio)
    for scope in sorted(ROUTES):
        only = call_as(studio, [scope], f"only {scope}")
        others = [one for one in SCOPES if one != scope]
        every_other = call_as(studio, others, f"all but {scope}")
        for route, method in ROUTES[scope]:
            with subtests.test(f"{method} {route}"), undone():
                path = fill(route, rows)
                assert nobody()(method, path).status == 401
                refused = every_other(method, path)
                assert refused.status == 403
                assert scope in refused.raw.decode()
                assert only(method, path).status not in (401, 403, 404)
