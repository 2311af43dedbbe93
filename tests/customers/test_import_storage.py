"""How long a file of customers is stored, and how much storage a company's files may take."""

import pytest

from config.access.actions import revoke_api_key
from config.access.models import ApiKey
from config.jobs.models import Chunk, Job, StoredFile
from config.jobs.work import StopAsked, Work
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.models import Customer
from tests.callers import Caller
from tests.customers.test_v1_imports import IMPORTS, LIST, begin
from tests.factories import ACustomer
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


@pytest.mark.parametrize("path", [IMPORTS, "/v1/exports"])
def test_an_import_or_export_of_a_credential_that_is_revoked_meanwhile_ends(
    integrator: Caller, studio: Company, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ACustomer(company=studio)
    monkeypatch.setattr("config.jobs.work.SECONDS_BETWEEN", 0)
    started = integrator.post(path, LIST if path == IMPORTS else None)

    def revoked(work: Work, done: int, total: int | None = None) -> None:
        revoke_api_key(key, actor=Actor.command(studio))
        progress(work, done, total)

    (key,) = ApiKey.objects.all()
    progress = Work.progress
    monkeypatch.setattr(Work, "progress", revoked)
    (job,) = finish_all(studio)
    assert (started.status, job.state) == (202, Job.FAILED)
    assert job.message.startswith(f"“{key.name}”, which started this, is suspended, revoked or")
    with acting_for(studio.id):
        assert Customer.objects.count() == 1
        assert not StoredFile.objects.filter(job=job, is_whole=True).exists()
