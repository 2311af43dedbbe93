"""Periodic work over all companies: one company's data never blocks another's (threat 46)."""

import ast
from typing import Any
from unittest.mock import Mock

import pytest
from django.core.management import CommandError, call_command
from procrastinate.contrib.django import app

from config.errors import Refusal
from config.jobs import sweeps
from config.jobs.models import SweepFailure
from config.jobs.sweeps import SWEEPS, Sweep, sweep_companies
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.permissions import Role
from config.tenancy.scoping import acting_for
from credits.actions import create_rule, issue_credit
from credits.actions import sweeps as granting
from credits.errors import AlreadyGranted, CouponArchived, CustomerGone, ExpiryPast
from credits.management.commands import check_ledger as proving
from credits.models import Coupon, Credit, CreditRule
from credits.tasks import expire, issue_recurring
from tests.backoffice import Browser
from tests.factories import (
    ACoupon,
    ACredit,
    ACustomer,
    APlan,
    ASubscription,
    make_company,
    make_staff,
)
from tests.source_files import ROOT, SOURCES

# Tasks on tables that belong to no company, so no company's rows can make them fail.
OF_THE_INSTALLATION = {
    "access.clear_misses",
    "access.clear_sessions",
    "access.clear_tokens",
    "access.forget_counters",
    "server.forget_jobs",
}


@pytest.fixture
def companies() -> list[Company]:
    return [make_company(f"Company {number}", slug=f"company-{number}") for number in range(4)]


def failures(company: Company) -> list[SweepFailure]:
    with acting_for(company.id):
        return list(SweepFailure.objects.filter(company=company))


def run(name: str) -> None:
    tasks = {one.task.name: one.task for one in app.periodic_registry.periodic_tasks.values()}
    tasks[name](timestamp=0)


def test_every_periodic_task_is_a_sweep_or_belongs_to_no_company() -> None:
    names = {one.task.name for one in app.periodic_registry.periodic_tasks.values()}
    assert names == SWEEPS.keys() | OF_THE_INSTALLATION
    assert not SWEEPS.keys() & OF_THE_INSTALLATION
    assert SWEEPS.keys() == {
        *("access.clear_answers", "billing.turn_subscriptions", "credits.expire", "home.tally"),
        *("credits.issue_recurring", "customers.sum_word_counts", "jobs.give_up_lost"),
        *("customers.find_duplicates", "customers.gather_names", "customers.erase_due"),
        *("jobs.remove_files", "requests.remove_old"),
        *("billing.resume_subscriptions", "bookings.complete_attended"),
    }


def test_nothing_but_a_sweep_goes_through_all_companies() -> None:
    """`check_ledger` loops over companies itself, and reports each that it could not check."""
    found = set()
    for file in SOURCES:
        if file.parts[0] == "tests":
            continue
        for node in ast.walk(ast.parse((ROOT / file).read_text())):
            if isinstance(node, ast.For | ast.comprehension):
                source = ast.unparse(node.iter)
                if "Company.objects" in source or source in ("companies", "list(companies)"):
                    found.add(str(file))
    assert found <= {
        "config/jobs/sweeps.py",
        "credits/management/commands/check_ledger.py",
        "customers/management/commands/replay_erasures.py",
        # A command, which can be repeated after an error.
        "config/server/keys.py",
        # Only the companies of one staff member, to name them in an e-mail.
        "config/access/signing_in/actions.py",
    }


def test_a_company_that_fails_stops_no_other(
    companies: list[Company], caplog: pytest.LogCaptureFixture, subtests: pytest.Subtests,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    for name, sweep in SWEEPS.items():
        done = []

        def fail_for_the_third(company: Company, sweep: Sweep = sweep, done: Any = done) -> None:
            if company == companies[2]:
                with acting_for(company.id):
                    Coupon.objects.filter(name="Zoë's secret").values_list(1 / 0)  # type: ignore[call-overload]
            sweep.run(company)
            done.append(company)

        broken = Sweep(name, fail_for_the_third, sweep.includes_archived)
        caplog.clear()
        with subtests.test(name):
            sweep_companies(broken)
            sweep_companies(broken)
            assert set(done) == set(companies) - {companies[2]}
            assert [len(failures(one)) for one in companies] == [0, 0, 1, 0]
            (failure,) = failures(companies[2])
            assert (failure.task, failure.times) == (name, 2)
            assert failure.last_at >= failure.created_at
            assert str(companies[2].id) in caplog.text
            assert name in caplog.text
            run(name)
            assert failures(companies[2]) == []
    # The negative control: without the guard, the first company that fails ends the sweep.
    tried = []

    def fail(company: Company) -> None:
        tried.append(company)
        raise ZeroDivisionError

    monkeypatch.setattr(sweeps, "record_failure", Mock(side_effect=ZeroDivisionError))
    with pytest.raises(ZeroDivisionError):
        sweep_companies(Sweep("credits.expire", fail, False))
    assert len(tried) == 1


def with_rule(company: Company, **coupon: Any) -> CreditRule:
    plan, issued = APlan(company=company), ACoupon(company=company, **coupon)
    ASubscription(company=company, customer=ACustomer(company=company), plan=plan)
    rule = CreditRule(plan=plan, coupon=issued, every=CreditRule.BILLING_CYCLE, rolls_over=True)
    with acting_for(company.id):
        return create_rule(rule, actor=Actor.command(company))


def issued(company: Company) -> int:
    with acting_for(company.id):
        return Credit.objects.filter(rule__isnull=False).count()


def test_a_coupon_stops_no_other_company_and_no_other_coupon(companies: list[Company]) -> None:
    rules = [with_rule(company, valid_for="P30D") for company in companies]
    with_rule(companies[2])
    with acting_for(companies[2].id):
        # A duration that the software never accepts.
        Coupon.objects.filter(pk=rules[2].coupon_id).update(valid_for="P1H")
    issue_recurring(timestamp=0)
    assert [issued(company) for company in companies] == [1] * 4
    assert [len(failures(one)) for one in companies] == [0, 0, 1, 0]


def test_a_grant_too_late_is_no_failure(studio: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    with_rule(studio)
    for refusal in (AlreadyGranted, CouponArchived, CustomerGone, ExpiryPast):
        monkeypatch.setattr(granting, "issue_credit", Mock(side_effect=refusal))
        issue_recurring(timestamp=0)
        assert granting.issue_credit.called  # type: ignore[attr-defined]
        assert (issued(studio), failures(studio)) == (0, []), refusal


def test_a_grant_that_is_refused_otherwise_is_told_and_stops_no_other(
    studio: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = with_rule(studio)
    with_rule(studio)

    def refuse_one(credit: Credit, **facts: Any) -> Credit:
        if credit.rule_id == broken.pk:
            raise ABadDuration
        return issue_credit(credit, **facts)

    monkeypatch.setattr(granting, "issue_credit", refuse_one)
    issue_recurring(timestamp=0)
    assert issued(studio) == 1
    (failure,) = failures(studio)
    assert (failure.task, failure.reason) == ("credits.issue_recurring", ABadDuration.message)
    monkeypatch.undo()
    issue_recurring(timestamp=0)
    assert (issued(studio), failures(studio)) == (2, [])


def test_one_failed_expiry_stops_no_other(studio: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    for _number in range(3):
        ACredit(company=studio)
    with acting_for(studio.id):
        Credit.objects.update(expires_at="2020-01-01T00:00Z")
        broken = Credit.objects.order_by("id")[1].pk
    close = granting.close

    def fail_for_one(holding: Credit, *args: Any, **kwargs: Any) -> bool:
        if holding.pk == broken:
            raise ValueError
        return close(holding, *args, **kwargs)

    monkeypatch.setattr(granting, "close", fail_for_one)
    expire(timestamp=0)
    with acting_for(studio.id):
        left = Credit.objects.filter(expired_at=None).values_list("pk", flat=True)
        assert list(left) == [broken]
    assert len(failures(studio)) == 1


class ABadDuration(Refusal):
    message = "The coupon “Gift” lasts for P9999Y. Give it at most 50 years."


def test_owners_see_on_their_home_page_what_failed(
    studio: Company, rival: Company, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    others = [
        make_staff(rival, email="olive@rival.example"),
        make_staff(studio, email="desk@studio.example", role=Role.FRONT_DESK),
    ]
    errors: dict[Exception, str] = {
        ABadDuration(): "The coupon “Gift” lasts for P9999Y. Give it at most 50 years.",
        ValueError("zoe@example.com"): "The cause is in the server’s log, at “credits.expire”",
    }
    for error, says in errors.items():

        def fail(company: Company, error: Exception = error) -> None:
            if company == studio:
                raise error

        sweep_companies(Sweep("credits.expire", fail, False))
        page = browser.get("/admin/").text
        assert "Some credits and passes that have expired are not written off yet." in page
        assert says in page
        assert "zoe@example.com" not in page + caplog.text
        for other in others:
            assert "needs your attention" not in Browser(other).get("/admin/").text
        run("credits.expire")
        assert "needs your attention" not in browser.get("/admin/").text


def test_the_proof_of_the_ledger_goes_on_after_a_company_that_it_cannot_check(
    companies: list[Company], monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    check = proving.check_ledger

    def fail_for_the_third(company_id: Any) -> Any:
        if company_id == companies[2].id:
            raise ValueError
        return check(company_id)

    monkeypatch.setattr(proving, "check_ledger", fail_for_the_third)
    unchecked = r"company-2: company .*: could not be checked: ValueError"
    with pytest.raises(CommandError, match=unchecked):
        call_command("check_ledger")
    assert capsys.readouterr().out.count(": sound") == 3
