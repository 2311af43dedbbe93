"""How long a file of customers is stored, and how much room such files of a company may take."""

import pytest

from config.jobs.models import Chunk, Job, StoredFile
from config.jobs.work import StopAsked, Work
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from tests.callers import Caller
from tests.customers.test_v1_imports import IMPORTS, LIST, begin
from tests.jobs import finish_all


def test_the_file_of_an_import_that_is_cancelled_is_removed_and_others_stay(
    integrator: Caller, studio: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(integrator, "?name=other")
    integrator.post(f"{begin(integrator).headers['Location']}/cancel")
    running = begin(integrator).headers["Location"]

    def stop(work: Work, done: int, total: int | None = None) -> None:
        if work.job.parameters["name"] != "other.csv":
            integrator.post(f"{running}/cancel")
            raise StopAsked

    monkeypatch.setattr(Work, "progress", stop)
    assert [job.state for job in finish_all(studio)] == [Job.DONE, Job.CANCELLED]
    with acting_for(studio.id):
        given = StoredFile.objects.filter(job=None).order_by("id")
        assert [one.removed_at is None for one in given] == [True, False, False]
        assert set(Chunk.objects.filter(file__in=given).values_list("file", flat=True)) == {
            given[0].pk
        }


def test_files_of_a_company_take_only_so_much_room(
    integrator: Caller, studio: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.jobs.actions.MOST_STORED", 2 * len(LIST) + 1)
    first = begin(integrator).headers["Location"]
    begin(integrator)
    refused = integrator.post(IMPORTS, LIST)
    assert (refused.status, refused.body["error"]["code"]) == (409, "too_much_stored")
    assert "files are removed after 7 days" in refused.body["error"]["message"]
    integrator.post(f"{first}/cancel")
    begin(integrator)
