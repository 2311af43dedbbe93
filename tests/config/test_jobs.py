"""Background work: done once, told as it goes, and taken up again where a worker was killed."""

import datetime
from typing import Any

import pytest
from django.db import OperationalError, transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import JobAborted

from config.access.actors import Actor
from config.access.models import Company, Staff
from config.access.permissions import Role
from config.access.tenancy import acting_for
from config.errors import Refusal
from config.jobs import tasks
from config.jobs.actions import DAYS_KEPT, stop_job
from config.jobs.errors import FileGone, JobOver
from config.jobs.files import CHUNK, chunks_of, local_copy, new_file, plain_name
from config.jobs.models import Chunk, Job, JobRefusal, StoredFile, files_of
from config.jobs.running import MOST_ATTEMPTS, run_job
from config.jobs.work import Superseded, Work, WorkerEnds
from config.server.work import LANES
from customers.actions import write_note
from customers.models import Note
from tests.backoffice import count, fresh
from tests.factories import ACustomer, make_staff
from tests.jobs import begin, finish, kind

NUMBERS = 6


class Killed(BaseException):
    """What a worker dies of."""


@pytest.fixture
def customer(studio: Company) -> Any:
    return ACustomer(company=studio, first_name="Ana")


def write_notes(customer: Any, *, killed_in: int = -1, killed_after: int = -1) -> Any:
    """Return work that writes numbered notes, two to a step, and refuses every third."""

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


def notes(company: Company) -> list[str]:
    with acting_for(company.id):
        return list(Note.objects.oldest_first().values_list("content", flat=True))


def refusals(job: Job) -> list[tuple[str, str]]:
    with acting_for(job.company_id):
        return list(job.refusals.order_by("number").values_list("what", "why"))


def test_work_is_done_in_the_name_of_who_started_it(
    studio: Company, owner: Staff, customer: Any
) -> None:
    with kind(write_notes(customer), resumes=True):
        job = finish(begin(studio, owner))
    assert (job.state, job.done, job.total, job.refused) == (Job.DONE, 6, 6, 2)
    assert job.result == {"written": 4}
    assert job.ended_at >= job.started_at
    assert refusals(job) == [("Note 2", "Not a third one."), ("Note 5", "Not a third one.")]
    with acting_for(studio.id):
        assert set(Note.objects.values_list("author_name", flat=True)) == {str(owner)}


def test_starting_leaves_a_task_in_the_same_transaction(studio: Company, owner: Staff) -> None:
    with kind(lambda work: {}):
        job = begin(studio, owner)
        task = ProcrastinateJob.objects.get(pk=job.task)
        assert (task.task_name, task.queue_name) == ("jobs.run", "jobs")
        with transaction.atomic():
            begin(studio, owner)
            transaction.set_rollback(True)
    assert ProcrastinateJob.objects.filter(task_name="jobs.run").count() == 1
    assert count(Job, studio) == 1


def test_every_queue_has_a_lane() -> None:
    queues = {task.queue for task in app.tasks.values() if not task.name.startswith("builtin")}
    assert queues == LANES.keys()


def test_what_is_started_twice_under_one_name_is_one_job(studio: Company, owner: Staff) -> None:
    with kind(lambda work: {}):
        first, second = begin(studio, owner, once="file 1"), begin(studio, owner, once="file 1")
        third = begin(studio, owner, once="file 2")
    assert first == second != third
    assert ProcrastinateJob.objects.filter(task_name="jobs.run").count() == 2


@pytest.mark.parametrize("death", [{"killed_in": 3}, {"killed_after": 4}])
def test_what_resumes_goes_on_after_its_last_whole_step(
    studio: Company, owner: Staff, customer: Any, death: dict[str, int]
) -> None:
    with kind(write_notes(customer, **death), resumes=True):
        job = begin(studio, owner)
        with pytest.raises(Killed):
            run_job(studio.id, job.pk)
    assert fresh(job).state == Job.RUNNING
    with kind(write_notes(customer), resumes=True):
        job = finish(job)
    assert (job.state, job.attempt, job.kept) == (Job.DONE, 2, {"last": 6})
    assert notes(studio) == ["Note 0", "Note 1", "Note 3", "Note 4"]
    assert [what for what, _ in refusals(job)] == ["Note 2", "Note 5"]


def test_what_does_not_resume_begins_anew_and_forgets_its_report(
    studio: Company, owner: Staff
) -> None:
    ways = iter([Killed(), None])

    def run(work: Work) -> dict[str, int]:
        assert (work.done, work.refused, work.kept) == (0, 0, {})
        work.refuse("One", "So it is.")
        with work.writing("made.txt", "text/plain") as out:
            out.write("made")
        work.progress(1, 2)
        work.tell()
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


def test_a_done_job_is_not_done_again(studio: Company, owner: Staff, customer: Any) -> None:
    with kind(write_notes(customer), resumes=True):
        job = finish(begin(studio, owner))
        again = finish(job)
    assert (again.attempt, len(notes(studio))) == (1, 4)


def test_of_two_workers_with_one_job_the_first_stops_and_writes_nothing(
    studio: Company, owner: Staff, customer: Any
) -> None:
    inner = write_notes(customer)

    def run(work: Work) -> dict[str, int]:
        if work.job.attempt == 1:
            # Taken for dead, it is begun by another worker, and only then goes on.
            run_job(studio.id, work.job.pk)
            with pytest.raises(Superseded):
                work.tell()
        return inner(work)

    with kind(run, resumes=True):
        job = finish(begin(studio, owner))
    assert (job.state, job.attempt, len(notes(studio))) == (Job.DONE, 2, 4)


def test_work_that_waits_can_be_stopped(studio: Company, owner: Staff, customer: Any) -> None:
    actor = Actor.staff(owner, studio)
    with kind(write_notes(customer), resumes=True):
        job = begin(studio, owner)
        with acting_for(studio.id):
            stop_job(job, actor=actor)
            with pytest.raises(JobOver):
                stop_job(job, actor=actor)
        assert finish(job).state == Job.CANCELLED
    assert notes(studio) == []


def test_work_that_runs_stops_at_its_next_step(
    studio: Company, owner: Staff, customer: Any
) -> None:
    inner = write_notes(customer)

    def run(work: Work) -> dict[str, int]:
        with work.step():
            write_note(Note(customer=customer, content="First"), actor=work.actor)
        with acting_for(studio.id):
            stop_job(fresh(work.job), actor=work.actor)
        return inner(work)

    with kind(run, resumes=True):
        job = finish(begin(studio, owner))
    assert job.state == Job.CANCELLED
    assert notes(studio) == ["First"]


def test_a_worker_that_ends_hands_its_work_on(studio: Company, owner: Staff, customer: Any) -> None:
    with kind(write_notes(customer), resumes=True):
        job = begin(studio, owner)
        with pytest.raises(WorkerEnds):
            run_job(studio.id, job.pk, is_ending=lambda: True)
        assert fresh(job).state == Job.QUEUED
        assert finish(job).state == Job.DONE


@pytest.mark.parametrize(
    ("reason", "goes_on"), [(JobAborted(), True), (OperationalError(), True), (KeyError(), False)]
)
def test_work_whose_worker_ended_or_lost_the_database_is_taken_up_again(
    studio: Company, owner: Staff, reason: Exception, goes_on: bool
) -> None:
    with kind(lambda work: {}):
        task = ProcrastinateJob.objects.get(pk=begin(studio, owner).task)
    decision = tasks.run.get_retry_exception(exception=reason, job=task.procrastinate_job)
    assert (decision is not None) is goes_on


def test_a_refusal_fails_the_work_with_its_sentence(studio: Company, owner: Staff) -> None:
    def run(work: Work) -> dict[str, int]:
        raise Refusal("The file has no rows.")

    with kind(run):
        job = finish(begin(studio, owner))
    assert (job.state, job.message) == (Job.FAILED, "The file has no rows.")


def test_what_breaks_is_told_without_its_inside(studio: Company, owner: Staff) -> None:
    with kind(lambda work: 1 / 0):
        job = begin(studio, owner)
        with pytest.raises(ZeroDivisionError):
            run_job(studio.id, job.pk)
    job = fresh(job)
    assert job.state == Job.FAILED
    assert job.message == "Something went wrong, which we have noted. Try it once more."


def test_what_kills_its_worker_every_time_is_given_up(studio: Company, owner: Staff) -> None:
    def run(work: Work) -> dict[str, int]:
        raise Killed

    with kind(run):
        job = begin(studio, owner)
        for _ in range(MOST_ATTEMPTS):
            with pytest.raises(Killed):
                run_job(studio.id, job.pk)
        job = finish(job)
    assert job.state == Job.FAILED
    assert job.message == "It was begun 10 times and never came to its end."


def test_what_no_worker_will_take_up_is_given_up(studio: Company, owner: Staff) -> None:
    with kind(lambda work: {}):
        lost, waiting = begin(studio, owner), begin(studio, owner)
    ProcrastinateJob.objects.filter(pk=lost.task).delete()
    with acting_for(studio.id):
        Job.objects.update(created_at=timezone.now() - datetime.timedelta(hours=1))
    tasks.give_up_lost(timestamp=0)
    assert (fresh(lost).state, fresh(waiting).state) == (Job.FAILED, Job.QUEUED)


def test_who_has_left_has_nothing_done(studio: Company, owner: Staff) -> None:
    with kind(lambda work: {"done": 1}):
        job = begin(studio, owner)
        owner.memberships.all().delete()
        job = finish(job)
    assert (job.state, job.result) == (Job.FAILED, {})
    assert job.message.startswith("Whoever started this may no longer do it.")


def test_who_may_not_do_it_any_more_has_nothing_done(studio: Company, owner: Staff) -> None:
    with kind(lambda work: {"done": 1}):
        jobs = [
            begin(studio, owner, permission=f"customers.{verb}_customer")
            for verb in ("export", "view")
        ]
        owner.memberships.update(role=Role.READ_ONLY)
        assert [finish(job).state for job in jobs] == [Job.FAILED, Job.DONE]


def test_a_file_comes_back_as_it_was_in_chunks(studio: Company, owner: Staff) -> None:
    text = "é" * CHUNK
    with new_file("../a/b:c\x00.csv", "text/csv", actor=Actor.staff(owner, studio)) as out:
        out.write(text)
        out.write(b"end")
    file = fresh(out.file)
    assert (file.name, file.size) == ("b:c.csv", 2 * CHUNK + 3)
    assert b"".join(chunks_of(file)) == text.encode() + b"end"
    with local_copy(file) as path:
        assert path.read_bytes() == text.encode() + b"end"
    assert not path.exists()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("C:\\data\\list.csv", "list.csv"),
        ("..", "file"),
        ("", "file"),
        (f"{'x' * 300}.ndjson", f"{'x' * 108}.ndjson"),
    ],
)
def test_a_file_is_called_what_any_disk_takes(given: str, kept: str) -> None:
    assert plain_name(given) == kept


def test_a_file_that_was_broken_off_is_not_read(studio: Company, owner: Staff) -> None:
    out = new_file("a.csv", "text/csv", actor=Actor.staff(owner, studio))
    out.write("half")
    with pytest.raises(FileGone):
        list(chunks_of(fresh(out.file)))


def test_old_files_go_and_the_record_of_the_work_stays(studio: Company, owner: Staff) -> None:
    def run(work: Work) -> dict[str, int]:
        work.refuse("One", "So it is.")
        with work.writing("made.txt", "text/plain") as out:
            out.write("made")
        return {"made": 1}

    with kind(run):
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
        file = old.files.get()
    assert not file.can_be_read
    assert fresh(old).result == {"made": 1}


def test_files_and_work_of_another_company_are_out_of_reach(
    studio: Company, rival: Company, owner: Staff
) -> None:
    stranger = make_staff(rival, email="sam@rival.example")
    with kind(lambda work: {}):
        begin(rival, stranger)
    new_file("a.csv", "text/csv", actor=Actor.staff(stranger, rival))
    assert (count(Job, studio), count(StoredFile, studio)) == (0, 0)
    assert (count(Job, rival), count(StoredFile, rival)) == (1, 1)
