"""The table of roles and money permissions, which every action enforces."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from billing.actions import (
    change_plan,
    create_invoice,
    create_plan,
    issue_invoice,
    reduce_invoice,
    refund_payment,
    take_payment,
    void_invoice,
    write_off_invoice,
)
from billing.models import Invoice, InvoiceLine, Payment, Plan
from bookings.actions import (
    add_pricing_option,
    book_appointment,
    book_places,
    cancel_booking,
    change_event,
    change_media,
    change_service,
    create_media,
    create_service,
    pay_booking,
)
from bookings.models import Booking, Media, PricingOption, Service, Transaction
from config.access.actions import change_company
from config.errors import Invalid, Refusal
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.errors import AboveRoleLimit, NotAllowed, NotYourRole
from config.tenancy.money_permissions import MONEY_TABLE, MoneyAction, refused_money_action
from config.tenancy.permissions import Role
from config.tenancy.scoping import acting_for
from credits.actions import create_pass_product, update_pass_product
from credits.models import PassProduct
from customers.models import Customer
from tests.backoffice import Browser
from tests.factories import (
    MORNING,
    AMedium,
    AnAppointment,
    AnEventDate,
    AnInvoice,
    APass,
    APayment,
    APlan,
    AService,
    make_staff,
)

# For each permission, the roles that have it and the company's field that limits front desk.
DESK, OFFICE = {"owner", "manager", "front_desk"}, {"owner", "manager"}
MEANT: dict[str, tuple[set[str], str]] = {
    "take_payment": (DESK, ""),
    "refund": (DESK, "refund_limit"),
    "void": (DESK, "refund_limit"),
    "reduce": (DESK, "refund_limit"),
    "write_off": (OFFICE, ""),
    "waive_fee": (DESK, "refund_limit"),
    "issue_credit": (DESK, "credit_limit"),
    "goodwill": (DESK, "credit_limit"),
    "change_prices": (OFFICE, ""),
}


def as_role(company: Company, role: str) -> Actor:
    staff = make_staff(company, email=f"{role}@{company.slug}.example", role=role)
    return staff.actor_in(company)


def limit(company: Company, field: str, amount: int | None) -> None:
    Company.objects.filter(pk=company.pk).update(**{field: amount})


def code_of(refusal: Refusal | None) -> str | None:
    return refusal and refusal.code


def test_the_table_says_who_may_do_what_and_up_to_which_limit(studio: Company) -> None:
    assert {str(action): set(map(str, rule.roles)) for action, rule in MONEY_TABLE.items()} == {
        name: roles for name, (roles, _) in MEANT.items()
    }
    actors = {role: as_role(studio, role) for role in Role}
    for action in MoneyAction:
        roles, field = MEANT[action]
        for role, actor in actors.items():
            refusal = refused_money_action(actor, action, 10**9)
            expected = "not_allowed" if role == Role.READ_ONLY else "not_your_role"
            assert code_of(refusal) == (None if role in roles else expected), (role, action)
        if not field:
            continue
        desk = actors[Role.FRONT_DESK]
        for amount, most, code in (
            (500, 500, None),
            (501, 500, "above_your_limit"),
            (None, 500, None),
            (None, 0, "above_your_limit"),
            (1, 0, "above_your_limit"),
        ):
            limit(studio, field, most)
            assert code_of(refused_money_action(desk, action, amount)) == code, (amount, most)
            assert refused_money_action(actors[Role.MANAGER], action, amount) is None
        limit(studio, field, 500)
        assert refused_money_action(desk, action, 1, currency="USD"), "in no other currency"
        limit(studio, field, None)


def test_integrators_and_commands_are_bound_by_scopes_alone(studio: Company, actor: Actor) -> None:
    limit(studio, "refund_limit", 0)
    key = Actor("key", "Till", studio.id, "GB")
    for action in MoneyAction:
        assert refused_money_action(actor, action, 10**9) is None
        assert refused_money_action(key, action, 10**9) is None
    outsider = Actor("staff", "Nobody", studio.id, "GB")
    assert isinstance(refused_money_action(outsider, MoneyAction.TAKE_PAYMENT), NotAllowed)


def test_a_refusal_says_what_the_limit_is_and_whom_to_ask(studio: Company) -> None:
    desk = as_role(studio, "front_desk")
    limit(studio, "refund_limit", 2_000)
    told = str(refused_money_action(desk, MoneyAction.REFUND, 2_001))
    assert told == (
        "£20.01 is above the limit of front desk, which is £20.00 to refund a payment. Ask an "
        "owner or a manager to do it."
    )
    assert str(refused_money_action(desk, MoneyAction.WRITE_OFF)) == (
        "The role “Front desk” may not write off what will not be paid. Ask one of: Owner, Manager."
    )
    limit(studio, "refund_limit", 0)
    told = str(refused_money_action(desk, MoneyAction.WAIVE_FEE, 5))
    assert told.startswith("Front desk may not waive what a late cancellation costs here.")


@pytest.fixture
def desk(studio: Company) -> Actor:
    return as_role(studio, "front_desk")


def test_a_refund_is_held_to_the_limit_of_front_desk(
    studio: Company, customer: Customer, desk: Actor
) -> None:
    limit(studio, "refund_limit", 2_000)
    payment = APayment(company=studio, customer=customer, amount=5_000)
    with acting_for(studio.id):
        refund_payment(Payment(refunds=payment, amount=1_500), actor=desk)
        told = r"£5\.01, with £15\.00 before it, is above the limit of front desk, which is £20\.00"
        with pytest.raises(AboveRoleLimit, match=told):
            refund_payment(Payment(refunds=payment, amount=501), actor=desk)
        refund_payment(Payment(refunds=payment, amount=500), actor=desk)
        for amount in (1, None):
            with pytest.raises(AboveRoleLimit):
                refund_payment(Payment(refunds=payment, amount=amount), actor=desk)
        manager = as_role(studio, "manager")
        assert refund_payment(Payment(refunds=payment), actor=manager).amount == 3_000


def test_a_cancellation_gives_no_more_back_than_front_desk_may(
    studio: Company, customer: Customer, desk: Actor
) -> None:
    limit(studio, "refund_limit", 1_000)
    booking = AnAppointment(company=studio, customer=customer, means=Payment(method="cash"))
    with acting_for(studio.id), pytest.raises(AboveRoleLimit):
        cancel_booking(booking, actor=desk)
    with acting_for(studio.id):
        cancel_booking(booking, refund=False, actor=desk)
        booking.refresh_from_db()
    assert (booking.status, booking.refund_id) == ("cancelled", None)


def test_front_desk_reduces_up_to_its_limit_and_writes_nothing_off(
    studio: Company, customer: Customer, desk: Actor
) -> None:
    limit(studio, "refund_limit", 1_000)
    invoice = AnInvoice(company=studio, customer=customer, amount=5_000)
    with acting_for(studio.id):
        for amount in (1_001, None):
            with pytest.raises(AboveRoleLimit):
                reduce_invoice(invoice, amount=amount, reason="late", actor=desk)
        with pytest.raises(NotYourRole):
            write_off_invoice(invoice, amount=1, reason="gone", actor=desk)
        for amount in (600, 400):
            reduce_invoice(invoice, amount=amount, reason="late", actor=desk)
        with pytest.raises(AboveRoleLimit, match=r"£0\.01, with £10\.00 before it"):
            reduce_invoice(invoice, amount=1, reason="late", actor=desk)
        manager = as_role(studio, "manager")
        assert write_off_invoice(invoice, reason="gone", actor=manager).total == 4_000


def test_a_discount_of_an_invoice_counts_as_a_reduction(
    studio: Company, customer: Customer, desk: Actor
) -> None:
    limit(studio, "refund_limit", 1_000)
    with acting_for(studio.id):
        for discount in (1_001, 900):
            line = InvoiceLine(description="Ten visits", unit_price=5_000)
            draft = partial(
                create_invoice, Invoice(customer=customer, discount=discount), lines=[line]
            )
            if discount > 1_000:
                with pytest.raises(AboveRoleLimit):
                    draft(actor=desk)
        invoice = issue_invoice(draft(actor=desk), actor=desk)
        with pytest.raises(AboveRoleLimit, match=r"£1\.01, with £9\.00 before it"):
            reduce_invoice(invoice, amount=101, reason="late", actor=desk)
        reduce_invoice(invoice, amount=100, reason="late", actor=desk)
        booking = AnAppointment(company=studio, customer=customer, discount=2_000)
        pay_booking(booking, means=[Payment(method="cash", amount=5)], actor=desk)


def test_front_desk_voids_what_is_owed_up_to_its_limit_and_drafts_without_one(
    studio: Company, customer: Customer, desk: Actor
) -> None:
    limit(studio, "refund_limit", 1_000)
    within, above, draft = (
        AnInvoice(company=studio, customer=customer, amount=amount, draft=draft)
        for amount, draft in ((1_000, False), (1_001, False), (5_000, True))
    )
    with acting_for(studio.id):
        for invoice in (within, draft):
            assert void_invoice(invoice, actor=desk).voided_at is not None
        with pytest.raises(AboveRoleLimit):
            void_invoice(above, actor=desk)
        reduce_invoice(above, amount=500, reason="late", actor=desk)
        with pytest.raises(AboveRoleLimit, match=r"£5\.01, with £5\.00 before it"):
            void_invoice(above, actor=desk)
        assert void_invoice(above, actor=as_role(studio, "manager")).voided_at is not None


def priced(studio: Company, customer: Customer) -> list[Callable[..., Any]]:
    """Return calls of every action that sets or changes a price."""
    date, plan, medium = AnEventDate(company=studio), APlan(company=studio), AMedium(company=studio)
    service, product = AService(company=studio), APass(company=studio).product
    appointment = Booking(customer=customer, service=service, starts_at=MORNING, subtotal=2)
    discounted = Booking(customer=customer, service=service, starts_at=MORNING, discount=1)
    place = Booking(customer=customer, event_date=date, subtotal=2)
    return [
        partial(create_plan, Plan(name="Gold", price=1, billing_period="P1M")),
        partial(change_plan, plan, changes={"price": 1}),
        partial(create_pass_product, PassProduct(name="Ten", visits=10, price=1)),
        partial(update_pass_product, product, changes={"price": 1}),
        partial(create_service, Service(name="Massage", duration=60, price=1)),
        partial(change_service, service, changes={"price": 1}),
        partial(create_media, Media(name="Film", price=1)),
        partial(change_media, medium, changes={"price": 1}),
        partial(add_pricing_option, PricingOption(event=date.event, name="Late", price=1)),
        partial(change_event, date.event, changes={"tax_rate": 7}),
        partial(book_appointment, appointment),
        partial(book_appointment, discounted),
        partial(book_places, Transaction(customer=customer), places=[place]),
    ]


def test_a_price_is_changed_by_owners_and_managers_alone(
    studio: Company, customer: Customer, desk: Actor
) -> None:
    reader, manager = as_role(studio, "read_only"), as_role(studio, "manager")
    for change in priced(studio, customer):
        for actor, refusal in ((desk, NotYourRole), (reader, NotAllowed)):
            with acting_for(studio.id), pytest.raises(refusal):
                change(actor=actor)
        with acting_for(studio.id):
            change(actor=manager)


def test_front_desk_books_at_the_price_of_the_catalogue(
    studio: Company, customer: Customer, desk: Actor
) -> None:
    service = AService(company=studio)
    with acting_for(studio.id):
        booking = Booking(customer=customer, service=service, starts_at=MORNING)
        assert book_appointment(booking, actor=desk).subtotal == service.price
        change_service(service, changes={"name": "Long massage"}, actor=desk)


def test_the_form_tells_front_desk_that_the_price_is_the_catalogues(studio: Company) -> None:
    path = "/admin/bookings/booking/add/"
    for role, is_fixed in (("front_desk", True), ("manager", False)):
        browser = Browser(make_staff(studio, email=f"{role}@nine.example", role=role))
        form = browser.get(path).context["adminform"].form
        assert form.fields["subtotal"].disabled is is_fixed, role
        told = "The role “Front desk” may not change a price. Ask one of: Owner, Manager."
        assert (told in browser.get(path).text) is is_fixed


def test_readers_neither_take_money_nor_void(studio: Company, customer: Customer) -> None:
    invoice, reader = AnInvoice(company=studio, customer=customer), as_role(studio, "read_only")
    payment = Payment(invoice=invoice, amount=1, method="cash")
    for act in (partial(take_payment, payment), partial(void_invoice, invoice)):
        with acting_for(studio.id), pytest.raises(NotAllowed):
            act(actor=reader)


def test_limits_and_the_late_rule_of_a_company_are_checked(studio: Company, actor: Actor) -> None:
    for field, value in (
        ("refund_limit", -1),
        ("refund_limit", 10**13),
        ("late_cancellation_hours", 0),
        ("late_cancellation_hours", 721),
        ("late_cancellation_keeps", "car"),
        ("late_cancellation_fee", -1),
    ):
        with pytest.raises(Invalid) as refused:
            change_company(studio, changes={field: value}, actor=actor)
        assert list(refused.value.fields) == [field], field
    rule = {"late_cancellation_hours": 24, "late_cancellation_keeps": "fee"}
    with pytest.raises(Invalid) as refused:
        change_company(studio, changes=rule, actor=actor)
    assert list(refused.value.fields) == ["late_cancellation_fee"]
    change_company(studio, changes=rule | {"late_cancellation_fee": 500}, actor=actor)
