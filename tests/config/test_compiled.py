"""SQL is compiled once and reused with other values, by the API and the back-office."""

import datetime
from typing import Any

import pytest
from django.db.models import F, Window
from django.db.models.functions import RowNumber

from billing.models import Invoice, Payment
from bookings.models import Booking
from config.admin.batch_read import Gathering, Whose, gather, values_of
from config.statements import compiling
from config.statements.compiling import Statement, compiled
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from credits.models import Credit
from customers.models import Customer, Note
from tests.api_routes import fill, make_rows
from tests.callers import Caller
from tests.contract import operations
from tests.factories import ACredit, ACustomer, AnAppointment, AnInvoice, ANote
from tests.statements import recorded

READS = sorted(path for path, method, _ in operations() if method == "GET")
# Answers without an id, which are equal for equal rows.
ALIKE = {"/v1/bookings/{id}/cancellation", "/v1/customers/{id}/balance"}


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "_kept", {})


def refuse(queryset: Any) -> Statement:
    raise AssertionError(f"It compiles {queryset.model.__name__} again.")


def test_no_read_is_compiled_twice_whoever_asks(
    monkeypatch: pytest.MonkeyPatch,
    subtests: pytest.Subtests,
    integrator: Caller,
    stranger: Caller,
    studio: Company,
    rival: Company,
) -> None:
    ours, theirs = make_rows(studio), make_rows(rival)
    for path in READS:
        with subtests.test(path):
            first = integrator.get(fill(path, ours))
            with monkeypatch.context() as patched:
                patched.setattr(Statement, "of", refuse)
                other = stranger.get(fill(path, theirs))
            assert (first.status, other.status) == (200, 200)
            if path not in ALIKE:
                is_empty = first.is_json and not first.body.get("data", True)
                assert other.raw != first.raw or is_empty


def test_a_statement_is_built_again_when_too_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "MOST", 2)
    built: list[str] = []

    def ask(key: str) -> str:
        def build() -> Statement:
            built.append(key)
            return Statement(key)

        return compiled(key, build).sql

    assert [ask(key) for key in ("a", "b", "a", "b", "c", "a", "c")] == list("ababcac")
    assert built == ["a", "b", "c", "a"]


# --- Joined rows in one statement ---


def test_gathered_rows_are_those_of_their_querysets(studio: Company, rival: Company) -> None:
    customer = ACustomer(company=studio, preferences={"a": [1.5, None]}, name="Zoë & “Co”")
    AnAppointment(company=studio, customer=customer, means=Payment(method="cash"))
    AnInvoice(company=studio, customer=customer)
    ACredit(
        company=studio,
        customer=customer,
        expires_at=datetime.datetime(2099, 1, 31, tzinfo=datetime.UTC),
    )
    ACredit(company=rival)
    parts: dict[str, Any] = {
        "customers": Customer.objects.defer("search_words"),
        "bookings": Booking.objects.with_payment().select_related("service", "facilitator"),
        "invoices": Invoice.objects.with_standing().with_amounts(),
        "credits": Credit.objects.select_related("coupon").annotate(
            place=Window(RowNumber(), order_by=F("id"))
        )[:5],
        "none": Credit.objects.filter(balance=-1),
        "nothing": Customer.objects.filter(pk__in=[]),
    }
    with acting_for(studio.id), recorded() as ran:
        found = gather(parts)
        assert len(ran) == 1
        assert [len(found[name]) for name in parts] == [1, 1, 1, 1, 0, 0]
        for name, rows in parts.items():
            for one, alone in zip(found[name], rows, strict=True):
                assert _plain(one) == _plain(alone), name
        booking = found["bookings"][0]
        before = len(ran)
        assert (booking.service.name, booking.facilitator) == ("Massage", None)
        assert len(ran) == before, "what was joined is there already"


def test_what_was_compiled_once_is_read_for_whoever_comes(studio: Company) -> None:
    ana, bo = ACustomer(company=studio, first_name="Ana"), ACustomer(company=studio)
    for customer in (ana, ana, bo):
        ANote(company=studio, customer=customer)
    with acting_for(studio.id):
        rows = Note.objects.visible_to(Whose).filter(customer_id=Whose.pk)
        gathering = Gathering({"notes": rows.select_related("customer")})
        for customer, count in ((ana, 2), (bo, 1), (ana, 2)):
            found = gathering.read(values_of(customer))["notes"]
            assert {note.customer for note in found} == {customer}
            assert len(found) == count


def _plain(row: Any) -> dict[str, Any]:
    """Return all values of a row and of its joined rows."""
    joined = {name: _plain(one) for name, one in row._state.fields_cache.items() if one}
    return {name: value for name, value in vars(row).items() if name != "_state"} | joined
