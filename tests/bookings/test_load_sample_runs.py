"""`load_sample`: runs, one after the other, side by side, killed, and refused."""

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command

from bookings.sample import visits, workers
from bookings.sample.loading import _address
from bookings.sample.making import make_batch
from config.access.models import Company
from credits.proof import check_ledger
from tests.bookings.samples import ask, content, kept, load, number, run
from tests.factories import APlan, make_company

UNTIL = datetime.date(2026, 3, 1)


@pytest.fixture(scope="module", autouse=True)
def emptied(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Empty the tables when these tests are done, which all commit."""
    with kept(django_db_blocker):
        yield


@pytest.fixture(autouse=True)
def data(tmp_path: Path, settings: Any) -> Path:
    """A data folder of its own, where runs leave their marks."""
    settings.DATA_DIR = tmp_path
    return tmp_path


pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def customers(company: Company) -> int:
    return number("SELECT count(*) FROM customers_customer WHERE company_id = %s", company.id)


def test_the_verb_tells_what_it_made(studio: Company) -> None:
    document, err = run("--company", "studio", "--customers", "30", "--seed", "4")
    assert err == ""
    assert document["customers"] == document["rows"]["customers_customer"] == 30
    assert document["seed"] == 4
    for table, count in document["rows"].items():
        assert number(f"SELECT count(*) FROM {table}") == count, table


def test_people_are_told_in_words(studio: Company, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_sample", "--company", "studio", "--customers", "5", "--workers", "1")
    out, _ = capsys.readouterr()
    assert out.startswith("Studio Nine has 5 customers more, with ")
    assert "\n  customers_customer                    5\n" in out


def test_a_second_run_of_the_same_seed_adds_as_many_more(studio: Company) -> None:
    for _ in range(2):
        run("--company", "studio", "--customers", "40", "--seed", "4")
    assert customers(studio) == 80
    assert number("SELECT count(DISTINCT email) FROM customers_customer WHERE email <> ''") <= 40
    for table in ("bookings_service", "bookings_event", "credits_coupon", "customers_zone"):
        twice = f"SELECT name FROM {table} GROUP BY name HAVING count(*) > 1"
        assert ask(twice) == [], table
    assert number("SELECT count(*) FROM credits_creditrule") == 1
    assert check_ledger(studio.id)[0] == []


def test_a_seed_makes_the_same_people_whoever_makes_them() -> None:
    alone, side_by_side, other = (
        make_company(f"Company {name}", slug=name) for name in ("alone", "side", "other")
    )
    load(alone, 150, until=UNTIL, per_batch=40)
    load(side_by_side, 150, until=UNTIL, per_batch=40, workers=2)
    load(other, 150, until=UNTIL, per_batch=40, seed=8)
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
        patch.setattr(workers, "make_batch", make_two)
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


def test_a_batch_is_written_whole_or_not_at_all(
    studio: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def make_broken(world: Any, batch: int) -> Any:
        made = make_batch(world, batch)
        if batch == 1:
            made.late["billing_payment"].append(made.early["billing_payment"][0])
        return made

    monkeypatch.setattr(workers, "make_batch", make_broken)
    with pytest.raises(Exception, match="The database stopped it: duplicate key"):
        load(studio, 90, per_batch=30)
    assert customers(studio) == 30
    last = "SELECT COALESCE(sum(last), 0) FROM billing_invoiceseries"
    assert number(last) == number("SELECT count(*) FROM billing_invoice WHERE number <> ''")


def test_two_runs_at_once_for_a_company_are_one_too_many(studio: Company) -> None:
    with psycopg.connect(_address()) as other:
        key = f"load_sample {studio.id}"
        other.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [key])
        with pytest.raises(CommandError, match="load_sample is at work for studio already"):
            run("--company", "studio", "--customers", "1")
    assert customers(studio) == 0


def test_other_companies_can_go_on_writing_meanwhile(
    studio: Company, rival: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_in_between(database: Any, batch: Any, wait: Any = None) -> Any:
        def others_write() -> None:
            with psycopg.connect(_address(), options="-c lock_timeout=1s") as other:
                for table in ("customers_customer", "billing_payment", "bookings_booking"):
                    other.execute(f"LOCK TABLE {table} IN ROW EXCLUSIVE MODE")

        return real(database, batch, others_write)

    real = workers.write_batch
    monkeypatch.setattr(workers, "write_batch", write_in_between)
    assert load(studio, 20).customers == 20


def test_one_customer_can_be_made(studio: Company) -> None:
    for seed in range(5):
        load(studio, 1, seed=seed)
    assert customers(studio) == 5
    assert check_ledger(studio.id)[0] == []


def test_a_pass_that_is_bought_holds_enough_for_all_who_come(
    studio: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visits, "_SPACES", (6,))
    load(studio, 200)
    taken = "SELECT count(*) FROM credits_entry WHERE purchase_id IS NOT NULL AND amount = -6"
    assert number(taken) > 0
    assert check_ledger(studio.id)[0] == []


@pytest.mark.parametrize(
    ("currency", "country", "zone"),
    [
        ("JPY", "JP", "Asia/Tokyo"),
        ("MXN", "MX", "America/Mexico_City"),
        ("CLP", "CL", "America/Santiago"),
        ("KWD", "KW", "Asia/Kuwait"),
    ],
)
def test_any_company_can_have_them(currency: str, country: str, zone: str) -> None:
    company = make_company(
        country, slug=country.lower(), currency=currency, country=country, timezone=zone
    )
    load(company, 60)
    assert check_ledger(company.id)[0] == []
    assert ask("SELECT DISTINCT currency FROM billing_payment") == [(currency,)]


def test_a_plan_of_the_companys_own_is_used_as_it_is_and_grants_nothing_new(
    studio: Company,
) -> None:
    ours = APlan(company=studio, name="Studio membership", price=100)
    load(studio, 100)
    assert number("SELECT count(*) FROM billing_subscription WHERE plan_id = %s", ours.id) > 0
    assert number("SELECT count(*) FROM billing_plan WHERE name = 'Studio membership'") == 1
    assert number("SELECT count(*) FROM credits_creditrule") == 0


def test_an_archived_company_gets_none(studio: Company) -> None:
    studio.archived_at = studio.created_at
    studio.save()
    with pytest.raises(CommandError, match="Studio Nine is archived"):
        run("--company", "studio", "--customers", "1")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--customers", "0"), "--customers takes a number from 1 to 10,000,000."),
        (("--customers", "-5"), "--customers takes a number from 1 to 10,000,000."),
        (("--customers", "99999999"), "--customers takes a number from 1 to 10,000,000."),
        (("--customers", "5", "--company", "nobody"), "There is no company “nobody”"),
        (("--customers", "5", "--until", "2999-01-01"), "--until takes a day from 2000-01-01 to"),
        (("--customers", "5", "--workers", "0"), "--workers takes a number from 1 to 64."),
    ],
)
def test_what_cannot_be_made_is_refused_in_a_sentence(
    studio: Company, words: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(CommandError, match=sentence.replace("(", r"\(")):
        run("--company", "studio", *words)
    assert number("SELECT count(*) FROM bookings_service") == 0
