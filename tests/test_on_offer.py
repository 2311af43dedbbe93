"""Everything that a company offers on v1 is archived and restored in the same way."""

import pytest

from config.tenancy.companies import Company
from tests.api_routes import fill, make_rows
from tests.callers import Caller
from tests.contract import operations
from tests.refusals import refusal, whole_refusal
from tests.shares import undone

ARCHIVE = "/archive"
PATHS = {(path, method) for path, method, _ in operations()}
OFFERED = sorted(
    path for path, _ in PATHS if path.endswith(ARCHIVE) and not path.startswith("/v1/customers/")
)
# A webhook shows a status instead of `archived`, and gets a new secret when it is restored.
WEBHOOK = "/v1/webhooks/{id}/archive"


def lists_with(caller: Caller, path: str, shown: object) -> list[str]:
    """Return the query strings with which a list contains an object."""
    queries = ("", "?archived=false", "?archived=true")
    return [query for query in queries if shown in caller.get(f"{path}{query}").body["data"]]


def test_what_is_on_offer_is_archived_until_it_is_restored(
    integrator: Caller, studio: Company, subtests: pytest.Subtests
) -> None:
    rows = make_rows(studio)
    assert len(OFFERED) == 11
    for path in OFFERED:
        one = fill(path, rows).removesuffix(ARCHIVE)
        where, before = one.rpartition("/")[0], integrator.get(one).body
        with subtests.test(path), undone():
            assert lists_with(integrator, where, before) == ["", "?archived=false"]
            archived = integrator.post(f"{one}{ARCHIVE}")
            assert archived.status == 200
            assert integrator.get(one).body == archived.body
            assert lists_with(integrator, where, archived.body) == ["?archived=true"]
            again = whole_refusal(integrator.post(f"{one}{ARCHIVE}"))
            if path == WEBHOOK:
                assert archived.body == before | {"status": "archived"}
                assert again[:2] == (409, "webhook_archived")
                restored = integrator.post(f"{one}/restore")
                secret = restored.body["secret"]
                assert (restored.status, restored.body) == (200, before | {"secret": secret})
                assert secret.startswith("whsec_")
                again = whole_refusal(integrator.post(f"{one}/restore"))
                assert again == (409, "not_archived", "This is not archived.")
                continue
            since = {name: archived.body[name] for name in before if name == "updated_at"}
            assert archived.body == before | since | {"archived": True}
            assert again == (409, "already_archived", "This is archived already.")
            if (path.removesuffix(ARCHIVE), "PATCH") in PATHS:
                changed = refusal(integrator.patch(one, {"name": "x"}))
                is_plan = where == "/v1/plans"
                expected = (409, "plan_archived") if is_plan else (409, "already_archived")
                assert changed == (*expected, None)
            restored = integrator.post(f"{one}/restore")
            since = {name: restored.body[name] for name in since}
            assert (restored.status, restored.body) == (200, before | since)
            again = whole_refusal(integrator.post(f"{one}/restore"))
            assert again == (409, "not_archived", "This is not archived.")
