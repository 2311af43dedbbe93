"""The erasure of a person removes all personal data, and the accounts still add up (threat 39)."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections, transaction
from django.db.utils import DatabaseError, ProgrammingError

from config.changes.models import Change
from config.jobs.models import Job
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.errors import NotYourRole
from config.tenancy.permissions import Role
from config.tenancy.scoping import acting_for
from credits.proof import check_ledger
from customers.actions import (
    cancel_erasure,
    erase_person,
    merge_customers,
    request_erasure,
    restore_customer,
    undo_merge,
)
from customers.errors import (
    CustomerErased,
    ErasureOver,
    ErasureWaiting,
    MergeNotUndoable,
    WorkUnderWay,
)
from customers.models import Customer
from customers.privacy.holding import held_about
from customers.privacy.registry import personal_tables
from customers.tasks import erase_due
from tests.backoffice import fresh
from tests.callers import call_as
from tests.conftest import DATABASES
from tests.factories import ACustomer, ANote, act, make_staff
from tests.jobs import a_job
from tests.personal import erase, every_word, known_customer, word
from tests.template import run_client


@pytest.fixture
def soon(studio: Company) -> Company:
    """The studio, with erasures that run without a waiting period."""
    Company.objects.filter(pk=studio.pk).update(erasure_days=0)
    return studio


def dumped(folder: Path) -> str:
    """Return a dump of the whole database as lower-case text."""
    file = folder / "dump.sql"
    name = connections["owner"].settings_dict["NAME"]
    assert settings.EMBEDDED is not None
    url = settings.EMBEDDED.owner_url.replace("/regulars?", f"/{name}?")
    run_client("pg_dump", "--data-only", f"--file={file}", url)
    return file.read_text(errors="replace").lower()


def found_in(text: str) -> set[str]:
    return {one for one in every_word() if one in text}


# --- After an erasure ---


@pytest.mark.django_db(transaction=True, databases=DATABASES)
def test_nothing_of_an_erased_person_is_in_a_dump_but_what_is_declared(
    soon: Company, tmp_path: Path
) -> None:
    customer = known_customer(soon)
    caller = call_as(soon)
    caller.patch(
        f"/v1/customers/{customer.pk}", {"tags": [word("customers_customer", "tags")]},
        idempotency_key="once",
    )  # fmt: skip
    caller.post(
        f"/v1/customers/{customer.pk}/notes",
        {"content": word("customers_note", "content")},
        idempotency_key="twice", x_reason=word("changes_change", "reason"),
    )  # fmt: skip
    with acting_for(soon.id):
        held = {one.table.table: one for one in held_about([customer.pk])}
    for table in personal_tables():
        if table.erased:
            assert held[table.table].erased.keys() == table.erased.keys(), table.table
    before = dumped(tmp_path)
    sums = check_ledger(soon.id)
    assert found_in(before) == every_word()
    assert word("changes_change", "reason") in before
    assert "1987-06-05" in before
    erasure = erase(soon, customer)
    after = dumped(tmp_path)
    assert found_in(after) == {word("billing_payment", "reason")}, "on the credit note"
    assert word("changes_change", "reason") not in after
    assert "1987-06-05" not in after
    assert erasure.report["scan"]["found"] == {}
    with acting_for(soon.id):
        assert all(not one.erased for one in held_about([customer.pk]))
    assert check_ledger(soon.id) == sums


def test_an_erased_customer_is_an_archived_shell(soon: Company, customer: Customer) -> None:
    erasure = erase(soon, customer)
    customer = fresh(customer)
    shown = (customer.display_name, customer.email, customer.first_name)
    assert shown == ("Erased customer", "", "")
    assert customer.is_archived
    assert customer.is_erased
    assert erasure.status == "erased"
    assert erasure.report["erased"]["customers_customer"] == {
        "rows": 1,
        "fields": {"first_name": 1, "last_name": 1, "email": 1},
    }
    with pytest.raises(CustomerErased):
        act(soon, restore_customer, customer)
    with pytest.raises(CustomerErased):
        act(soon, request_erasure, customer)


def test_other_people_keep_what_is_theirs(soon: Company, customer: Customer) -> None:
    other = ACustomer(company=soon, first_name=customer.first_name, email="other@example.com")
    note = ANote(company=soon, customer=other, content="Comes with ana@example.com.")
    erasure = erase(soon, customer)
    assert fresh(other).first_name == customer.first_name
    assert fresh(note).content == "Comes with ana@example.com."
    # Staff must review the matches of the second scan: the note and its change both hold the
    # address.
    assert erasure.report["scan"]["found"] == {
        "changes_change.after": 1,
        "customers_note.content": 1,
    }


def test_what_was_merged_into_a_person_is_erased_with_them(soon: Company, actor: Actor) -> None:
    kept = ACustomer(company=soon, first_name="Ana", email="ana@example.com")
    names = {"first_name": "Anna", "email": "anna@example.com", "external_id": "crm-77"}
    merged = ACustomer(company=soon, **names)
    note = ANote(company=soon, customer=merged, content="Anna sings.")
    merge = act(soon, merge_customers, kept, merged=merged)
    with acting_for(soon.id):
        assert [one["merged"] for one in merge.fields if one["name"] == "first_name"] == ["Anna"]
        assert "anna@example.com" in str([*merge.rows.values_list("before", flat=True)])
        # An erasure also removes values that somebody wrote without an action.
        Customer.objects.filter(company_id=soon.id, pk=merged.pk).update(legal_name="Anna Ltd")
    erasure = erase(soon, kept)
    assert {*erasure.people} == {kept.pk, merged.pk}
    assert erasure.report["scan"]["found"] == {}
    shell, merge = fresh(merged), fresh(merge)
    assert (shell.legal_name, shell.is_erased, shell.merged_into_id) == ("", True, kept.pk)
    assert (merge.fields, merge.external_id, fresh(note).content) == ([], "", "")
    with acting_for(soon.id):
        moved = [*merge.rows.values_list("before", "after")]
        assert moved
        assert {str(held) for both in moved for held in both} == {"{}"}
        with pytest.raises(MergeNotUndoable, match="erased"):
            undo_merge(merge, actor=actor)
    assert fresh(kept).display_name == "Erased customer"


# --- The steps ---


def test_an_erasure_waits_and_can_be_cancelled(studio: Company, customer: Customer) -> None:
    erasure = act(studio, request_erasure, customer)
    assert round((erasure.due_at - erasure.created_at) / timedelta(days=1)) == 7
    with pytest.raises(ErasureWaiting):
        act(studio, request_erasure, customer)
    with pytest.raises(ErasureOver):
        act(studio, erase_person, erasure)
    assert act(studio, cancel_erasure, erasure).status == "cancelled"
    with pytest.raises(ErasureOver):
        act(studio, cancel_erasure, erasure)
    assert fresh(customer).first_name == "Ana"
    assert act(studio, request_erasure, customer).is_waiting


def test_what_is_due_is_erased_in_the_background(
    soon: Company, rival: Company, customer: Customer
) -> None:
    waiting = ACustomer(company=rival)
    act(rival, request_erasure, waiting)
    erasure = act(soon, request_erasure, customer)
    erase_due(0)
    assert fresh(erasure).status == "erased"
    assert fresh(waiting).first_name == waiting.first_name


def test_an_erasure_waits_for_background_work(soon: Company, customer: Customer) -> None:
    job = a_job(soon)
    erasure = act(soon, request_erasure, customer)
    with pytest.raises(WorkUnderWay):
        act(soon, erase_person, erasure)
    erase_due(0)
    assert fresh(erasure).is_waiting
    with acting_for(soon.id):
        Job.objects.filter(pk=job.pk).update(state=Job.FAILED)
    erase_due(0)
    assert fresh(erasure).status == "erased"


def test_an_erasure_that_fails_half_way_leaves_no_trace(
    soon: Company, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    erasure = act(soon, request_erasure, customer)
    with monkeypatch.context() as broken:
        broken.setattr("customers.actions.erasures.scan_for", lambda words: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            act(soon, erase_person, erasure)
    assert fresh(customer).first_name == "Ana"
    assert act(soon, erase_person, erasure).status == "erased"


def test_owners_and_managers_erase(studio: Company, customer: Customer) -> None:
    for role in (Role.FRONT_DESK, Role.MANAGER):
        staff = make_staff(studio, email=f"{role}@studio.example", role=role)
        with acting_for(studio.id):
            actor = staff.actor_in(studio)
            if role == Role.FRONT_DESK:
                with pytest.raises(NotYourRole):
                    request_erasure(customer, actor=actor)
            else:
                assert request_erasure(customer, actor=actor).requested_by == "Olive Owner"


# --- The constraints remain enforced ---


def test_the_audit_log_gives_values_to_an_erasure_alone(
    studio: Company, customer: Customer
) -> None:
    erasure = act(studio, request_erasure, customer)
    call = "SELECT customers_erase_history(%s, 'customers_customer', NULL)"
    with acting_for(studio.id), connections["default"].cursor() as cursor:
        with pytest.raises(DatabaseError, match="not due"), transaction.atomic():
            cursor.execute(call, [erasure.pk])
        cursor.execute("SELECT set_config('regulars.erasing', 'on', true)")
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            cursor.execute("UPDATE changes_change SET reason = ''")
        assert Change.objects.of_object(customer.pk).get().after["first_name"] == "Ana"
