"""Background jobs: run once, with progress, and resumed after a worker was killed."""

import datetime
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, transaction
from django.db.models.functions import Now
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import JobAborted

from config.access.actions import revoke_api_key
from config.access.models import ApiKey, Staff
from config.errors import Refusal
from config.jobs import tasks
from config.jobs.actions import DAYS_KEPT, start_job, stop_job
from config.jobs.errors import FileGone, JobOver
from config.jobs.files import CHUNK, chunks_of, local_copy, new_file, plain_name
from config.jobs.models import Chunk, Job, JobRefusal, StoredFile, files_of
from config.jobs.running import MOST_ATTEMPTS, run_job
from config.jobs.work import Superseded, Work, WorkerEnds
from config.server.work import LANES
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.permissions import Role
from config.tenancy.scoping import acting_for
from customers.actions import write_note
from customers.models import Customer, Note
from tests.backoffice import count, fresh
from tests.factories import ACustomer, make_api_client, make_api_key
from tests.jobs import begin, finish, kind
from tests.shares import undone

NUMBERS = 6
LATER = ("Note 3", "Note 4")


class Killed(BaseException):
    """An error that ends a worker, as a kill would."""


def write_notes(company: Company, *, killed_in: int = -1, killed_after: int = -1) -> Any:
    """Return a job that writes numbered notes, two in each step, and refuses every third."""
    customer = ACustomer(company=company)

    def run(work: Work) -> dict[str, int]:
        work.total = NUMBERS
        while work.done < NUMBERS:
            if work.done == killed_after:
                raise Killed
            with work.step():
                for number in range(work.done, work.done + 2):
                    if number % 3 == 2:
                        work.refuse(f"Note {number}", "Not a third one.")
                    else:
                        note = Note(customer=customer, content=f"Note {number}")
                        write_note(note, actor=work.actor)
                    if number == killed_in:
                        raise Killed
                work.done += 2
                work.kept["last"] = work.done
        return {"written": NUMBERS - work.refused}

    return run


def make_file(work: Work) -> dict[str, int]:
    """Refuse one item and write a file."""
    work.refuse("One", "So it is.")
    with work.writing("made.txt", "text/plain") as out:
        out.write("made")
    return {"made": 1}


def notes(company: Company) -> list[str]:
    with acting_for(company.id):
        return list(Note.objects.oldest_first().values_list("content", flat=True))


def refusals(job: Job) -> list[tuple[str, str]]:
    with acting_for(job.company_id):
        return list(job.refusals.order_by("number").values_list("what", "why"))


def test_work_is_done_once_in_the_name_of_who_started_it(studio: Company, owner: Staff) -> None:
    with kind(write_notes(studio), resumes=True):
        job = finish(begin(studio, owner))
        again = finish(job)
    assert (job.state, job.done, job.total, job.refused) == (Job.DONE, 6, 6, 2)
    assert job.result == {"written": 4}
    assert job.ended_at >= job.started_at
    assert refusals(job) == [("Note 2", "Not a third one."), ("Note 5", "Not a third one.")]
    with acting_for(studio.id):
        assert set(Note.objects.values_list("author_name", flat=True)) == {str(owner)}
    assert (again.attempt, len(notes(studio))) == (1, 4)


def test_starting_leaves_one_task_a_name_in_its_transaction(studio: Company, owner: Staff) -> None:
    with kind(lambda work: {}):
        first, second = begin(studio, owner, once="file 1"), begin(studio, owner, once="file 1")
        third = begin(studio, owner, once="file 2")
        with transaction.atomic():
            begin(studio, owner)
            transaction.set_rollback(True)
    assert first == second != third
    task = ProcrastinateJob.objects.get(pk=first.task)
    assert (task.task_name, task.queue_name) == ("jobs.run", "jobs")
    queues = {task.queue for task in app.tasks.values() if not task.name.startswith("builtin")}
    assert queues == LANES.keys(), "every queue has a lane"
    own = ProcrastinateJob.objects.filter(args__company_id=str(studio.id))
    assert own.filter(task_name="jobs.run").count() == 2
    assert count(Job, studio) == 2


def test_what_resumes_goes_on_after_its_last_whole_step(studio: Company, owner: Staff) -> None:
    job = None
    for death in ({"killed_in": 3}, {"killed_after": 4}):
        with kind(write_notes(studio, **death), resumes=True):
            job = job or begin(studio, owner)
            with pytest.raises(Killed):
                run_job(studio.id, job.pk)
        assert fresh(job).state == Job.RUNNING, death
    assert job
    with kind(write_notes(studio), resumes=True):
        job = finish(job)
    assert (job.state, job.attempt, job.kept) == (Job.DONE, 3, {"last": 6})
    assert notes(studio) == ["Note 0", "Note 1", "Note 3", "Note 4"]
    assert [what for what, _ in refusals(job)] == ["Note 2", "Note 5"]


def test_work_without_resuming_begins_anew_with_no_report(studio: Company, owner: Staff) -> None:
    ways = iter([Killed(), None])

    def run(work: Work) -> dict[str, int]:
        assert (work.done, work.refused, work.kept) == (0, 0, {})
        make_file(work)
        work.progress(1, 2)
        work.save()
        if way := next(ways):
            raise way
        return {"made": 1}

    with kind(run):
        job = begin(studio, owner)
        with pytest.raises(Killed):
            run_job(studio.id, job.pk)
        job = finish(job)
    assert refusals(job) == [("One", "So it is.")]
    with acting_for(studio.id):
        assert (files_of(job).count(), StoredFile.objects.count()) == (1, 2)


def test_of_two_workers_on_one_job_the_first_writes_nothing(studio: Company, owner: Staff) -> None:
    inner = write_notes(studio)

    def run(work: Work) -> dict[str, int]:
        if work.job.attempt == 1:
            # The job counts as abandoned: another worker runs it before this one continues.
            run_job(studio.id, work.job.pk)
            with pytest.raises(Superseded):
                work.save()
        return inner(work)

    with kind(run, resumes=True):
        job = finish(begin(studio, owner))
    assert (job.state, job.attempt, len(notes(studio))) == (Job.DONE, 2, 4)


def test_work_can_be_stopped_while_it_waits_and_stops_at_its_next_step_where_it_runs(
    studio: Company, owner: Staff
) -> None:
    inner, actor = write_notes(studio), owner.actor_in(studio)

    def run(work: Work) -> dict[str, int]:
        with work.step():
            write_note(Note(customer=Customer.objects.get(), content="First"), actor=actor)
        with acting_for(studio.id):
            stop_job(fresh(work.job), actor=actor)
        return inner(work)

    with kind(run, resumes=True):
        waiting = begin(studio, owner)
        with acting_for(studio.id):
            stop_job(waiting, actor=actor)
            with pytest.raises(JobOver):
                stop_job(waiting, actor=actor)
        assert finish(waiting).state == Job.CANCELLED
        assert notes(studio) == []
        running = finish(begin(studio, owner))
    assert running.state == Job.CANCELLED
    assert notes(studio) == ["First"]


def test_a_worker_that_ends_hands_its_work_on(studio: Company, owner: Staff) -> None:
    with kind(write_notes(studio), resumes=True):
        job = begin(studio, owner)
        with pytest.raises(WorkerEnds):
            run_job(studio.id, job.pk, is_ending=lambda: True)
        assert fresh(job).state == Job.QUEUED
        assert finish(job).state == Job.DONE


def test_work_of_a_worker_that_lost_the_database_is_retried(studio: Company, owner: Staff) -> None:
    with kind(lambda work: {}):
        task = ProcrastinateJob.objects.get(pk=begin(studio, owner).task)
    for reason, goes_on in ((JobAborted(), True), (OperationalError(), True), (KeyError(), False)):
        decision = tasks.run.get_retry_exception(exception=reason, job=task.procrastinate_job)
        assert (decision is not None) is goes_on, reason


def test_a_refusal_fails_the_work_with_its_sentence_and_an_error_tells_nothing_of_itself(
    studio: Company, owner: Staff
) -> None:
    def run(work: Work) -> dict[str, int]:
        raise Refusal("The file has no rows.")

    with kind(run):
        refused = finish(begin(studio, owner))
    with kind(lambda work: 1 / 0):
        broken = begin(studio, owner)
        with pytest.raises(ZeroDivisionError):
            run_job(studio.id, broken.pk)
    assert (refused.state, refused.message) == (Job.FAILED, "The file has no rows.")
    broken = fresh(broken)
    assert broken.state == Job.FAILED
    assert broken.message == "Something went wrong, which we have noted. Try it once more."


def test_work_that_waits_too_long_or_kills_workers_ends(studio: Company, owner: Staff) -> None:
    def run(work: Work) -> dict[str, int]:
        raise Killed

    with kind(run):
        lost, waiting, deadly = (begin(studio, owner) for _ in range(3))
        for _ in range(MOST_ATTEMPTS):
            with pytest.raises(Killed):
                run_job(studio.id, deadly.pk)
        deadly = finish(deadly)
    assert deadly.state == Job.FAILED
    assert deadly.message == "It was begun 10 times and never came to its end."
    ProcrastinateJob.objects.filter(pk=lost.task).delete()
    with acting_for(studio.id):
        Job.objects.update(created_at=timezone.now() - datetime.timedelta(hours=1))
    tasks.give_up_lost(timestamp=0)
    assert (fresh(lost).state, fresh(waiting).state) == (Job.FAILED, Job.QUEUED)


def test_an_integrator_that_is_let_in_no_more_gets_nothing_done(studio: Company) -> None:
    client, _ = make_api_client(studio, name="Till", scopes=["customers:read"])
    key, _ = make_api_key(studio, name="Site", scopes=["customers:read"])
    facts: dict[str, Any] = {"scope": "customers:read"}
    for one, ends in ((client, {"suspended_at": Now()}), (key, {"revoked_at": Now()})):
        name = one.name
        with kind(lambda work: {"keys": int(work.actor.kind == "key")}), undone():
            with acting_for(studio.id):
                jobs = [
                    start_job("tests", {}, actor=one.actor_in(studio), **facts) for _ in range(3)
                ]
            done = finish(jobs[0])
            assert (done.state, done.result) == (Job.DONE, {"keys": int(one is key)})
            assert done.author == one
            type(one).objects.filter(pk=one.pk).update(scopes=["customers:write"])
            lost = finish(jobs[1])
            type(one).objects.filter(pk=one.pk).update(scopes=["customers:read"], **ends)
            ended = finish(jobs[2])
        assert (lost.state, ended.state, ended.result) == (Job.FAILED, Job.FAILED, {})
        assert lost.message.startswith(f"“{name}”, which started this, no longer has the scope")
        assert ended.message.startswith(f"“{name}”, which started this, is suspended, revoked or")


@pytest.mark.parametrize("is_guarded", [True, False], ids=["guarded", "negative control"])
def test_work_ends_at_its_next_step_once_its_author_may_not_do_it_any_more(
    studio: Company, owner: Staff, is_guarded: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not is_guarded:
        monkeypatch.setattr("config.jobs.work.check_rights", lambda job, actor: None)
    key, _ = make_api_key(studio, name="Site", scopes=["customers:write"])
    facts = {"permission": "customers.add_note", "scope": "customers:write"}
    inner = write_notes(studio)

    def ends(author: Staff | ApiKey) -> Any:
        def run(work: Work) -> dict[str, int]:
            with work.step():
                note = Note(customer=Customer.objects.get(), content="First")
                write_note(note, actor=work.actor)
            if isinstance(author, ApiKey):
                revoke_api_key(author, actor=Actor.command(studio))
            else:
                author.memberships.update(role=Role.READ_ONLY)
            return inner(work)

        return run

    for author in (key, owner):
        with kind(ends(author), resumes=True), undone():
            with acting_for(studio.id):
                job = start_job("tests", {}, actor=author.actor_in(studio), **facts)
            job = finish(job)
            assert job.state == (Job.FAILED if is_guarded else Job.DONE), author
            assert notes(studio)[1:] == ([] if is_guarded else ["Note 0", "Note 1", *LATER])
            assert bool(job.message) is is_guarded


def test_a_job_and_a_file_have_exactly_one_author(studio: Company, owner: Staff) -> None:
    key, _ = make_api_key(studio, name="Site", scopes=["customers:read"])
    for authors in ({}, {"staff": owner, "key": key}):
        for model, facts in ((Job, {"kind": "tests"}), (StoredFile, {"name": "x"})):
            with (
                pytest.raises(IntegrityError, match="_author"),
                transaction.atomic(),
                acting_for(studio.id),
            ):
                model.objects.create(company=studio, **authors, **facts)


def test_staff_who_may_no_longer_or_left_get_nothing_done(studio: Company, owner: Staff) -> None:
    with kind(lambda work: {"done": 1}):
        export, view, last = (
            begin(studio, owner, permission=f"customers.{verb}_customer")
            for verb in ("export", "view", "view")
        )
        owner.memberships.update(role=Role.READ_ONLY)
        assert [finish(job).state for job in (export, view)] == [Job.FAILED, Job.DONE]
        owner.memberships.all().delete()
        last = finish(last)
    assert (last.state, last.result) == (Job.FAILED, {})
    assert last.message.startswith(
        "The person or client who started this job no longer has the right to run it."
    )


def test_a_file_comes_back_as_it_was_once_it_is_whole(studio: Company, owner: Staff) -> None:
    text = "é" * CHUNK
    with new_file("../a/b:c\x00.csv", "text/csv", actor=owner.actor_in(studio)) as out:
        out.write(text)
        with pytest.raises(FileGone):
            list(chunks_of(fresh(out.file)))
        out.write(b"end")
    file = fresh(out.file)
    assert (file.name, file.size) == ("b:c.csv", 2 * CHUNK + 3)
    assert b"".join(chunks_of(file)) == text.encode() + b"end"
    with local_copy(file) as path:
        assert path.read_bytes() == text.encode() + b"end"
    assert not path.exists()


def test_a_file_is_called_what_any_disk_takes() -> None:
    names = {"C:\\data\\list.csv": "list.csv", "..": "file", "": "file"}
    names[f"{'x' * 300}.ndjson"] = f"{'x' * 108}.ndjson"
    assert {given: plain_name(given) for given in names} == names


def test_old_files_go_and_the_record_of_the_work_stays(studio: Company, owner: Staff) -> None:
    with kind(make_file):
        old, new = finish(begin(studio, owner)), finish(begin(studio, owner))
    long_ago = timezone.now() - datetime.timedelta(days=DAYS_KEPT, hours=1)
    with acting_for(studio.id):
        Job.objects.filter(pk=old.pk).update(ended_at=long_ago)
        JobRefusal.objects.filter(job=old).update(created_at=long_ago)
        StoredFile.objects.filter(job=old).update(created_at=long_ago)
    tasks.remove_files(timestamp=0)
    with acting_for(studio.id):
        assert list(Chunk.objects.values_list("file__job", flat=True)) == [new.pk]
        assert list(JobRefusal.objects.values_list("job", flat=True)) == [new.pk]
        assert not old.files.get().can_be_read
    assert fresh(old).result == {"made": 1}
