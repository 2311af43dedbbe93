"""Background work, uploads and messages that run while a person is erased."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from django.db import connections

from config.access.models import Staff
from config.jobs import files, running
from config.jobs.actions import remove_all_files
from config.jobs.errors import FileGone
from config.jobs.files import new_file
from config.jobs.models import Chunk, StoredFile
from config.jobs.work import Work
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from config.webhooks.actions import claim_due, fan_out, record_attempt
from config.webhooks.bodies import write_bodies
from config.webhooks.messages import Outcome
from config.webhooks.models import WebhookAttempt, WebhookDelivery
from customers.actions import erasures, update_customer
from customers.models import Customer
from customers.privacy import erasing
from customers.privacy.scanning import scan_for
from tests.conftest import DATABASES
from tests.factories import AWebhook, act
from tests.jobs import begin, finish, kind
from tests.personal import erase

races = pytest.mark.django_db(transaction=True, databases=DATABASES)


def erase_meanwhile(
    company: Company, customer: Customer, work: Callable[[], Any], patch: pytest.MonkeyPatch
) -> None:
    """Erase a customer; before the commit, run `work` in another thread for at most one second."""

    def run() -> None:
        try:
            work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as thread:
        begun: list[Future[None]] = []

        def look(words: list[str]) -> dict[str, Any]:
            begun.append(thread.submit(run))
            with suppress(TimeoutError):
                begun[0].result(1)
            return scan_for(words)

        patch.setattr(erasures, "scan_for", look)
        erase(company, customer)
        begun[0].result(60)


# --- Background work ---


def names_read_by_work(
    company: Company, customer: Customer, staff: Staff, patch: pytest.MonkeyPatch
) -> list[str]:
    """Return the names that background work reads if it starts during an erasure."""
    found = list[str]()

    def read(work: Work) -> dict[str, int]:
        with work.reading():
            found.extend(Customer.objects.values_list("email", flat=True))
        return {}

    with kind(read):
        erase_meanwhile(company, customer, lambda: finish(begin(company, staff)), patch)
    return found


@races
def test_work_begins_after_an_erasure_that_is_under_way(
    studio: Company, customer: Customer, owner: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert names_read_by_work(studio, customer, owner, monkeypatch) == [""]


@races
def test_without_its_lock_work_reads_the_person(
    studio: Company, customer: Customer, owner: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "share_beginning", lambda company: None)
    assert names_read_by_work(studio, customer, owner, monkeypatch) == [customer.email]


# --- Files that are being written ---


def upload_meanwhile(company: Company, customer: Customer, staff: Staff) -> None:
    """Write a file in two pieces, and erase the customer between them."""
    with acting_for(company.id):
        actor = staff.actor_in(company)
    with new_file("ana.csv", "text/csv", actor=actor, samples=["ana@example.com"]) as out:
        out.write(b"a" * files.CHUNK)
        erase(company, customer)
        out.write(b"b" * files.CHUNK)


def left_of_files(company: Company) -> tuple[int, list[Any]]:
    with acting_for(company.id):
        return Chunk.objects.count(), list(StoredFile.objects.values_list("name", "about"))


def test_an_upload_that_meets_an_erasure_leaves_nothing(
    studio: Company, customer: Customer, owner: Staff
) -> None:
    with pytest.raises(FileGone):
        upload_meanwhile(studio, customer, owner)
    assert left_of_files(studio) == (0, [("", {})])


def test_without_a_look_at_its_file_an_upload_goes_on(
    studio: Company, customer: Customer, owner: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files.Writer, "_held", lambda self: acting_for(self.file.company_id))
    upload_meanwhile(studio, customer, owner)
    assert left_of_files(studio) == (1, [("", {"samples": ["ana@example.com"]})])


@races
def test_a_file_that_is_removed_waits_for_the_chunk_that_is_being_written(
    studio: Company, owner: Staff
) -> None:
    with acting_for(studio.id):
        actor = owner.actor_in(studio)

    def remove() -> None:
        try:
            with acting_for(studio.id):
                remove_all_files(actor=Actor.command(studio))
        finally:
            connections.close_all()

    out = new_file("x", "text/csv", actor=actor)
    with ThreadPoolExecutor(1) as thread:
        with out._held():
            removed = thread.submit(remove)
            with pytest.raises(TimeoutError):
                removed.result(1)
            Chunk.objects.create(company=studio, file=out.file, number=0, data=b"late")
        removed.result(60)
    assert left_of_files(studio)[0] == 0


# --- Messages to webhooks ---


def messages_made(company: Company) -> list[str]:
    with acting_for(company.id):
        while fan_out(write_bodies):
            pass
        return list(WebhookDelivery.objects.values_list("body", flat=True))


@races
def test_no_message_of_the_person_is_made_during_an_erasure(
    studio: Company, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    AWebhook(company=studio, types=[])
    act(studio, update_customer, customer, changes={"first_name": "Anna"})
    erase_meanwhile(studio, customer, lambda: messages_made(studio), monkeypatch)
    assert "ana@example.com" not in "".join(messages_made(studio))


@races
def test_without_its_lock_a_message_of_the_person_is_made(
    studio: Company, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    AWebhook(company=studio, types=[])
    act(studio, update_customer, customer, changes={"first_name": "Anna"})
    monkeypatch.setattr(erasing, "lock_webhooks", lambda *, actor: None)
    erase_meanwhile(studio, customer, lambda: messages_made(studio), monkeypatch)
    assert "ana@example.com" in "".join(messages_made(studio))


def test_the_answer_to_a_message_that_was_emptied_meanwhile_is_not_stored(
    studio: Company, customer: Customer
) -> None:
    webhook = AWebhook(company=studio, types=["customer.updated", "customer.erased"])
    with acting_for(studio.id):
        Customer.objects.filter(pk=customer.pk).update(first_name="Anna")
    messages_made(studio)
    with acting_for(studio.id):
        (held,) = claim_due(webhook.pk, 5)
    assert "ana@example.com" in held.message.body
    erase(studio, customer)
    echo = Outcome(milliseconds=1, status=422, answer=held.message.body, error="ana@example.com?")
    with acting_for(studio.id):
        record_attempt(held, echo)
        attempt = WebhookAttempt.objects.get()
    assert (attempt.status, attempt.answer, attempt.error) == (422, "", "")
