"""Plans, subscriptions, invoices, payments and payment methods in the back-office."""

import datetime
from typing import Any

from django.utils.formats import date_format

from billing.models import Invoice, Plan, Subscription
from config.tenancy.archiving import archive_row
from config.tenancy.companies import Company
from config.tenancy.days import local_day
from tests.backoffice import Browser, count, errors, fresh, only, page_of, said, staff_changes
from tests.bulk import answered, asked, job_of
from tests.factories import APlan, ASubscription, act
from tests.jobs import finish
from tests.shares import undone

LIST = "/admin/billing/{}/"
ADD = "/admin/billing/{}/add/"


def typed(**fields: Any) -> dict[str, Any]:
    return {"name": "Weekly", "price": "45.00", "billing_period": "P1W"} | fields


def test_a_price_is_kept_in_its_currencys_smallest_unit(browser: Browser, studio: Company) -> None:
    for currency, price, units, shown in (
        ("GBP", "45.00", 4_500, "45.00"),
        ("jpy", "4500", 4_500, "4500"),
        ("KWD", "4.505", 4_505, "4.505"),
        ("GBP", "0", 0, "0.00"),
        ("GBP", "4.5", 450, "4.50"),
    ):
        with undone():
            browser.send(ADD.format("plan"), **typed(currency=currency, price=price))
            plan = only(Plan, studio)
            assert (plan.price, plan.currency) == (units, currency.upper())
            assert f'value="{shown}"' in browser.get(page_of(plan)).text
    browser.send(ADD.format("plan"), **typed())
    assert only(Plan, studio).currency == "GBP"
    assert "£45.00" in browser.get(LIST.format("plan")).text


def test_a_refused_plan_is_told_once_and_kept_as_typed(browser: Browser, studio: Company) -> None:
    write, bounds = "Write an amount such as 45.00.", "From £0.00 to £10,000,000,000.00."
    for price, currency, sentence in (
        ("45,00", "GBP", write),
        ("£45", "GBP", write),
        ("NaN", "GBP", write),
        ("1e99999999", "GBP", "Ensure that there are no more than 20 digits in total."),
        ("4.505", "GBP", "GBP has no coin as small as that."),
        ("45.50", "JPY", "JPY has no coin as small as that."),
        ("-1", "GBP", bounds),
        ("10000000000.01", "GBP", bounds),
    ):
        answer = browser.send(ADD.format("plan"), **typed(price=price, currency=currency))
        assert errors(answer) == {"price": [sentence]}
        assert answer.text.count(sentence) == 1
        assert f'value="{price}"' in answer.text
    answer = browser.send(ADD.format("plan"), **typed(grace_days="400"))
    assert errors(answer) == {"grace_days": ["Must be from 0 to 366 days; got “400”."]}
    assert said(answer) == []
    assert (count(Plan, studio), staff_changes()) == (0, [])


def test_the_price_of_a_plan_follows_its_currency(browser: Browser, studio: Company) -> None:
    plan = APlan(company=studio, price=4_500)
    assert browser.send(page_of(plan)).status_code == 302
    assert staff_changes() == [], "sent unchanged it leaves no trace"
    browser.send(page_of(plan), name="New name")
    assert (fresh(plan).name, fresh(plan).price) == ("New name", 4_500)
    browser.send(page_of(plan), currency="KWD")
    assert (fresh(plan).currency, fresh(plan).price) == ("KWD", 45_000)


def test_a_customer_is_subscribed(browser: Browser, studio: Company, customer: Any) -> None:
    plan = APlan(company=studio)
    chosen = {"customer": str(customer.pk), "plan": str(plan.pk)}
    unsaid = browser.send(ADD.format("subscription"), **chosen)
    assert errors(unsaid).keys() == {"billed"}
    assert count(Subscription, studio) == 0
    answer = browser.send(ADD.format("subscription"), **chosen, billed="elsewhere")
    made = only(Subscription, studio)
    assert answer["Location"] == page_of(made)
    assert (made.customer_id, made.plan_id, made.state) == (customer.pk, plan.pk, "ACTIVE")
    assert 'name="anchor_date"' not in browser.get(page_of(made)).text
    assert browser.post(page_of(made), anchor_date="2020-01-01").status_code == 403


def test_a_plan_is_sold_at_the_till_unless_another_system_bills_it(
    browser: Browser, studio: Company, customer: Any
) -> None:
    plan, add = APlan(company=studio), ADD.format("subscription")
    chosen = {"customer": str(customer.pk), "plan": str(plan.pk), "billed": "till"}
    yesterday = local_day(studio.pk) - datetime.timedelta(days=1)
    late = browser.send(add, **chosen, anchor_date=yesterday.isoformat())
    assert browser.form(late["Location"]).values["begins_on"] == yesterday.isoformat()
    answer = browser.send(add, **chosen)
    till = page_of(customer).replace("change", "till")
    assert answer["Location"] == f"{till}?sold=plan:{plan.pk}"
    assert count(Subscription, studio) == 0, "nothing is sold before its payment is recorded"
    form = browser.form(answer["Location"]).values
    assert form["sold"] == [f"plan:{plan.pk}"]
    assert said(browser.post(till, **form | {"paid_1": "money:card"}))[-1] == f"{plan.name}: paid."
    assert only(Subscription, studio).plan_id == plan.pk
    assert only(Invoice, studio).paid_at is not None


def test_refused_subscriptions_say_why(browser: Browser, studio: Company, customer: Any) -> None:
    plan = APlan(company=studio)
    day = datetime.date.today() + datetime.timedelta(days=9)
    chosen = {"customer": str(customer.pk), "plan": str(plan.pk), "billed": "elsewhere"}

    def refused(field: str, sentence: str, **more: str) -> None:
        before = count(Subscription, studio)
        answer = browser.send(ADD.format("subscription"), **chosen, **more)
        assert errors(answer) == {field: [sentence]}
        assert answer.text.count(sentence) == 1
        assert answer.text.count(f'value="{plan.pk}" selected') == 1
        assert count(Subscription, studio) == before

    future = "A subscription cannot begin in the future. Send today or an earlier day."
    refused("anchor_date", future, anchor_date=day.isoformat())
    with undone():
        ASubscription(company=studio, customer=customer, plan=plan)
        told = f"a subscription to the plan “{plan.name}”. Use that one, or cancel it first."
        refused("__all__", f"This customer already has {told}")
    act(studio, archive_row, plan)
    refused("plan", "This plan is archived. Restore it first.")


def test_a_subscription_is_paused_for_six_weeks(
    browser: Browser, studio: Company, customer: Any
) -> None:
    made = ASubscription(company=studio, customer=customer)
    pause = page_of(made).replace("change", "pause")
    page = browser.get(pause).text
    for weeks in ("1 week", "6 weeks", "Until it is resumed"):
        assert f">{weeks}</option>" in page, weeks
    today = local_day(studio.id)
    unexplained = browser.send(pause, weeks="6")
    assert unexplained.context["form"].errors.keys() == {"reason"}
    both = browser.send(pause, weeks="6", goes_on=today.isoformat(), reason="A broken ankle")
    assert "Choose a number of weeks or a day, not both." in both.text
    early = browser.send(pause, goes_on=today.isoformat(), reason="A broken ankle")
    assert early.text.count("which is not after today") == 1
    assert fresh(made).state == "ACTIVE"
    answer = browser.send(pause, weeks="6", reason="A broken ankle")
    assert answer["Location"] == page_of(made)
    until = today + datetime.timedelta(weeks=6)
    paused = fresh(made)
    assert (paused.state, paused.paused_until) == ("PAUSED", until)
    shown = date_format(until)
    page = browser.get(page_of(made)).text
    assert shown in page
    assert "A broken ankle" in page
    theirs = browser.get(page_of(customer)).text
    assert f"Paused until {shown}" in theirs
    assert f"until {shown}</span>" in theirs, "in the timeline"
    assert "A broken ankle" in theirs


def test_many_subscriptions_are_paused_with_a_reason(
    browser: Browser, studio: Company, customer: Any
) -> None:
    made = [ASubscription(company=studio, customer=customer) for _ in range(2)]
    until = local_day(studio.id) + datetime.timedelta(weeks=2)
    listed = LIST.format("subscription")
    page = asked(browser, listed, "pause", *made)
    page = answered(browser, listed, "pause", page, weeks="2")
    assert page.context["form"].errors.keys() == {"reason"}
    page = answered(browser, listed, "pause", page, reason="Closed for repairs")
    assert f"They go on by themselves on {date_format(until)}." in page.text
    finish(job_of(answered(browser, listed, "pause", page), studio.pk))
    facts = {(one.state, one.paused_until, one.pause_reason) for one in map(fresh, made)}
    assert facts == {("PAUSED", until, "Closed for repairs")}


def test_buttons_change_a_subscription(browser: Browser, studio: Company, customer: Any) -> None:
    made = ASubscription(company=studio, customer=customer)
    for button, state in [
        ("pause", "PAUSED"),
        ("resume", "ACTIVE"),
        ("suspend", "SUSPENDED"),
        ("reinstate", "ACTIVE"),
        ("cancel", "CANCELLED"),
    ]:
        assert f"{made.pk}/{button}/" in browser.get(page_of(made)).text
        answer = browser.press(page_of(made), button, reason="Away")
        assert fresh(made).state == state
        listed = browser.get(LIST.format("subscription"), standing="PAUSED").text
        assert (str(made.pk) in listed) is (state == "PAUSED")
    assert "cancelled" in said(answer)[-1]
    browser.press(page_of(made), "resume")
    assert said(browser.get(page_of(made))) == [
        "This subscription is cancelled for good. Make a new one."
    ]
    assert "/resume/" not in browser.get(page_of(made)).text
