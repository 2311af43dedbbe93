"""Two records of one person are merged: every row moves, and none is lost."""

import datetime
import json
from typing import Any

import pytest
from django.db import DatabaseError, connection, models, transaction

from billing.actions import take_payment
from billing.models import Invoice, Payment
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.errors import NotAllowed
from config.tenancy.merging import Moves
from config.tenancy.models import TenantForeignKey
from config.tenancy.scoping import acting_for
from credits.proof import check_ledger
from customers.actions import (
    Wanted,
    add_user,
    cancel_erasure,
    erase_person,
    merge_customers,
    obstacle_to_undoing,
    plan_merge,
    request_erasure,
    undo_merge,
    update_customer,
    upsert_customer,
    write_note,
)
from customers.errors import (
    CustomerMerged,
    CustomersClash,
    ErasureWaiting,
    ExternalIdTaken,
    InvalidMergeChoice,
    MergeNotUndoable,
    MergePlanChanged,
    MergesWithItself,
)
from customers.models import ContactPoint, Customer, CustomerMerge, CustomerUser, MovedRow, Note
from customers.models.merges import keys_to_customers, moving_keys, undeclared
from tests.api_routes import every_row
from tests.backoffice import fresh
from tests.factories import (
    AContactPoint,
    ACustomer,
    AnAddress,
    ANote,
    APaymentMethod,
    APlan,
    ASubscription,
    AUser,
    act,
)


def someone(**fields: Any) -> Any:
    """Return a new customer."""
    return ACustomer(**fields)


def rows_of(customer: Any) -> dict[str, set[Any]]:
    """Return the ids of all rows that refer to a customer, by table."""
    with acting_for(customer.company_id):
        return {
            key.model._meta.db_table: set(
                key.model._base_manager.filter(
                    company_id=customer.company_id, **{key.attname: customer.pk}
                ).values_list("pk", flat=True)
            )
            for key in moving_keys()
        }


def everything(company: Company, points: Any = ()) -> dict[str, list[Any]]:
    """Return every customer, and every row of every model with a foreign key to a customer.

    Contact points that a merge added are left out, as undoing the merge archives them.
    """
    found: dict[str, list[Any]] = {}
    with acting_for(company.id), connection.cursor() as cursor:
        for table in sorted({key.model._meta.db_table for key in moving_keys()}):
            cursor.execute(f"SELECT to_jsonb(t) - 'updated_at' FROM {table} t ORDER BY id")
            rows = [json.loads(row) for (row,) in cursor.fetchall()]
            found[table] = [row for row in rows if row["id"] not in map(str, points)]
    return found


@pytest.fixture
def pair(studio: Company) -> tuple[Any, Any]:
    """Two records of Ana: the first stays and has little, the second has a row of every kind."""
    kept = someone(company=studio, first_name="Ana", last_name="Díaz", email="ana@example.com")
    rows = every_row(studio, "Anna")
    act(studio, cancel_erasure, rows["erasure"])
    return kept, rows["customer"]


def merged_by(studio: Company, actor: Actor, kept: Any, merged: Any, **options: Any) -> Any:
    with acting_for(studio.id):
        return merge_customers(kept, merged=merged, actor=actor, **options)


def undone(studio: Company, actor: Actor, merge: Any) -> None:
    with acting_for(studio.id):
        undo_merge(CustomerMerge.objects.get(pk=merge.pk), actor=actor)


# --- Every foreign key is declared ---


def test_every_key_to_a_customer_says_how_its_rows_follow() -> None:
    assert [*undeclared(keys_to_customers())] == []
    assert len(moving_keys()) >= 17


def test_a_key_that_says_nothing_is_found() -> None:
    class Forgotten(models.Model):
        customer = TenantForeignKey(Customer, related_name="+")
        number = models.IntegerField()

        class Meta:
            app_label = "forgotten"
            constraints = [
                models.UniqueConstraint(fields=("customer", "number"), name="forgotten_once")
            ]

        def __str__(self) -> str:
            return str(self.number)

    key: Any = Forgotten._meta.get_field("customer")
    (sentence,) = undeclared([key])
    assert "Forgotten.customer does not say in `merging`" in sentence
    Forgotten.merging = {"customer": Moves()}  # type: ignore[attr-defined]
    told = [*undeclared([key])]
    assert any("is not recorded" in one for one in told)
    assert any("clash with forgotten_once" in one for one in told)


# --- Merging ---


def test_everything_that_points_to_a_customer_moves_and_comes_back(
    studio: Company, pair: tuple[Any, Any], actor: Actor
) -> None:
    kept, merged = pair
    AnAddress(company=studio, customer=kept)
    before, all_before = rows_of(merged), everything(studio)
    none = {table for table, ids in before.items() if not ids}
    assert none <= {"bookings_latecancellation", "customers_customer"}
    merge = merged_by(studio, actor, kept, merged)
    after = rows_of(kept)
    assert all(before[table] <= after[table] for table in before)
    assert not any(rows_of(merged).values())
    with acting_for(studio.id):
        added = [
            *ContactPoint.objects.filter(value="anna@anna.example").values_list("pk", flat=True)
        ]
        shell = Customer.objects.get(pk=merged.pk)
    assert len(added) == 1
    assert (shell.first_name, shell.email, shell.external_id, shell.tags) == ("", "", "", [])
    assert shell.merged_into_id == kept.pk
    assert shell.is_archived
    assert check_ledger(studio.id)[0] == []
    undone(studio, actor, merge)
    assert everything(studio, added) == all_before
    assert check_ledger(studio.id)[0] == []
    with acting_for(studio.id):
        assert ContactPoint.objects.get(pk=added[0]).is_archived


def test_what_stays_is_chosen_and_consents_are_the_stricter(studio: Company, actor: Actor) -> None:
    own: dict[str, Any] = {"company": studio}
    kept = someone(
        **own, first_name="Ana", email="ana@a.example", tags=["VIP", "Mornings"],
        preferences={"marketing_opt_in": True, "size": "M"},
    )  # fmt: skip
    merged = someone(
        **own, first_name="Anna", email="anna@a.example", phone="+44 20 7946 0018",
        birthday="1990-05-04", tags=["vip", "Pays late"],
        preferences={"marketing_opt_in": False, "colour": "red"},
    )  # fmt: skip
    AContactPoint(company=studio, customer=kept, kind="email", value="ANNA@a.example")
    with acting_for(studio.id):
        plan = plan_merge(kept, merged=merged, actor=actor).fingerprint
    choices = {"email": "merged", "preferences.size": "kept"}
    merged_by(studio, actor, kept, merged, choices=choices, plan=plan)
    stayed = fresh(kept)
    assert (stayed.first_name, stayed.email, stayed.birthday) == (
        "Ana", "anna@a.example", "1990-05-04"
    )  # fmt: skip
    assert stayed.phone_e164 == "+442079460018"
    assert stayed.tags == ["VIP", "Mornings", "Pays late"]
    assert stayed.preferences == {"marketing_opt_in": False, "size": "M", "colour": "red"}
    with acting_for(studio.id):
        ways = ContactPoint.objects.live().filter(customer=kept).values_list("value", flat=True)
        assert [*ways] == ["ana@a.example"], "the other address is not lost"


def test_one_default_stays_and_what_both_have_is_archived(studio: Company, actor: Actor) -> None:
    own: dict[str, Any] = {"company": studio}
    kept, merged = someone(**own), someone(**own)
    for customer in (kept, merged):
        theirs = {**own, "customer": customer}
        AnAddress(**theirs)
        AUser(**theirs, email="boss@x.example")
        APaymentMethod(**theirs, token="tok_1")
        AContactPoint(**theirs, kind="email", value="desk@x.example")
    before = everything(studio)
    merge = merged_by(studio, actor, kept, merged)
    with acting_for(studio.id):
        addresses = kept.addresses.filter(company_id=studio.id)
        assert sorted(addresses.values_list("is_default", flat=True)) == [False, True]
        for rows in (kept.users, kept.payment_methods):
            mine = rows.filter(company_id=studio.id)
            assert (mine.count(), mine.filter(archived_at=None).count()) == (2, 1)
        desk = kept.contact_points.filter(company_id=studio.id, value="desk@x.example")
        assert (desk.count(), desk.filter(archived_at=None).count()) == (2, 1)
        added = ContactPoint.objects.filter(created_at__gte=merge.created_at)
        new = [*added.values_list("pk", flat=True)]
    undone(studio, actor, merge)
    assert everything(studio, new) == before


def test_what_only_one_may_have_refuses_the_merge_by_name(studio: Company, actor: Actor) -> None:
    plan = APlan(company=studio, name="Gold")
    kept, merged = someone(company=studio), someone(company=studio)
    for customer in (kept, merged):
        ASubscription(company=studio, customer=customer, plan=plan)
    with acting_for(studio.id):
        found = plan_merge(kept, merged=merged, actor=actor)
    assert "Gold" in str(found.refusals[0])
    with pytest.raises(CustomersClash, match="Gold"):
        merged_by(studio, actor, kept, merged)


def test_a_plan_is_held_and_wrong_wishes_are_refused(studio: Company, actor: Actor) -> None:
    kept, merged = someone(company=studio), someone(company=studio)
    with acting_for(studio.id):
        plan = plan_merge(kept, merged=merged, actor=actor).fingerprint
    ANote(company=studio, customer=kept)
    ANote(company=studio, customer=merged)
    with pytest.raises(MergePlanChanged):
        merged_by(studio, actor, kept, merged, plan=plan)
    with pytest.raises(MergesWithItself):
        merged_by(studio, actor, kept, kept)
    for choices in ({"shoe": "kept"}, {"first_name": "both"}):
        with pytest.raises(InvalidMergeChoice):
            merged_by(studio, actor, kept, merged, choices=choices)
    desk = Actor("staff", "Desk", studio.id, "GB", role="front_desk")
    with pytest.raises(NotAllowed), acting_for(studio.id):
        merge_customers(kept, merged=merged, actor=desk)


def test_a_merge_is_refused_while_an_erasure_of_either_customer_waits(
    studio: Company, actor: Actor
) -> None:
    kept, merged = someone(company=studio), someone(company=studio, first_name="Anna")
    for customer in (kept, merged):
        erasure = act(studio, request_erasure, customer)
        with pytest.raises(ErasureWaiting, match=customer.first_name):
            merged_by(studio, actor, kept, merged)
        act(studio, cancel_erasure, erasure)
    merged_by(studio, actor, kept, merged)
    assert fresh(merged).merged_into_id == kept.pk
    assert fresh(erasure).customer_id == merged.pk, "it was asked for of that record"


def test_a_merged_customer_takes_nothing(studio: Company, actor: Actor) -> None:
    kept, merged = someone(company=studio), someone(company=studio)
    merged_by(studio, actor, kept, merged)
    with pytest.raises(CustomerMerged), acting_for(studio.id):
        write_note(Note(customer=merged, content="x"), actor=actor)
    with pytest.raises(CustomerMerged), acting_for(studio.id):
        add_user(CustomerUser(customer=merged, first_name="x"), actor=actor)


def test_old_external_ids_mean_the_one_that_stayed(studio: Company, actor: Actor) -> None:
    kept = someone(company=studio, external_id="r1", last_name="Díaz", email="a@b.example")
    merged = someone(company=studio, external_id="r7", last_name="Diaz", email="c@b.example")
    merge = merged_by(studio, actor, kept, merged)
    with acting_for(studio.id):
        done, is_new = upsert_customer(Wanted("r7", {"last_name": "Diez"}), actor=actor)
        assert (done.pk, is_new, done.external_id) == (kept.pk, False, "r1")
        assert [*Customer.objects.known_as("r7")] == [done]
    with pytest.raises(ExternalIdTaken):
        someone(company=studio, external_id="r7")
    act(studio, update_customer, kept, changes={"last_name": "Díaz"})
    undone(studio, actor, merge)
    assert fresh(merged).external_id == "r7"


# --- Rows that are never changed ---


def steal(studio: Company, table: str, into: Any, owner: Any) -> None:
    """Move rows to another customer without the journal, which the database must refuse."""
    sql = f"UPDATE {table} SET customer_id = %s WHERE customer_id = %s"
    refused = pytest.raises(DatabaseError, match=r"changed|stays with its customer")
    with acting_for(studio.id), refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, [into.pk, owner.pk])


def test_what_is_kept_moves_by_a_journal_alone(
    studio: Company, pair: tuple[Any, Any], actor: Actor
) -> None:
    kept, merged = pair
    tables = ("billing_payment", "billing_creditnote", "billing_invoice")
    for table in tables:
        steal(studio, table, kept, merged)
    merged_by(studio, actor, kept, merged)
    for table in tables:
        steal(studio, table, merged, kept)


# --- Undoing ---


def test_undoing_is_refused_by_the_name_of_what_was_changed(
    studio: Company, pair: tuple[Any, Any], actor: Actor
) -> None:
    kept, merged = pair
    merge = merged_by(studio, actor, kept, merged)
    invoice = next(iter(rows_of(kept)["billing_invoice"]))
    with acting_for(studio.id):
        row = Invoice.objects.get(pk=invoice)
        take_payment(Payment(invoice=row, amount=1, method="cash"), actor=actor)
    with pytest.raises(MergeNotUndoable, match="payment"):
        undone(studio, actor, merge)


def test_undoing_is_refused_where_a_field_was_changed_again(studio: Company, actor: Actor) -> None:
    kept = someone(company=studio, first_name="Ana", last_name="Díaz", birthday="")
    merged = someone(company=studio, first_name="Ana", last_name="Díaz", birthday="1990-05-04")
    merge = merged_by(studio, actor, kept, merged)
    act(studio, update_customer, kept, changes={"last_name": "Diez"})
    act(studio, update_customer, kept, changes={"birthday": "1991-05-04"})
    with pytest.raises(MergeNotUndoable, match="birthday"):
        undone(studio, actor, merge)
    act(studio, update_customer, kept, changes={"birthday": "1990-05-04"})
    undone(studio, actor, merge)
    assert (fresh(kept).birthday, fresh(kept).last_name) == ("", "Diez")
    with pytest.raises(MergeNotUndoable, match="already"):
        undone(studio, actor, merge)


def test_a_chain_leads_to_the_last_and_is_undone_backwards(studio: Company, actor: Actor) -> None:
    first, second, third = (someone(company=studio) for _ in range(3))
    note = ANote(company=studio, customer=first)
    one = merged_by(studio, actor, second, first)
    two = merged_by(studio, actor, third, second)
    assert fresh(first).merged_into_id == third.pk
    assert fresh(note).customer_id == third.pk
    with pytest.raises(MergeNotUndoable, match="later merge"):
        undone(studio, actor, one)
    undone(studio, actor, two)
    assert fresh(first).merged_into_id == second.pk
    undone(studio, actor, one)
    assert fresh(note).customer_id == first.pk
    assert fresh(first).merged_into_id is None


def test_the_days_for_undoing_end_and_an_erasure_ends_them(studio: Company, actor: Actor) -> None:
    kept, merged = someone(company=studio), someone(company=studio)
    merge = merged_by(studio, actor, kept, merged)
    with acting_for(studio.id):
        late = CustomerMerge.objects.get(pk=merge.pk)
        assert obstacle_to_undoing(late) == ""
        late.created_at -= datetime.timedelta(days=31)
        assert "30 days" in obstacle_to_undoing(late)
    Company.objects.filter(pk=studio.pk).update(erasure_days=0)
    act(studio, erase_person, act(studio, request_erasure, kept))
    with acting_for(studio.id):
        assert "erased" in obstacle_to_undoing(CustomerMerge.objects.get(pk=merge.pk))
    with pytest.raises(MergeNotUndoable, match="erased"):
        undone(studio, actor, merge)


def test_another_company_is_not_touched(studio: Company, rival: Company, actor: Actor) -> None:
    kept, merged = someone(company=studio), someone(company=studio)
    theirs = every_row(rival, "Rival")["customer"]
    before = everything(rival)
    merged_by(studio, actor, kept, merged)
    assert everything(rival) == before
    with acting_for(rival.id):
        assert MovedRow.objects.count() > 0, "of the rival's own merge"
        assert not CustomerMerge.objects.filter(kept_id=kept.pk).exists()
    assert fresh(theirs).merged_into_id is None
