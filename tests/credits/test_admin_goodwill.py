"""Goodwill in the back-office: staff give it on the customer's page and decide on the home page."""

from typing import Any

import pytest

from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from credits.models import Credit, Goodwill
from customers.models import Customer
from tests.backoffice import Browser, Form, count, errors, fresh, only, page_of, said
from tests.factories import ACustomer, AGoodwill, make_staff

ADD = "/admin/credits/goodwill/add/"


def at_desk(company: Company, role: str = "front_desk", name: str = "") -> Browser:
    email = f"{name or role}@{company.slug}.example"
    return Browser(make_staff(company, email=email, role=role))


@pytest.fixture
def desk(studio: Company) -> Browser:
    """A browser signed in as front desk, with a limit of 20.00 for each goodwill."""
    Company.objects.filter(pk=studio.pk).update(credit_limit=2_000)
    return at_desk(studio)


def test_front_desk_gives_goodwill_in_three_clicks(
    desk: Browser, studio: Company, customer: Customer
) -> None:
    form = f"{ADD}?customer={customer.pk}"
    assert f'href="{form}"' in desk.get(page_of(customer)).text
    assert "You may give one customer up to £20.00 a day." in desk.get(form).text
    answer = desk.send(form, amount="15.00", reason="A cold room")
    assert answer["Location"] == page_of(customer)
    assert said(answer) == ["£15.00 (Ana Díaz): given."]
    goodwill = only(Goodwill, studio)
    assert (goodwill.amount, goodwill.decision, goodwill.reason) == (1_500, "given", "A cold room")
    page = desk.get(page_of(customer)).text
    assert "£15.00" in page
    assert "A cold room" in page


def test_goodwill_above_the_limit_is_asked_for_and_approved_by_a_manager(
    desk: Browser, studio: Company, customer: Customer
) -> None:
    answer = desk.send(f"{ADD}?customer={customer.pk}", amount="20.01", reason="A cold room")
    assert said(answer) == ["£20.01 (Ana Díaz): asked for. An owner or a manager decides on it."]
    goodwill = only(Goodwill, studio)
    assert count(Credit, studio) == 0
    assert "Goodwill to approve" not in desk.get("/admin/").text
    assert desk.press(page_of(goodwill), "approve").status_code == 403
    manager = at_desk(studio, "manager")
    home = manager.get("/admin/").text
    approve = page_of(goodwill).replace("change", "approve")
    for text in ("Goodwill to approve", "£20.01 (Ana Díaz)", "A cold room", f'href="{approve}"'):
        assert text in home
    assert "The customer gets the credit at once." in manager.get(approve).text
    assert manager.press(page_of(goodwill), "approve").status_code == 302
    assert only(Credit, studio).balance == 2_001
    assert "Goodwill to approve" not in manager.get("/admin/").text
    again = manager.press(page_of(goodwill), "approve")
    assert "was approved by" in said(again)[-1]
    assert count(Credit, studio) == 1


def test_goodwill_is_refused_for_a_reason_that_is_shown(
    desk: Browser, studio: Company, customer: Customer
) -> None:
    goodwill, manager = AGoodwill(company=studio, customer=customer), at_desk(studio, "manager")
    manager.press(page_of(goodwill), "refuse", reason="Once is enough")
    assert fresh(goodwill).decision == "refused"
    page = desk.get(page_of(goodwill)).text
    for text in ("Refused", "Once is enough", "Noor", "£15.00"):
        assert text in page
    assert count(Credit, studio) == 0
    listed = "/admin/credits/goodwill/"
    assert "£15.00" in desk.get(listed).text
    assert "£15.00" in desk.get(f"{listed}?status=refused").text
    assert "£15.00" not in desk.get(f"{listed}?status=waiting").text


def test_one_form_gives_goodwill_once(desk: Browser, studio: Company, customer: Customer) -> None:
    form = desk.form(f"{ADD}?customer={customer.pk}").values
    form |= {"amount": "5.00", "reason": "A cold room"}
    answers = [desk.post(ADD, **form) for _ in range(2)]
    assert [answer["Location"] for answer in answers] == [page_of(customer)] * 2
    assert "This form was sent before" in said(answers[1])[-1]
    assert count(Goodwill, studio) == count(Credit, studio) == 1


def test_a_form_without_amount_or_reason_says_so(
    desk: Browser, studio: Company, customer: Customer
) -> None:
    answer = desk.send(f"{ADD}?customer={customer.pk}", amount="0", reason="")
    assert errors(answer).keys() == {"amount", "reason"}
    assert count(Goodwill, studio) == 0


def test_readers_see_goodwill_and_give_none(studio: Company, customer: Customer) -> None:
    goodwill, reader = AGoodwill(company=studio, customer=customer), at_desk(studio, "read_only")
    assert "£15.00" in reader.get(page_of(goodwill)).text
    assert reader.get(ADD).status_code == 403
    assert "Give goodwill" not in reader.get(page_of(customer)).text


def test_owners_see_who_may_do_what_with_money(browser: Browser, studio: Company) -> None:
    path = f"/admin/access/workplace/{studio.pk}/change/"
    fields: dict[str, Any] = {
        "refund_limit": "10.00",
        "credit_limit": "0",
        "late_cancellation_hours": "24",
        "late_cancellation_keeps": "fee",
        "late_cancellation_fee": "5.00",
    }
    browser.send(path, **fields)
    studio.refresh_from_db()
    assert (studio.refund_limit, studio.credit_limit) == (1_000, 0)
    assert (studio.late_cancellation_hours, studio.late_cancellation_fee) == (24, 500)
    (table,) = browser.get(path).context["related"]
    assert {row[0]: row[1:] for row in table["rows"]} == {
        "Take a payment": ("Yes", "Yes", "Yes", "No"),
        "Refund a payment": ("Yes", "Yes", "Up to £10.00", "No"),
        "Void an invoice": ("Yes", "Yes", "Up to £10.00", "No"),
        "Reduce an invoice": ("Yes", "Yes", "Up to £10.00", "No"),
        "Write off what will not be paid": ("Yes", "Yes", "No", "No"),
        "Waive what a late cancellation costs": ("Yes", "Yes", "Up to £10.00", "No"),
        "Issue a credit": ("Yes", "Yes", "No", "No"),
        "Give goodwill": ("Yes", "Yes", "After approval", "No"),
        "Change a price": ("Yes", "Yes", "No", "No"),
    }
    assert "Who may do what with money" in browser.get(path).text
    assert "A limit holds for all that is given back of one payment" in browser.get(path).text


def test_goodwill_of_another_company_is_not_there(
    desk: Browser, rival: Company, studio: Company
) -> None:
    other = AGoodwill(company=rival, customer=ACustomer(company=rival))
    assert desk.get(page_of(other)).status_code == 302
    assert Form(desk.get(ADD).text, "goodwill_form").names >= {"amount", "reason"}
    answer = desk.send(f"{ADD}?customer={other.customer_id}", amount="5.00", reason="x")
    assert "customer" in errors(answer)
    with acting_for(rival.id):
        assert Goodwill.objects.count() == 1
