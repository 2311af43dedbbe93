"""The whole answers of v1 for payments, credits and reductions of an invoice."""

from billing.models import Invoice
from config.tenancy.companies import Company
from customers.models import Customer
from tests.callers import Caller
from tests.factories import ACredit, AnInvoice, APayment


def path_of(invoice: Invoice) -> str:
    return f"/v1/invoices/inv_{invoice.id.hex}"


def test_paying_by_several_means_answers_with_the_whole_invoice(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    own = {"company": studio, "customer": customer}
    invoice, credit = AnInvoice(**own), ACredit(**own, amount=2_500)
    path = path_of(invoice)
    before = integrator.get(path).body
    parts = [{"method": "cash", "amount": 3_000}, {"credit_id": f"crd_{credit.id.hex}"}]
    part = integrator.post(f"{path}/pay", {"payments": parts})
    facts = {"amount_paid": 3_000, "amount_covered": 2_500, "balance": 4_500}
    assert (part.status, part.body) == (200, before | facts)
    rest = integrator.post(f"{path}/pay", {"payments": [{"method": "card"}]})
    facts |= {"status": "paid", "amount_paid": 7_500, "balance": 0}
    facts["paid_at"] = rest.body["paid_at"]
    assert (rest.status, rest.body) == (200, before | facts)
    assert rest.body["paid_at"] >= before["issued_at"]
    assert integrator.get(path).body == rest.body


def test_lowering_what_is_owed_answers_with_the_whole_invoice(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    invoice = AnInvoice(company=studio, customer=customer)
    APayment(company=studio, invoice=invoice, amount=1_000)
    path = path_of(invoice)
    before = integrator.get(path).body
    less = integrator.post(f"{path}/reduce", {"amount": 2_000, "reason": "Late"})
    facts = {"amount_reduced": 2_000, "balance": 7_000}
    assert (less.status, less.body) == (200, before | facts)
    over = integrator.post(f"{path}/write-off", {"reason": "Moved away"})
    facts = {"amount_reduced": 9_000, "balance": 0, "status": "paid"}
    facts["paid_at"] = over.body["paid_at"]
    assert (over.status, over.body) == (200, before | facts)
    assert integrator.get(path).body == over.body
