"""Plans, subscriptions, invoices, payments and payment methods in the back-office."""

import datetime
from typing import Any

import pytest

from billing.actions import archive_plan, pause_subscription
from billing.models import Plan, Subscription
from config.access.actors import Actor
from config.access.models import Company
from config.access.tenancy import acting_for
from tests.backoffice import Browser, count, errors, fresh, page_of, said, staff_changes
from tests.factories import (
    ACustomer,
    APlan,
    ASubscription,
)

LIST = "/admin/billing/{}/"
ADD = "/admin/billing/{}/add/"


@pytest.fixture
def customer(studio: Company) -> Any:
    return ACustomer(company=studio, first_name="Ana", last_name="Díaz")


def only(model: Any, company: Company) -> Any:
    with acting_for(company.id):
        return model.objects.select_related("customer").get()


def typed(**fields: Any) -> dict[str, Any]:
    return {"name": "Weekly", "price": "45.00", "billing_period": "P1W"} | fields


# --- Plans ---


def test_a_plan_is_made_with_its_price_as_people_write_it(
    browser: Browser, studio: Company
) -> None:
    assert browser.send(ADD.format("plan"), **typed()).status_code == 302
    with acting_for(studio.id):
        plan = Plan.objects.get()
    assert (plan.price, plan.currency, plan.company) == (4_500, "GBP", studio)
    assert "£45.00" in browser.get(LIST.format("plan")).text
    assert 'value="45.00"' in browser.get(page_of(plan)).text


@pytest.mark.parametrize(
    ("currency", "price", "units"),
    [("jpy", "4500", 4_500), ("KWD", "4.505", 4_505), ("GBP", "0", 0), ("GBP", "4.5", 450)],
)
def test_a_price_is_kept_in_the_smallest_unit_of_its_currency(
    currency: str, price: str, units: int, browser: Browser, studio: Company
) -> None:
    answer = browser.send(ADD.format("plan"), **typed(currency=currency, price=price))
    assert answer.status_code == 302
    with acting_for(studio.id):
        plan = Plan.objects.get()
    assert (plan.price, plan.currency) == (units, currency.upper())


@pytest.mark.parametrize(
    ("price", "currency", "sentence"),
    [
        ("45,00", "GBP", "Write an amount such as 45.00."),
        ("£45", "GBP", "Write an amount such as 45.00."),
        ("1e99999999", "GBP", "Ensure that there are no more than 20 digits in total."),
        ("NaN", "GBP", "Write an amount such as 45.00."),
        ("4.505", "GBP", "GBP has no coin as small as that."),
        ("45.50", "JPY", "JPY has no coin as small as that."),
        ("-1", "GBP", "From £0.00 to £10,000,000,000.00."),
        ("10000000000.01", "GBP", "From £0.00 to £10,000,000,000.00."),
    ],
)
def test_a_price_that_is_none_is_refused_once_and_kept_as_it_was_typed(
    price: str, currency: str, sentence: str, browser: Browser, studio: Company
) -> None:
    answer = browser.send(ADD.format("plan"), **typed(price=price, currency=currency))
    assert answer.status_code == 200
    assert errors(answer) == {"price": [sentence]}
    assert answer.text.count(sentence) == 1
    assert f'value="{price}"' in answer.text
    assert count(Plan, studio) == 0


def test_what_the_action_refuses_of_a_plan_is_told_at_its_field(
    browser: Browser, studio: Company
) -> None:
    answer = browser.send(ADD.format("plan"), **typed(grace_days="400"))
    assert errors(answer) == {"grace_days": ["From 0 to 366 days."]}
    assert said(answer) == []
    assert (count(Plan, studio), staff_changes()) == (0, [])


def test_a_plan_is_changed_and_the_price_follows_the_currency(
    browser: Browser, studio: Company
) -> None:
    plan = APlan(company=studio, price=4_500)
    browser.send(page_of(plan), name="New name")
    assert (fresh(plan).name, fresh(plan).price) == ("New name", 4_500)
    browser.send(page_of(plan), currency="KWD")
    assert (fresh(plan).currency, fresh(plan).price) == ("KWD", 45_000)


def test_a_plan_sent_unchanged_leaves_no_trace(browser: Browser, studio: Company) -> None:
    assert browser.send(page_of(APlan(company=studio))).status_code == 302
    assert staff_changes() == []


def test_a_plan_is_archived_shown_without_a_form_and_restored(
    browser: Browser, studio: Company
) -> None:
    plan = APlan(company=studio, price=4_500)
    assert "Archive" in browser.get(page_of(plan).replace("change", "archive")).text
    browser.press(page_of(plan), "archive")
    page = browser.get(page_of(plan)).text
    assert ('name="price"' in page, "£45.00" in page, "This is archived." in page) == (
        False,
        True,
        True,
    )
    browser.press(page_of(plan), "restore")
    assert not fresh(plan).is_archived


# --- Subscriptions ---


def test_a_customer_is_subscribed_by_the_action(
    browser: Browser, studio: Company, customer: Any
) -> None:
    plan = APlan(company=studio)
    answer = browser.send(ADD.format("subscription"), customer=str(customer.pk), plan=str(plan.pk))
    made = only(Subscription, studio)
    assert answer["Location"] == page_of(made)
    assert (made.customer, made.plan_id, made.state) == (customer, plan.pk, "ACTIVE")
    assert 'name="anchor_date"' not in browser.get(page_of(made)).text
    assert browser.post(page_of(made), anchor_date="2020-01-01").status_code == 403


@pytest.mark.parametrize(
    ("case", "field", "sentence"),
    [
        ("future", "anchor_date", "A subscription begins today or has begun before."),
        ("archived", "plan", "This plan is archived. Restore it first."),
        ("twice", "__all__", "This customer has this plan already."),
    ],
)
def test_a_refused_subscription_is_told_once(
    case: str,
    field: str,
    sentence: str,
    browser: Browser,
    studio: Company,
    customer: Any,
    actor: Actor,
) -> None:
    plan = APlan(company=studio)
    if case == "twice":
        ASubscription(company=studio, customer=customer, plan=plan)
    if case == "archived":
        with acting_for(studio.id):
            archive_plan(plan, actor=actor)
    before = count(Subscription, studio)
    day = datetime.date.today() + datetime.timedelta(days=9)
    answer = browser.send(
        ADD.format("subscription"),
        customer=str(customer.pk),
        plan=str(plan.pk),
        anchor_date=day.isoformat() if case == "future" else "",
    )
    assert errors(answer) == {field: [sentence]}
    assert answer.text.count(sentence) == 1
    assert answer.text.count(f'value="{plan.pk}" selected') == 1
    assert count(Subscription, studio) == before


def test_the_buttons_of_a_subscription_are_its_actions(
    browser: Browser, studio: Company, customer: Any
) -> None:
    made = ASubscription(company=studio, customer=customer)
    for button, state in [
        ("pause", "PAUSED"),
        ("resume", "ACTIVE"),
        ("suspend", "SUSPENDED"),
        ("reinstate", "ACTIVE"),
        ("cancel", "CANCELLED"),
    ]:
        assert f"{made.pk}/{button}/" in browser.get(page_of(made)).text
        browser.press(page_of(made), button)
        assert fresh(made).state == state
    assert "cancelled" in said(browser.get(page_of(made)))[0]
    browser.press(page_of(made), "resume")
    assert said(browser.get(page_of(made))) == ["This subscription is cancelled."]
    assert "/resume/" not in browser.get(page_of(made)).text


def test_subscriptions_are_filtered_by_their_state(
    browser: Browser, studio: Company, customer: Any, actor: Actor
) -> None:
    going, resting = (ASubscription(company=studio, customer=customer) for _ in range(2))
    with acting_for(studio.id):
        pause_subscription(resting, actor=actor)
    page = browser.get(LIST.format("subscription"), standing="PAUSED").text
    assert (str(resting.pk) in page, str(going.pk) in page) == (True, False)
