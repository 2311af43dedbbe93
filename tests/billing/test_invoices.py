"""`/v1/invoices` and the invoices of a customer (contract, section 2)."""

import datetime
from typing import Any

from billing.actions import issue_invoice, void_invoice
from billing.models import Invoice
from config.tenancy.companies import Company
from config.tenancy.days import local_day
from config.tenancy.scoping import acting_for
from customers.models import Customer
from tests.callers import Caller
from tests.factories import ACustomer, AnInvoice, APayment, APaymentMethod, act
from tests.refusals import refusal, whole_refusal

LINES = [
    {"description": "Ten visits", "quantity": 2, "unit_price": 9_000},
    {"description": "Towel", "unit_price": 333},
]
# The fields of a line that belongs to no subscription.
NO_PERIOD = dict.fromkeys(("subscription_id", "period_starts_on", "next_period_starts_on"))
YEAR = datetime.datetime.now(datetime.UTC).year
PAST = datetime.datetime(2026, 3, 10, 12, tzinfo=datetime.UTC)


def test_a_new_invoice_is_answered_in_full(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    own = APaymentMethod(company=studio, customer=customer)
    answer = integrator.post(
        "/v1/invoices",
        {
            "customer_id": f"cust_{customer.id.hex}",
            "line_items": LINES,
            "discount": 333,
            "discount_description": "No towel",
            "tax_rate": "8.875",
            "due_on": "2099-01-31",
            "payment_method_id": str(own.id),
        },
    )
    body = answer.body
    assert answer.status == 201
    assert body == {
        "id": body["id"],
        "number": f"INV-{body['issued_at'][:4]}-00001",
        "status": "pending",
        "customer": {"id": f"cust_{customer.id.hex}", "name": "Ana Díaz"},
        "booking_id": None,
        "line_items": [
            {
                "description": "Ten visits",
                "quantity": 2,
                "unit_price": 9_000,
                "total": 18_000,
                "tax_rate": 8.875,
                "tax_behavior": "exclusive",
                **NO_PERIOD,
            },
            {
                "description": "Towel",
                "quantity": 1,
                "unit_price": 333,
                "total": 333,
                "tax_rate": 8.875,
                "tax_behavior": "exclusive",
                **NO_PERIOD,
            },
        ],
        "currency": "GBP",
        "subtotal": 18_333,
        "discount": 333,
        "discount_description": "No towel",
        "taxes": [{"tax_rate": 8.875, "tax_behavior": "exclusive", "amount": 18_000, "tax": 1_598}],
        "tax": 1_598,  # 8.875 % of 18,000 is 1,597.5
        "total": 19_598,
        "amount_paid": 0,
        "amount_covered": 0,
        "amount_reduced": 0,
        "balance": 19_598,
        "issued_at": body["issued_at"],
        "due_on": "2099-01-31",
        "paid_at": None,
        "payment_method": {"type": "card", "brand": "visa", "last4": "4242"},
    }
    assert body["id"].startswith("inv_")
    assert integrator.get(f"/v1/invoices/{body['id']}").body == body
    assert integrator.get(f"/v1/customers/{customer.id}/invoices").body == {
        "data": [body],
        "pagination": {"page": 1, "per_page": 25, "total": 1, "total_pages": 1},
    }
    assert integrator.get("/v1/invoices").body["data"] == [body]


def test_a_draft_has_no_number_yet(integrator: Caller, customer: Customer) -> None:
    asked = {"customer_id": str(customer.id), "line_items": LINES, "draft": True}
    draft = integrator.post("/v1/invoices", asked)
    assert draft.status == 201
    facts = ("status", "number", "issued_at", "balance", "total")
    assert [draft.body[name] for name in facts] == ["draft", None, None, 0, 18_333]
    path = f"/v1/invoices/{draft.body['id']}"
    issued = integrator.post(f"{path}/issue", {"due_on": "2099-01-01"})
    assert issued.status == 200
    assert issued.body == (
        draft.body
        | {
            "status": "pending",
            "number": f"INV-{issued.body['issued_at'][:4]}-00001",
            "issued_at": issued.body["issued_at"],
            "due_on": "2099-01-01",
            "balance": 18_333,
        }
    )
    again = integrator.post(f"{path}/issue")
    told = f"This invoice is issued as {issued.body['number']}."
    message = f"{told} To change it, void it and make another."
    assert whole_refusal(again) == (409, "invoice_already_issued", message)
    integrator.delete(f"/customers/{customer.id}")
    refused = integrator.post("/v1/invoices", asked)
    assert refusal(refused) == (409, "customer_archived", None), "an archived customer gets none"


def test_voiding_keeps_the_number(integrator: Caller, studio: Company, customer: Customer) -> None:
    invoice = AnInvoice(company=studio, customer=customer)
    path = f"/v1/invoices/{invoice.id}"
    before = integrator.get(path).body
    voided = integrator.post(f"{path}/void")
    assert (voided.status, voided.body) == (200, before | {"status": "void", "balance": 0})
    for verb in ("void", "issue"):
        again = integrator.post(f"{path}/{verb}")
        assert whole_refusal(again) == (
            409,
            "invoice_void",
            "This invoice is void. Make a new one.",
        )
    assert AnInvoice(company=studio, customer=customer).number == f"INV-{YEAR}-00002"
    draft = AnInvoice(company=studio, customer=customer, draft=True)
    gone = integrator.post(f"/v1/invoices/{draft.id}/void").body
    assert (gone["status"], gone["number"]) == ("void", None)


def test_what_money_was_taken_for_is_refunded_before_it_is_void(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    invoice = AnInvoice(company=studio, customer=customer, amount=500)
    payment = APayment(company=studio, invoice=invoice, amount=500)
    path = f"/v1/invoices/{invoice.id}"
    refused = integrator.post(f"{path}/void")
    message = (
        "£5.00 of what was paid for this invoice is kept. Refund each payment first: on its page, "
        "or over the API at POST /v1/payments/{id}/refunds."
    )
    assert whole_refusal(refused) == (409, "invoice_has_payments", message)
    integrator.post(f"/v1/payments/{payment.id}/refunds", {"reason": "Moved away"})
    voided = integrator.post(f"{path}/void").body
    assert (voided["status"], voided["amount_paid"], voided["balance"]) == ("void", 500, 0)


def test_bad_invoices_are_refused(integrator: Caller, studio: Company, customer: Customer) -> None:
    other = APaymentMethod(company=studio, customer=ACustomer(company=studio))
    changes: list[tuple[dict[str, Any], str, str]] = [
        ({"line_items": [LINES[0] | {"quantity": 0}]}, "invalid", "line_items.0.quantity"),
        ({"line_items": [LINES[0] | {"quantity": 1.5}]}, "invalid", "line_items.0.quantity"),
        ({"line_items": [LINES[0] | {"unit_price": -1}]}, "invalid", "line_items.0.unit_price"),
        ({"line_items": [LINES[0] | {"description": ""}]}, "invalid", "line_items.0.description"),
        (
            {"line_items": [{"description": "x", "quantity": 10**6, "unit_price": 10**12}]},
            "invalid_invoice",
            "line_items",
        ),
        ({"discount": 18_334}, "discount_too_large", "discount"),
        ({"due_on": "2020-01-01"}, "due_before_issued", "due_on"),
        ({"payment_method_id": str(other.id)}, "not_theirs", "payment_method_id"),
    ]
    invalid: dict[str, list[Any]] = {
        "line_items": [[], "none", LINES * 251],
        "discount": [-1],
        "tax_rate": [101, -1, "1.23456", "NaN", True],
        "due_on": ["soon", 5],
        "customer_id": ["nonsense", None],
        "payment_method_id": ["pm_" + "0" * 32],
        "draft": ["yes"],
    }
    changes += [({f: value}, "invalid", f) for f, values in invalid.items() for value in values]
    asked = {"customer_id": str(customer.id), "line_items": LINES}
    for change, code, param in changes:
        answer = integrator.post("/v1/invoices", asked | change)
        assert refusal(answer) == (422, code, param), change
    missing = integrator.post("/v1/invoices", {"line_items": LINES})
    assert refusal(missing) == (400, "missing_field", "customer_id")
    assert integrator.get("/v1/invoices").body["data"] == [], "a refusal leaves no trace"
    assert AnInvoice(company=studio, customer=customer).number.endswith("-00001")


def test_all_invoices_come_unless_a_page_is_asked_for(integrator: Caller, studio: Company) -> None:
    customer, other = ACustomer(company=studio), ACustomer(company=studio)
    made = [AnInvoice(company=studio, customer=customer) for _ in range(27)]
    AnInvoice(company=studio, customer=other)
    path = f"/v1/customers/{customer.id}/invoices"
    every = integrator.get(path).body
    newest_first = [f"inv_{one.id.hex}" for one in reversed(made)]
    assert [one["id"] for one in every["data"]] == newest_first
    assert every["pagination"] == {"page": 1, "per_page": 27, "total": 27, "total_pages": 1}
    page = integrator.get(f"{path}?page=2").body
    assert [one["id"] for one in page["data"]] == newest_first[25:]
    assert page["pagination"] == {"page": 2, "per_page": 25, "total": 27, "total_pages": 2}
    few = integrator.get(f"{path}?per_page=2").body
    assert few["data"] == every["data"][:2]
    assert integrator.get(f"{path}?per_page=101").status == 400
    none = integrator.get(f"/v1/customers/{ACustomer(company=studio).id}/invoices").body
    assert none == {
        "data": [],
        "pagination": {"page": 1, "per_page": 25, "total": 0, "total_pages": 0},
    }
    assert integrator.get("/v1/customers/cust_" + "0" * 32 + "/invoices").status == 404
    theirs = integrator.get(f"/v1/invoices?customer_id=cust_{other.id.hex}").body
    assert theirs["pagination"]["total"] == 1
    assert integrator.get("/v1/invoices").body["pagination"]["total"] == 28


def test_lists_can_be_narrowed_by_day_and_amount(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    Company.objects.filter(pk=studio.pk).update(timezone="Pacific/Tongatapu")
    # The local times are 23:30 on 31 January and 00:30 on 1 February.
    for hour, amount in ((10, 100), (11, 200)):
        moment = datetime.datetime(2026, 1, 31, hour, 30, tzinfo=datetime.UTC)
        AnInvoice(company=studio, customer=customer, at=moment, amount=amount)
    AnInvoice(company=studio, customer=customer, draft=True, amount=300)

    def totals(query: str) -> list[int]:
        lists = [
            integrator.get(f"/v1/customers/{customer.id}/invoices?{query}").body["data"],
            integrator.get(f"/v1/invoices?{query}").body["data"],
        ]
        assert lists[0] == lists[1]
        return sorted(one["total"] for one in lists[0])

    assert totals("") == [100, 200, 300]
    assert totals("date_from=2026-02-01") == [200]
    assert totals("date_to=2026-01-31") == [100]
    assert totals("date_from=2026-01-31&date_to=2026-02-01") == [100, 200]
    assert totals("date_from=0001-01-01&date_to=9999-12-31") == [100, 200]
    assert totals("date_from=2026-02-02") == []
    assert totals("min_amount=200") == [200, 300]
    assert totals("max_amount=200") == [100, 200]
    assert totals("min_amount=200&max_amount=200&date_to=2026-02-01") == [200]
    assert totals("min_amount=-5") == [100, 200, 300]


def test_a_parameter_that_cannot_be_is_a_400(integrator: Caller, customer: Customer) -> None:
    for path in ("/v1/invoices", f"/v1/customers/{customer.id}/invoices"):
        for query in (
            *("status=open", "date_from=yesterday", "date_to=2026-02-30", "min_amount=1.5"),
            *("max_amount=99999999999999999999", "colour=red", "page=0", "customer_id=x"),
        ):
            answer = integrator.get(f"{path}?{query}")
            assert answer.status == 400, query
            assert answer.body["error"]["param"] == query.partition("=")[0]


def test_overdue_goes_by_local_day(integrator: Caller, studio: Company, customer: Customer) -> None:
    """The two time zones are a day apart: due yesterday in one is due today in the other."""
    Company.objects.filter(pk=studio.pk).update(timezone="Pacific/Tongatapu")
    invoice = AnInvoice(company=studio, customer=customer, draft=True)
    yesterday = local_day(studio.id) - datetime.timedelta(days=1)
    act(studio, issue_invoice, invoice, at=PAST, due_on=yesterday)
    for zone, status in (("Pacific/Tongatapu", "overdue"), ("Pacific/Pago_Pago", "pending")):
        Company.objects.filter(pk=studio.pk).update(timezone=zone)
        assert integrator.get(f"/v1/invoices/{invoice.id}").body["status"] == status
        with acting_for(studio.id):
            assert Invoice.objects.get(pk=invoice.pk).status == status
            assert Invoice.objects.in_status(status).get() == invoice


def test_every_status_is_made_of_facts(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    due = PAST.date() + datetime.timedelta(days=14)

    def issued(**fields: Any) -> Invoice:
        return AnInvoice(company=studio, customer=customer, at=PAST, **fields)

    expected = {
        AnInvoice(company=studio, customer=customer, draft=True): "draft",
        AnInvoice(company=studio, customer=customer, draft=True, due_on=due): "draft",
        issued(): "pending",
        issued(due_on=local_day(studio.id)): "pending",
        issued(due_on=due): "overdue",
        issued(amount=0, due_on=due): "paid",
    }
    paid, partly, void = issued(due_on=due), issued(due_on=due), issued(due_on=due)
    APayment(company=studio, invoice=paid, amount=10_000)
    APayment(company=studio, invoice=partly, amount=9_999)
    act(studio, void_invoice, void)
    expected |= {paid: "paid", partly: "overdue", void: "void"}
    seen = {one["id"]: one["status"] for one in integrator.get("/v1/invoices").body["data"]}
    assert seen == {f"inv_{one.id.hex}": status for one, status in expected.items()}
    for status in Invoice.Status.values:
        listed = integrator.get(f"/v1/customers/{customer.id}/invoices?status={status}").body
        assert {one["id"] for one in listed["data"]} == {
            f"inv_{one.id.hex}" for one, its in expected.items() if its == status
        }
    with acting_for(studio.id):
        for one, status in expected.items():
            assert Invoice.objects.get(pk=one.pk).status == status
            assert Invoice.objects.with_standing().get(pk=one.pk).status == status


def test_numbers_go_by_the_local_year(studio: Company, rival: Company, customer: Customer) -> None:
    Company.objects.filter(pk=studio.pk).update(timezone="Pacific/Tongatapu")
    new_year = datetime.datetime(2024, 12, 31, 11, 30, tzinfo=datetime.UTC)
    numbers = [
        AnInvoice(company=studio, customer=customer, at=at).number
        for at in (new_year, new_year - datetime.timedelta(hours=1), new_year)
    ]
    assert numbers == ["INV-2025-00001", "INV-2024-00001", "INV-2025-00002"]
    other = AnInvoice(company=rival, customer=ACustomer(company=rival), at=new_year)
    assert other.number == "INV-2024-00001"
