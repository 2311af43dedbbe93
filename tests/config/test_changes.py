"""Every change of every row is recorded, however it was made (threat 38)."""

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections, transaction
from django.db.utils import DatabaseError, ProgrammingError

from billing.models import SubscriptionPause
from config.access.actions import rotate_api_client
from config.access.models import ApiClient, ApiKey
from config.changes.models import Change
from config.changes.operations import BESIDE
from config.tenancy.actors import Actor
from config.tenancy.authors import UNRECORDED
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from credits.actions import redeem_credit
from credits.models import Entry
from customers.models import Customer, Zone
from tests.changes import NEW_COMPANY, recorded, sql
from tests.factories import (
    ACredit,
    ACustomer,
    AnEventDate,
    AnInvoice,
    APaymentMethod,
    APlace,
    ASubscription,
    make_api_client,
    make_api_key,
)

# Tables of a company whose changes are not recorded, with the reason.
UNRECORDED_TABLES = {
    "changes_change": "is the record itself",
    "bookings_engagement": "is kept by the database, and follows from bookings and event dates",
    **dict.fromkeys(
        ("jobs_job", "jobs_jobrefusal", "jobs_storedfile", "jobs_chunk"),
        "tells for itself who had what done, and how far that is",
    ),
    **dict.fromkeys(
        ("changes_webhookdelivery", "changes_webhookattempt"),
        "is the log of what was sent, each attempt of it",
    ),
    **dict.fromkeys(
        ("requests_apirequest", "requests_requestcount"), "is the log of requests itself"
    ),
    "changes_dataexport": "is the log of what was taken out",
    "customers_erasuremark": "is written with its erasure, and is a digest",
    "access_keptanswer": "is what was answered, for three days; what it did is recorded",
    "customers_wordcount": "is counted by the database, and follows from the customers",
    "customers_duplicate": "follows from the customers, and says for itself who dismissed it",
    "customers_duplicatesearch": "says how far a search is",
    **dict.fromkeys(
        ("customers_nameword", "customers_namegathering"),
        "is kept by the database, and follows from the customers",
    ),
    "jobs_sweepfailure": "says for itself what failed, since when and how often",
    "home_tally": "is counted again and again, and follows from the rest",
    "billing_invoiceseries": "is a counter: the number stands on each invoice",
    "billing_creditnoteseries": "is a counter: the number stands on each credit note",
    "customers_customermerge": "says for itself who merged whom; what moved is recorded",
    "customers_movedrow": "is the journal of a merge; each change that it tells of is recorded",
    "billing_creditnotetax": "is written with its credit note, which shows it",
}
SECRETS = ("token", "secret", "password", "digest", "checksum")


def triggers() -> dict[str, set[str]]:
    """Return the names of the triggers that record changes, by table."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT relname, array_agg(tgname::text) FROM pg_trigger"
            " JOIN pg_class ON pg_class.oid = tgrelid"
            " WHERE tgname LIKE 'changes\\_%' AND tgenabled = 'O'"
            " AND COALESCE(tgnewtable, tgoldtable) IS NOT NULL"
            " GROUP BY relname"
        )
        return {table: set(names) for table, names in cursor.fetchall()}


def tables_of_companies() -> set[str]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid"
            " WHERE attname = 'company_id' AND relkind IN ('r', 'p')"
            " AND relnamespace = 'public'::regnamespace"
        )
        return {table for (table,) in cursor.fetchall()}


# --- Everything is recorded ---


def test_every_table_of_a_company_is_recorded() -> None:
    verbs = {"changes_created", "changes_changed", "changes_deleted"}
    expected = tables_of_companies() - UNRECORDED_TABLES.keys() | {"access_company", "access_staff"}
    assert triggers() == dict.fromkeys(expected, verbs)


def test_no_secret_and_nothing_that_follows_from_the_rest_is_told() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT proname, prosrc FROM pg_proc WHERE proname LIKE '%\\_changes'")
        sources = {name.removesuffix("_changes"): source for name, source in cursor.fetchall()}
        cursor.execute(
            "SELECT attrelid::regclass::text, attname, attgenerated <> '' FROM pg_attribute"
            " WHERE attnum > 0 AND NOT attisdropped AND attrelid::regclass::text = ANY (%s)",
            [list(sources)],
        )
        columns = cursor.fetchall()
    for table, column, is_generated in columns:
        hidden = re.findall(r"[a-z_0-9]+", " ".join(re.findall(r"'\{(.*?)\}'", sources[table])))
        is_secret = any(word in column for word in SECRETS)
        must_hide = is_generated or is_secret or column in BESIDE
        assert not must_hide or column in hidden, f"{table}.{column}: KeepChanges once more"


UPSERT = (
    "INSERT INTO customers_zone (id, company_id, name, postal_codes) VALUES"
    " (%s, %s, 'A', '{}'), (%s, %s, 'B', '{}') ON CONFLICT (id) DO UPDATE SET name = 'C'"
)


def test_as_many_changes_are_recorded_as_rows_changed(studio: Company) -> None:
    both: list[Any] = [ACustomer(company=studio, last_name="Old") for _ in range(2)]
    one, other = both
    one.last_name = other.last_name = "New"
    one.first_name = "Saved"
    many = [Customer(company=studio, name=f"Bulk {n}") for n in range(3)]
    zones = (uuid.uuid4(), studio.id, uuid.uuid4(), studio.id)
    for expected, way in (
        (2, lambda: Customer.objects.bulk_update(both, ["last_name"])),
        (1, one.save),
        (3, lambda: Customer.objects.bulk_create(many)),
        (2, lambda: Customer.objects.filter(last_name="New").update(is_active=False)),
        (1, lambda: sql("UPDATE customers_customer SET email = 'r@x.y' WHERE id = %s", other.id)),
        (2, lambda: sql(UPSERT, *zones)),
    ):
        with recorded(studio) as changes, acting_for(studio.id):
            way()
        assert len(changes) == expected, changes
        assert len({change.object_id for change in changes}) == expected


def test_a_copy_and_a_delete_as_the_owner_are_recorded() -> None:
    zones = {str(uuid.uuid4()): f"Zone {n}" for n in range(100)}
    with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
        cursor.execute("SELECT session_user")
        (owner,) = cursor.fetchone()
        cursor.execute(NEW_COMPANY, [company := uuid.uuid4()])
        with cursor.copy(
            "COPY customers_zone (id, company_id, name, postal_codes) FROM STDIN"
        ) as to:
            for id, name in zones.items():
                to.write_row((id, company, name, "{}"))
        cursor.execute("DELETE FROM customers_zone WHERE company_id = %s", [company])
        cursor.execute(
            "SELECT operation, actor_kind, actor_name, count(*), count(DISTINCT object_id)"
            " FROM changes_change WHERE company_id = %s AND table_name = 'customers_zone'"
            " GROUP BY 1, 2, 3 ORDER BY 1",
            [company],
        )
        assert cursor.fetchall() == [
            ("created", "database", owner, 100, 100),
            ("deleted", "database", owner, 100, 100),
        ]


def test_what_the_database_changes_along_is_recorded(studio: Company) -> None:
    date = AnEventDate(company=studio)
    places = [APlace(company=studio, event_date=date) for _ in range(2)]
    with recorded(studio) as changes, acting_for(studio.id):
        sql("UPDATE bookings_eventdate SET duration = 90 WHERE id = %s", date.id)
    moved = {change.object_id for change in changes if change.table_name == "bookings_booking"}
    assert moved == {place.id for place in places}
    assert len(changes) == 3


def test_a_row_whose_id_is_changed_goes_and_comes(studio: Company) -> None:
    with acting_for(studio.id):
        zone = Zone.objects.create(company=studio, name="Old", postal_codes=[])
        fresh = uuid.uuid4()
        with recorded(studio) as changes:
            sql("UPDATE customers_zone SET id = %s WHERE id = %s", fresh, zone.id)
    facts = {(change.operation, change.object_id) for change in changes}
    assert facts == {("deleted", zone.id), ("created", fresh)}
    assert [bool(change.before) for change in changes] != [bool(change.after) for change in changes]


def test_what_changes_nothing_or_was_rolled_back_is_not_recorded(studio: Company) -> None:
    customer = ACustomer(company=studio)
    with recorded(studio) as changes, acting_for(studio.id):
        customer.save()
        sql("UPDATE customers_customer SET updated_at = now()")
        with transaction.atomic():
            Customer.objects.update(last_name="Never")
            transaction.set_rollback(True)
        Customer.objects.filter(id=customer.id).update(last_name="Ever")
    assert [change.after for change in changes] == [{"last_name": "Ever"}]


# --- The content of a change ---


def test_a_change_holds_what_was_before_and_after_and_no_more(studio: Company) -> None:
    with recorded(studio) as changes, acting_for(studio.id):
        customer = ACustomer(company=studio, first_name="Ana", last_name="Diaz")
        Customer.objects.filter(id=customer.id).update(first_name="Anna", last_name="Diaz")
    [created, change] = changes
    assert (created.operation, created.before) == ("created", None)
    assert created.after["first_name"] == "Ana"
    assert not {"id", "company_id", "search_words", "updated_at"} & created.after.keys()
    assert (change.table_name, change.object_id) == ("customers_customer", customer.id)
    assert (change.operation, change.customer_id) == ("changed", customer.id)
    assert (change.before, change.after) == ({"first_name": "Ana"}, {"first_name": "Anna"})


def test_what_hangs_on_a_customer_is_in_their_audit(studio: Company, actor: Actor) -> None:
    customer = ACustomer(company=studio)
    credit = ACredit(company=studio, customer=customer, amount=500)
    AnInvoice(company=studio, customer=customer)
    subscription = ASubscription(company=studio, customer=customer)
    with acting_for(studio.id):
        redeem_credit(credit, reference="r1", amount=100, actor=actor)
        SubscriptionPause.objects.create(
            company=studio,
            subscription=subscription,
            paused_at=subscription.created_at,
            resumed_at=subscription.created_at + timedelta(days=1),
        )
        tables = set(Change.objects.of_customer(customer.id).values_list("table_name", flat=True))
        assert Change.objects.filter(customer_id=None, table_name=Entry._meta.db_table).count() == 0
    assert tables >= {
        *("customers_customer", "credits_credit", "credits_entry", "billing_invoice"),
        *("billing_invoiceline", "billing_subscription", "billing_subscriptionpause"),
    }


def test_tokens_secrets_and_digests_are_never_recorded(studio: Company) -> None:
    with recorded(studio) as changes:
        APaymentMethod(company=studio, customer=ACustomer(company=studio), token="tok_private")
        client, secret = make_api_client(studio, name="A", scopes=["customers:read"])
        key, text = make_api_key(studio, name="B", scopes=["customers:read"])
        new = rotate_api_client(client, actor=Actor.command(studio))
    told = " ".join(f"{change.before} {change.after}" for change in changes)
    kept = (ApiClient.objects.get(pk=client.pk).client_secret, ApiKey.objects.get(pk=key.pk).digest)
    for private in ("tok_private", secret, text, new, *kept):
        assert private not in told
    assert "visa" in told
    rotated = changes[-1]
    assert rotated.table_name == "access_apiclient"
    assert rotated.after == {"client_secret": "(hidden, new)"}


def test_a_change_of_staff_is_recorded_at_work(studio: Company, rival: Company, owner: Any) -> None:
    with recorded(studio) as changes, recorded(rival) as others:
        with acting_for(studio.id):
            owner.email, owner.password = "new@studio.example", "another hash"
            owner.save()
        owner.last_login = owner.created_at
        owner.save()
    [change] = changes
    assert others == []
    assert change.before == {"email": "olive@studio.example", "password": "(hidden)"}
    assert change.after == {"email": "new@studio.example", "password": "(hidden, new)"}


# --- Changes are immutable ---

EDITS = [
    "UPDATE changes_change SET reason = 'x'",
    "DELETE FROM changes_change",
    "TRUNCATE changes_change",
]


def test_the_software_may_only_read_what_was_recorded(studio: Company) -> None:
    with acting_for(studio.id):
        for statement in [*EDITS, "INSERT INTO changes_change (id) VALUES (1)"]:
            denied = pytest.raises(ProgrammingError, match="permission denied")
            with denied, transaction.atomic():
                sql(statement)


def test_the_owner_changes_and_removes_nothing_either() -> None:
    with transaction.atomic("owner"):
        sql(NEW_COMPANY, uuid.uuid4(), using="owner")
        for statement in EDITS:
            with pytest.raises(DatabaseError, match="never changed"), transaction.atomic("owner"):
                sql(statement, using="owner")


def test_another_company_reads_none_of_it(studio: Company, rival: Company) -> None:
    ACustomer(company=studio)
    with acting_for(rival.id):
        sql("SELECT company_id FROM changes_change")
        assert not Change.objects.exclude(company_id=rival.id).exists()
        assert Change.objects.exists()


def test_only_the_owner_may_keep_something_out_of_the_record(studio: Company) -> None:
    with recorded(studio) as changes, acting_for(studio.id):
        sql(UNRECORDED)
        Zone.objects.create(company=studio, name="Told", postal_codes=[])
    assert [change.after["name"] for change in changes] == ["Told"]
    with transaction.atomic("owner"):
        sql(UNRECORDED, using="owner")
        sql(NEW_COMPANY, uuid.uuid4(), using="owner")
        with connections["owner"].cursor() as cursor:
            cursor.execute("SELECT count(*) FROM changes_change")
            assert cursor.fetchone() == (0,)
