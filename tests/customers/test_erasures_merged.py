"""An erasure of a customer whose records were merged, or whose merge was undone."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest
from django.db import connections

from config.changes.models import Change
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from config.webhooks.actions import fan_out
from config.webhooks.bodies import write_bodies
from config.webhooks.models import WebhookDelivery
from customers.actions import (
    erase_person,
    erasures,
    merge_customers,
    request_erasure,
    undo_merge,
    unmerging,
    update_customer,
)
from customers.errors import CustomerMerged, MergeNotUndoable
from customers.imports import Overwrite, guess_mapping, import_rows, open_table
from customers.models import Customer, CustomerMerge, Erasure, ErasureMark
from tests.backoffice import fresh
from tests.callers import call_as
from tests.conftest import DATABASES
from tests.factories import AContactPoint, ACustomer, AWebhook, act
from tests.personal import erase
from tests.threads import wait_until

Import = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def kept(studio: Company) -> Customer:
    return ACustomer(company=studio, first_name="Ana", last_name="One", email="ana@example.com")


@pytest.fixture
def merged(studio: Company) -> Customer:
    return ACustomer(
        company=studio, first_name="Anna", last_name="Two", email="anna@example.com",
        phone="020 7946 0018", external_id="crm-77", birthday="1990-05-04",
    )  # fmt: skip


@pytest.fixture
def merge(studio: Company, kept: Customer, merged: Customer) -> CustomerMerge:
    """Merge two customers."""
    return act(studio, merge_customers, kept, merged=merged)


@pytest.fixture
def bring_in(actor: Actor, tmp_path: Any) -> Import:
    """Import rows; return the number of created customers, and why rows were refused."""

    def run(text: str, overwrite: Overwrite = Overwrite.NOBODY) -> tuple[int, list[str]]:
        file, told = tmp_path / "given.csv", list[str]()
        file.write_text(text, "utf-8")
        table = open_table(file)
        outcome = import_rows(
            table, guess_mapping(table.headings), actor=actor, overwrite=overwrite,
            refused=lambda row, reason: told.append(reason),
        )  # fmt: skip
        return outcome.created, told

    return run


# --- Marks ---


@pytest.mark.parametrize(
    "row",
    [
        "Other,Name,ana@example.com,,,,",
        "Other,Name,Anna@Example.com,,,,",
        "Other,Name,,020 7946 0018,,,",
        "Other,Name,,,crm-77,,",
        "anna,two,,,,1990-05-04,",
        "Other,Name,,,,,second@example.com",
    ],
)
def test_an_import_knows_again_whatever_was_known_of_a_merged_person(
    studio: Company, kept: Customer, merge: CustomerMerge, bring_in: Import, row: str
) -> None:
    AContactPoint(company=studio, customer=kept, kind="email", value="second@example.com")
    erase(studio, kept)
    headings = "first_name,last_name,email,phone,external_id,birthday,email 2"
    created, (reason,) = bring_in(f"{headings}\n{row}\n")
    assert created == 0
    assert "was erased" in reason


@pytest.mark.parametrize("overwrite", Overwrite)
def test_no_file_overwrites_a_mark(
    studio: Company, kept: Customer, bring_in: Import, overwrite: Overwrite
) -> None:
    erase(studio, kept)
    other = ACustomer(company=studio, first_name="Bob", email="bob@example.com", external_id="7")
    assert bring_in("first_name,email\nAna,ana@example.com\n", overwrite)[0] == 0
    # Nor may another customer take the person's e-mail address.
    _, (reason,) = bring_in("external_id,first_name,email\n7,Ana,ana@example.com\n", overwrite)
    assert "was erased" in reason
    assert fresh(other).email == "bob@example.com"
    # After staff add the person by hand, files update the new customer.
    again = ACustomer(company=studio, first_name="Ana", email="ana@example.com")
    file = "first_name,email,city\nAna,ana@example.com,Leeds\n"
    assert bring_in(file, overwrite) == (0, [])
    with acting_for(studio.id):
        assert again.addresses.get().city == "Leeds"


def test_an_undone_merge_marks_nobody_else(
    studio: Company, kept: Customer, merged: Customer, merge: CustomerMerge, bring_in: Import
) -> None:
    act(studio, undo_merge, merge)
    erase(studio, kept)
    changes = {"email": "new@example.com", "external_id": "", "phone": ""}
    act(studio, update_customer, merged, changes=changes)
    assert bring_in("first_name,email\nSomebody,anna@example.com\n") == (1, [])
    with acting_for(studio.id):
        assert ErasureMark.objects.count() == 1, "the e-mail address"


# --- Values of the person ---


def test_erasing_after_an_undone_merge_leaves_the_other_person_alone(
    studio: Company, kept: Customer, merged: Customer, merge: CustomerMerge
) -> None:
    act(studio, undo_merge, merge)
    AWebhook(company=studio, types=[])
    caller = call_as(studio)
    path = f"/v1/customers/{merged.pk}"
    said = caller.patch(path, {"tags": ["vip"]}, idempotency_key="hers")
    act(studio, update_customer, kept, changes={"first_name": "Ann"})
    with acting_for(studio.id):
        while fan_out(write_bodies):
            pass
    erase(studio, kept)
    bodies = messages(studio)
    (hers,) = [one for one in bodies if "anna@example.com" in one]
    assert "vip" in hers
    assert not [one for one in bodies if "ana@example.com" in one.replace("anna@", "")]
    again = caller.patch(path, {"tags": ["vip"]}, idempotency_key="hers")
    assert (again.status, again.body) == (200, said.body)


def test_who_was_merged_for_a_time_is_erased_from_the_other_record_too(
    studio: Company, kept: Customer, merged: Customer
) -> None:
    AWebhook(company=studio, types=[])
    merge = act(studio, merge_customers, kept, merged=merged)
    with acting_for(studio.id):
        while fan_out(write_bodies):
            pass
    act(studio, undo_merge, merge)
    assert "anna@example.com" in "".join(messages(studio))
    erasure = erase(studio, merged)
    assert erasure.people == [merged.pk]
    assert erasure.report["scan"]["found"] == {}
    assert "anna@example.com" not in "".join(messages(studio))
    with acting_for(studio.id):
        history = str([*Change.objects.values_list("before", "after")])
        assert not kept.contact_points.exists()
    assert "anna@example.com" not in history
    assert fresh(kept).email == "ana@example.com"
    assert "ana@example.com" in history


def messages(company: Company) -> list[str]:
    with acting_for(company.id):
        return list(WebhookDelivery.objects.values_list("body", flat=True))


# --- Erasing while a merge is undone ---


def test_a_merge_is_not_undone_while_an_erasure_waits(
    studio: Company, kept: Customer, merge: CustomerMerge, actor: Actor
) -> None:
    act(studio, request_erasure, kept)
    with acting_for(studio.id), pytest.raises(MergeNotUndoable, match="Cancel the erasure"):
        undo_merge(merge, actor=actor)


def test_an_erasure_of_somebody_who_was_merged_meanwhile_is_a_conflict(
    studio: Company, merged: Customer, merge: CustomerMerge
) -> None:
    # The customer was loaded before the merge.
    with pytest.raises(CustomerMerged):
        act(studio, request_erasure, merged)


def waits_for_a_lock() -> bool:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])


def erase_while_it_is_undone(company: Company, merge: CustomerMerge, actor: Actor) -> Erasure:
    """Erase the customer who stayed, while the undoing of a merge is not committed yet."""
    Company.objects.filter(pk=company.pk).update(erasure_days=0)
    erasure = act(company, request_erasure, merge.kept)

    def work() -> Erasure:
        try:
            return act(company, erase_person, erasure)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as thread:
        with acting_for(company.id):
            undo_merge(merge, actor=actor)
            erased = thread.submit(work)
            wait_until(waits_for_a_lock)
        return erased.result()


@pytest.mark.django_db(transaction=True, databases=DATABASES)
def test_an_erasure_sees_whom_an_undo_let_go(
    studio: Company, kept: Customer, merged: Customer, merge: CustomerMerge, actor: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(unmerging, "_check_itself", lambda merge, kept: None)
    erasure = erase_while_it_is_undone(studio, merge, actor)
    assert erasure.people == [kept.pk]
    assert (fresh(merged).first_name, fresh(kept).is_erased) == ("Anna", True)


@pytest.mark.django_db(transaction=True, databases=DATABASES)
def test_without_a_second_look_the_wrong_person_is_erased(
    studio: Company, kept: Customer, merged: Customer, merge: CustomerMerge, actor: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(unmerging, "_check_itself", lambda merge, kept: None)

    def looked_once(customer: Customer, *, actor: Actor) -> list[UUID]:
        people = erasures.people_of(customer, actor=actor)
        list(Customer.objects.filter(pk__in=people).order_by("pk").select_for_update())
        return people

    monkeypatch.setattr(erasures, "_lock_people", looked_once)
    erase_while_it_is_undone(studio, merge, actor)
    assert fresh(merged).is_erased
