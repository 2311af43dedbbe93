"""What a company offers on v1 is archived and restored alike, whatever it is."""

import pytest

from config.tenancy.companies import Company
from tests.api_routes import fill, make_rows
from tests.callers import Caller
from tests.contract import operations
from tests.refusals import refusal, whole_refusal
from tests.shares import undone

ARCHIVE = "/archive"
OFFERED = [path for path, _, _ in operations() if path.endswith(ARCHIVE)]


def test_what_is_on_offer_is_archived_until_it_is_restored(
    integrator: Caller, studio: Company, subtests: pytest.Subtests
) -> None:
    rows = make_rows(studio)
    assert len(OFFERED) == 8
    for path in OFFERED:
        one = fill(path, rows).removesuffix(ARCHIVE)
        where, before = one.rpartition("/")[0], integrator.get(one).body
        with subtests.test(path), undone():
            for query, is_there in (("true", False), ("false", True)):
                listed = integrator.get(f"{where}?archived={query}").body["data"]
                assert (before in listed) == is_there, query
            archived = integrator.post(f"{one}{ARCHIVE}")
            since = {name: archived.body[name] for name in before if name == "updated_at"}
            assert (archived.status, archived.body) == (200, before | since | {"archived": True})
            assert integrator.get(one).body == archived.body
            for query in ("", "?archived=true", "?archived=false"):
                listed = integrator.get(f"{where}{query}").body["data"]
                assert (archived.body in listed) == (query != "?archived=false"), query
            again = whole_refusal(integrator.post(f"{one}{ARCHIVE}"))
            assert again == (400, "already_archived", "This is archived already.")
            changed = refusal(integrator.patch(one, {"name": "x"}))
            is_plan = where == "/v1/plans"
            expected = (409, "plan_archived") if is_plan else (400, "already_archived")
            assert changed == (*expected, None)
            restored = integrator.post(f"{one}/restore")
            since = {name: restored.body[name] for name in since}
            assert (restored.status, restored.body) == (200, before | since)
            again = whole_refusal(integrator.post(f"{one}/restore"))
            assert again == (400, "not_archived", "This is not archived.")
