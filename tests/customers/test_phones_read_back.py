"""A phone stays as typed, is answered as E.164 on v1, and survives being read and sent back."""

from config.changes.models import Change
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.models import Customer
from tests.callers import Caller
from tests.factories import ACustomer

SHOWN = {
    "+1 212 555 0177 x12": "+12125550177;ext=12",
    "+1 (212) 555-0177 ext. 12": "+12125550177;ext=12",
    "020 7946 0123 #7": "+442079460123;ext=7",
    "+442079460123;ext=7": "+442079460123;ext=7",
    "+44 (0)20 7946 0123": "+442079460123",
    "020 7946 0123": "+442079460123",
    "+39 06 698 12345 x1": "+390669812345;ext=1",
    "555-0177 x12": "555-0177 x12",
    "ask at the desk": "ask at the desk",
}


def stored(customer: Customer) -> Customer:
    with acting_for(customer.company_id):
        customer.refresh_from_db()
    return customer


def changes(company: Company) -> int:
    with acting_for(company.id):
        return Change.objects.filter(table_name="customers_customer").count()


def test_a_phone_is_shown_as_e164_and_stays_as_typed(integrator: Caller, studio: Company) -> None:
    for typed, shown in SHOWN.items():
        customer = ACustomer(company=studio, phone=typed)
        read = integrator.get(f"/v1/customers/{customer.id}").body
        assert read["phone"] == shown
        before = changes(studio)
        answer = integrator.patch(f"/v1/customers/{customer.id}", {"phone": read["phone"]})
        assert (answer.status, answer.body["phone"]) == (200, shown)
        assert stored(customer).phone == typed
        assert changes(studio) == before


def test_another_number_or_extension_replaces_a_phone(integrator: Caller, studio: Company) -> None:
    for phone in (
        *("+12125550177", "+12125550177;ext=13", "+12125550178;ext=12", "(212) 555-0177"),
        *("", None),
    ):
        customer = ACustomer(company=studio, phone="+1 212 555 0177 x12")
        integrator.patch(f"/v1/customers/{customer.id}", {"phone": phone})
        assert stored(customer).phone == (phone or "")


def test_other_surfaces_write_a_phone_as_it_is_sent(integrator: Caller, studio: Company) -> None:
    customer = ACustomer(company=studio, phone="020 7946 0123")
    profile = {"firstname": "Ann", "lastname": "Ng", "email": "a@x.example"}
    for phone in ("+44 20 7946 0123", "0207 946 0123"):
        integrator.put(f"/customer/{customer.id}/profile", profile | {"mobile": phone})
        assert stored(customer).phone == phone
        shown = integrator.get(f"/customer/{customer.id}/profile").body["data"]["mobile"]
        assert shown == phone
