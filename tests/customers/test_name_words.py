"""The table of name words, which the search for misspelt names uses, follows the customers."""

import threading
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction

from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers import tasks
from customers.actions import archive_customer, update_customer
from customers.models import Customer
from customers.models.finding import gather_names, sum_word_counts, tidy_names
from tests.conftest import DATABASES
from tests.factories import ACustomer, make_company

committed = pytest.mark.django_db(transaction=True, databases=DATABASES)


def names(company: Company) -> list[str]:
    """Return the company's name words, with repetitions."""
    with acting_for(company.id), connection.cursor() as cursor:
        cursor.execute(
            "SELECT word FROM customers_nameword WHERE company_id = %s ORDER BY word", [company.id]
        )
        return [word for (word,) in cursor.fetchall()]


def upkeep() -> None:
    tasks.sum_counts(timestamp=0)
    tasks.gather(timestamp=0)


def forget_all() -> None:
    """Empty the tables, as they are directly after the upgrade that creates them."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("DELETE FROM customers_nameword; DELETE FROM customers_namegathering")


def found(company: Company, query: str) -> list[str]:
    with acting_for(company.id):
        return [one.last_name for one in Customer.objects.likeliest(query, 7)]


def test_words_of_names_are_noted_with_the_customer_and_those_of_e_mails_are_not(
    studio: Company, rival: Company
) -> None:
    ACustomer(company=studio, first_name="Zoë", last_name="Smith-Ng", email="panda@mail.example")
    acme = {"first_name": "Bea", "last_name": "O’Neill", "legal_name": "Legal"}
    ACustomer(company=studio, name="Acme 24 Yoga", **acme)
    expected = ["acme", "bea", "neill", "oneill", "smith", "smithng", "yoga", "zoe"]
    assert names(studio) == expected
    assert names(rival) == []
    with acting_for(studio.id):
        Customer.objects.bulk_create(
            Customer(company=studio, first_name=first, last_name="Smith", phone="1")
            for first in ("Zoe", "Bo", "Maximilian", "Maximilian")
        )
    assert names(studio) == sorted([*expected, "maximilian"]), "what is known is noted once"


def test_a_new_name_counts_at_once_and_a_vanished_one_no_more(
    studio: Company, actor: Actor
) -> None:
    customer = ACustomer(company=studio, first_name="Jan", last_name="Kowalczyk")
    same = ACustomer(company=studio, first_name="Eva", last_name="Kowalczyk")
    assert len(found(studio, "kowalczik")) == 2
    with acting_for(studio.id):
        update_customer(customer, changes={"last_name": "Nowakowska"}, actor=actor)
        assert "kowalczyk" in names(studio)
        archive_customer(same, actor=actor)
    assert found(studio, "nowakovska") == ["Nowakowska"]
    upkeep()
    assert found(studio, "kowalczik") == ["Kowalczyk"], "an archived customer is found"
    with acting_for(studio.id):
        # An erasure overwrites the name like this.
        Customer.objects.filter(pk=same.pk).update(first_name="", last_name="", name="Erased")
        assert found(studio, "kowalczik") == []
        assert sum_word_counts() > 0
        assert tidy_names() > 0
    assert names(studio) == ["erased", "jan", "nowakowska"]


@committed
def test_repeated_words_are_made_one(studio: Company, rival: Company) -> None:
    for company in (studio, rival):
        ACustomer(company=company, first_name="Jan", last_name="Kowalczyk")
    with connections["owner"].cursor() as cursor:
        cursor.execute("INSERT INTO customers_nameword SELECT * FROM customers_nameword")
    assert found(studio, "kowalczik") == ["Kowalczyk"]
    with acting_for(studio.id):
        assert tidy_names() == 2
        assert tidy_names() == 0
    assert (names(studio), len(names(rival))) == (["jan", "kowalczyk"], 4)


@committed
def test_customers_from_before_the_upgrade_are_gathered_in_batches(
    studio: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = make_company("Empty")
    for number in range(7):
        ACustomer(company=studio, first_name="Kim", last_name=f"Name{'abcdefg'[number]}")
    forget_all()
    assert found(studio, "namea") == ["Namea"], "the search finds names as they are, meanwhile"
    assert found(studio, "nameh") == []
    with acting_for(studio.id):
        assert gather_names(3)
    # Words of customers that are written meanwhile are added at once.
    ACustomer(company=studio, first_name="Meanwhile", last_name="Kim")
    assert names(studio) == ["kim", "meanwhile", "namea", "nameb", "namec"]
    monkeypatch.setattr(tasks, "BATCH", 3)
    monkeypatch.setattr(tasks, "MOST_BATCHES", 1)
    tasks.gather(timestamp=0)
    assert len(names(studio)) == 8, "a run goes on where the last one ended"
    monkeypatch.setattr(tasks, "MOST_BATCHES", 5)
    tasks.gather(timestamp=0)
    assert len(names(studio)) == 9
    assert (names(empty), len(found(studio, "nameh"))) == ([], 7)


@committed
def test_all_are_gathered_again_after_a_week(studio: Company) -> None:
    ACustomer(company=studio, first_name="Jan", last_name="Kowalczyk")
    upkeep()
    with connections["owner"].cursor() as cursor:
        cursor.execute("DELETE FROM customers_nameword")
        tasks.gather(timestamp=0)
        assert names(studio) == []
        cursor.execute("UPDATE customers_namegathering SET ended_at = now() - interval '8 days'")
    tasks.gather(timestamp=0)
    assert names(studio) == ["jan", "kowalczyk"]


@committed
def test_a_run_that_is_killed_goes_on_with_the_batch_that_it_lost(
    studio: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        ACustomer(company=studio, first_name="Kim", last_name=f"Name{'abcdef'[number]}")
    forget_all()
    monkeypatch.setattr(tasks, "BATCH", 2)
    batches = iter((True, False))

    def die_after_the_second(most: int) -> bool:
        more = gather_names(most)
        if not next(batches):
            raise KeyboardInterrupt
        return more

    monkeypatch.setattr(tasks, "gather_names", die_after_the_second)
    with pytest.raises(KeyboardInterrupt):
        tasks.gather(timestamp=0)
    assert names(studio) == ["kim", "namea", "nameb"], "what the second batch wrote is gone with it"
    monkeypatch.undo()
    tasks.gather(timestamp=0)
    assert len(names(studio)) == 7


def test_the_runtime_role_cannot_write_the_words_nor_read_others(
    studio: Company, rival: Company
) -> None:
    ACustomer(company=rival, first_name="Jan", last_name="Kowalczyk")
    for table in ("customers_nameword", "customers_namegathering"):
        with acting_for(studio.id), connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {table} WHERE company_id = %s", [rival.id])
            assert cursor.fetchone() == (0,)
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                cursor.execute(f"DELETE FROM {table}")
            with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                cursor.execute("SELECT customers_similar_words(%s, 'kowalczik', 5)", [rival.id])


@committed
def test_writers_of_the_same_new_name_do_not_wait_for_each_other() -> None:
    company = make_company("Busy")
    customers = [ACustomer(company=company, first_name="A", phone=str(n)) for n in range(2)]
    both, failed = threading.Barrier(2, timeout=20), list[Any]()

    def rename(customer: Customer) -> None:
        try:
            with acting_for(company.id):
                Customer.objects.filter(pk=customer.pk).update(last_name="Kowalczyk")
                # Each thread writes before either commits.
                both.wait()
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=rename, args=(one,)) for one in customers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(found(company, "kowalczik")) == 2
    upkeep()
    assert names(company).count("kowalczyk") == 1
