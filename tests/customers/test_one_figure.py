"""A customer's debt and credit: the same figures on every page, in the export and on v1."""

import datetime
from typing import Any

from django.utils import timezone

from billing.actions import take_payment
from billing.models import Payment
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from credits.actions import redeem_credit, revoke_credit, revoke_pass, use_pass
from credits.models import Credit, PassPurchase
from customers.models import Customer
from tests.backoffice import Browser, page_of
from tests.callers import Caller
from tests.config.test_export_lists import export, rows
from tests.factories import (
    ACoupon,
    ACredit,
    AMediaPurchase,
    AnAppointment,
    AnInvoice,
    APass,
    APlace,
    act,
)

CUSTOMERS = "/admin/customers/customer/"


def owe_and_hold(company: Company, customer: Customer) -> None:
    """Give a customer debts of £165.00, a credit of £35.00, two other credits and seven visits."""
    own: dict[str, Any] = {"company": company, "customer": customer}
    invoice = AnInvoice(**own)
    act(company, take_payment, Payment(invoice=invoice, amount=3_100, method="cash"))
    AnInvoice(**own, draft=True)
    AnAppointment(**own)
    AnAppointment(**own, cancelled=True)
    AnAppointment(**own, means=Payment(method="cash"))
    APlace(**own)
    AMediaPurchase(**own)
    ACredit(**own, amount=2_000)
    part, gone = ACredit(**own, amount=2_500), ACredit(**own, amount=900)
    act(company, redeem_credit, part, amount=1_000, reference="till-1")
    act(company, revoke_credit, gone, reason="Given twice")
    ACredit(**own)
    ACredit(**own, coupon=ACoupon(company=company, percentage=20))
    ten, back, over = APass(**own), APass(**own), ACredit(**own, amount=700)
    act(company, use_pass, ten, visits=3, reference="visit-1")
    act(company, revoke_pass, back, reason="Given back")
    with acting_for(company.id):
        ended = APass(**own)
        past = timezone.now() - datetime.timedelta(minutes=1)
        Credit.objects.filter(pk=over.pk).update(expires_at=past)
        PassPurchase.objects.filter(pk=ended.pk).update(expires_at=past)


def test_what_is_to_pay_and_what_is_owed_are_one_figure_everywhere(
    browser: Browser, studio: Company, customer: Customer, integrator: Caller
) -> None:
    owe_and_hold(studio, customer)
    to_pay, held = "£165.00", "£35.00 + 2 other credits + 7 visits"

    page = browser.get(page_of(customer))
    sums = {str(table["title"]): table["sums"] for table in page.context["main"]}
    assert (sums["To pay"], sums["Credits and passes"]) == (to_pay, held)
    assert held in page.text

    listed = browser.get(CUSTOMERS).context["cl"]
    (row,) = listed.result_list
    assert (listed.model_admin.to_pay(row), listed.model_admin.credits(row)) == (to_pay, held)

    head, line = rows(export(browser, studio, CUSTOMERS))
    told = dict(zip(head, line, strict=True))
    names = ("To pay", "To pay: currency", "Credits", "Credits: currency")
    assert [told[name] for name in names] == ["165.00", "GBP", "35.00", "GBP"]
    assert (told["Other credits"], told["Visits on passes"]) == ("2", "7")

    cards = {card.name: card for card in browser.get("/admin/").context["cards"]}
    counts = cards["credits"].counts
    assert cards["to_pay"].total == to_pay
    assert str(counts["held"].worth()) == "£35.00"
    assert str(counts["passes"].worth()) == "7"

    balance = integrator.get(f"/v1/customers/{customer.id}/balance").body
    assert [(one["amount"], one["currency"]) for one in balance["to_pay"]] == [(16_500, "GBP")]
    assert balance["credits"] == [{"currency": "GBP", "amount": 3_500}]
    assert balance["visits"] == 7
