"""`load_sample`: sequential, concurrent, killed and refused runs."""

import datetime
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command

from config.demo import making, visits, writing
from config.demo.loading import owner_address
from config.demo.making import make_batch
from config.tenancy.companies import Company
from credits.proof import check_ledger
from tests.config.samples import ask, content, kept, load, number, run
from tests.factories import APlan, make_company

UNTIL = datetime.date(2026, 3, 1)


@pytest.fixture(scope="module", autouse=True)
def emptied(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Empty the tables after these tests, which all commit."""
    with kept(django_db_blocker):
        yield


@pytest.fixture(autouse=True)
def data(tmp_path: Path, settings: Any) -> None:
    """A data folder of its own, in which runs write their markers."""
    settings.DATA_DIR = tmp_path


pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def customers(company: Company) -> int:
    return number("SELECT count(*) FROM customers_customer WHERE company_id = %s", company.id)


def test_the_verb_tells_what_it_made_and_again_adds_as_many_more(
    studio: Company, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--company", "studio", "--customers", "30", "--seed", "4")
    document, err = run(*words)
    assert (err, document["seed"], document["customers"]) == ("", 4, 30)
    for table, count in document["rows"].items():
        assert number(f"SELECT count(*) FROM {table}") == count, table
    call_command("load_sample", *words, "--workers", "1")
    out, _ = capsys.readouterr()
    assert out.startswith("Studio Nine has 30 customers more, with ")
    assert re.search(r"\n  customers_customer +30\n", out)
    assert customers(studio) == 60
    assert number("SELECT count(DISTINCT email) FROM customers_customer WHERE email <> ''") <= 30
    for table in ("bookings_service", "bookings_event", "credits_coupon", "customers_zone"):
        twice = f"SELECT name FROM {table} GROUP BY name HAVING count(*) > 1"
        assert ask(twice) == [], table
    assert number("SELECT count(*) FROM credits_creditrule") == 1
    assert check_ledger(studio.id)[0] == []


def test_a_seed_makes_the_same_people_whoever_makes_them() -> None:
    alone, side_by_side, other = (
        make_company(f"Company {name}", slug=name) for name in ("alone", "side", "other")
    )
    load(alone, 90, until=UNTIL, per_batch=40)
    load(side_by_side, 90, until=UNTIL, per_batch=40, workers=2)
    load(other, 90, until=UNTIL, per_batch=40, seed=8)
    assert content(alone) == content(side_by_side)
    assert content(alone)["customers_customer"] != content(other)["customers_customer"]


def test_what_a_killed_run_wrote_is_whole_and_the_next_run_says_so(
    studio: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def make_two(world: Any, batch: int) -> Any:
        if batch == 2:
            raise KeyboardInterrupt
        return make_batch(world, batch)

    with monkeypatch.context() as patch:
        patch.setattr(making, "make_batch", make_two)
        with pytest.raises(KeyboardInterrupt):
            load(studio, 100, per_batch=30)
    assert customers(studio) == 60
    assert check_ledger(studio.id)[0] == []
    err = run("--company", "studio", "--customers", "10")[1]
    assert err == (
        "An earlier run was stopped: at least 60 of its 100 customers are there, each of them"
        " whole, and stay. This run adds to them.\n"
    )
    assert customers(studio) == 70
    assert run("--company", "studio", "--customers", "1")[1] == "", "and says it once"


def test_a_batch_is_whole_or_not_written(studio: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    def make_broken(world: Any, batch: int) -> Any:
        made = make_batch(world, batch)
        if batch == 1:
            made.late["billing_payment"].append(made.early["billing_payment"][0])
        return made

    monkeypatch.setattr(making, "make_batch", make_broken)
    with pytest.raises(Exception, match="The database stopped it: duplicate key"):
        load(studio, 90, per_batch=30)
    assert customers(studio) == 30
    last = "SELECT COALESCE(sum(last), 0) FROM billing_invoiceseries"
    assert number(last) == number("SELECT count(*) FROM billing_invoice WHERE number <> ''")


def test_other_companies_can_go_on_writing_meanwhile(
    studio: Company, rival: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_in_between(database: Any, batch: Any, wait: Any = None) -> Any:
        def others_write() -> None:
            with psycopg.connect(owner_address(), options="-c lock_timeout=1s") as other:
                for table in ("customers_customer", "billing_payment", "bookings_booking"):
                    other.execute(f"LOCK TABLE {table} IN ROW EXCLUSIVE MODE")

        return real(database, batch, others_write)

    real = writing.write_batch
    monkeypatch.setattr(writing, "write_batch", write_in_between)
    assert load(studio, 20) == 20


def test_a_pass_that_is_bought_holds_enough_for_all_who_come(
    studio: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visits, "_SPACES", (6,))
    load(studio, 200)
    taken = "SELECT count(*) FROM credits_entry WHERE purchase_id IS NOT NULL AND amount = -6"
    assert number(taken) > 0
    assert check_ledger(studio.id)[0] == []


def test_any_company_can_have_any_number_of_them(studio: Company) -> None:
    for currency, country, zone in (
        ("JPY", "JP", "Asia/Tokyo"),
        ("MXN", "MX", "America/Mexico_City"),
        ("CLP", "CL", "America/Santiago"),
        ("KWD", "KW", "Asia/Kuwait"),
    ):
        terms = {"currency": currency, "country": country, "timezone": zone}
        company = make_company(country, slug=country.lower(), **terms)
        load(company, 60)
        assert check_ledger(company.id)[0] == [], country
        used = "SELECT DISTINCT currency FROM billing_payment WHERE company_id = %s"
        assert ask(used, company.id) == [(currency,)]
    for seed in range(5):
        load(studio, 1, seed=seed)
    assert customers(studio) == 5
    assert check_ledger(studio.id)[0] == []


def test_a_plan_of_the_company_is_used_as_it_is_and_grants_nothing_new(studio: Company) -> None:
    ours = APlan(company=studio, name="Monthly membership", price=100)
    load(studio, 100)
    assert number("SELECT count(*) FROM billing_subscription WHERE plan_id = %s", ours.id) > 0
    assert number("SELECT count(*) FROM billing_plan WHERE name = 'Monthly membership'") == 1
    assert number("SELECT count(*) FROM credits_creditrule") == 0


def test_what_cannot_be_made_is_refused_in_a_sentence(studio: Company) -> None:
    for sentence, *words in (
        ("--customers takes a number from 1 to 10,000,000.", "--customers", "0"),
        ("--customers takes a number from 1 to 10,000,000.", "--customers", "-5"),
        ("--customers takes a number from 1 to 10,000,000.", "--customers", "99999999"),
        ("There is no company “nobody”", "--customers", "5", "--company", "nobody"),
        ("--until takes a day from 2000-01-01 to", "--customers", "5", "--until", "2999-01-01"),
        ("--workers takes a number from 1 to 64.", "--customers", "5", "--workers", "0"),
    ):
        with pytest.raises(CommandError, match=re.escape(sentence)):
            run("--company", "studio", *words)
    one = ("--company", "studio", "--customers", "1")
    with psycopg.connect(owner_address()) as other:
        key = f"load_sample {studio.id}"
        other.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [key])
        with pytest.raises(CommandError, match="load_sample is at work for studio already"):
            run(*one)
    studio.archived_at = studio.created_at
    studio.save()
    with pytest.raises(CommandError, match="Studio Nine is archived"):
        run(*one)
    assert number("SELECT count(*) FROM bookings_service") == 0
