"""How many statements a page of bookings takes: few, and as many for many rows as for few."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from billing.models import Payment
from config.access.models import Company
from tests.backoffice import Browser, page_of
from tests.factories import (
    ACredit,
    ACustomer,
    AFacilitator,
    AMediaPurchase,
    AnAddress,
    AnAppointment,
    AnEventDate,
    ANote,
    APass,
    APaymentMethod,
    APlace,
    AService,
    AUser,
)

MOST = 10
# What a transaction and the fence around it need, before and after a page.
FRAME = ("SAVEPOINT", "RELEASE", "SELECT set_config")
BASE = "/admin/bookings/"


class Studio:
    """A company with one of everything, which grows by more of it."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.customer = ACustomer(company=company)
        self.service = AService(company=company)
        self.facilitator = AFacilitator(company=company)
        self.date: Any = AnEventDate(company=company, capacity=100)
        self.grow(1)
        self.appointment = AnAppointment(
            company=company, customer=self.customer, facilitator=self.facilitator
        )
        bought = APass(company=company, customer=self.customer)
        self.place = APlace(
            company=company, customer=self.customer, event_date=self.date, means=bought
        )
        self.bought = AMediaPurchase(company=company, customer=self.customer)

    def grow(self, times: int) -> None:
        own: dict[str, Any] = {"company": self.company, "customer": self.customer}
        for _ in range(times):
            for make in (AnAddress, AUser, ANote, APass, APaymentMethod):
                make(**own)
            credit = ACredit(**own, amount=100_000)
            AnAppointment(**own, means=credit)
            AnAppointment(**own, starts_at=timezone.now(), means=Payment(method="cash"))
            AnAppointment(company=self.company, facilitator=AFacilitator(company=self.company))
            APlace(**own, event_date=self.date)
            APlace(company=self.company, event_date=self.date)
            AnEventDate(company=self.company, event=self.date.event)
            APlace(company=self.company)
            AMediaPurchase(**own)

    def pages(self) -> dict[str, str]:
        picked = f"?customer={self.customer.pk}&service={self.service.pk}"
        questions = {
            f"{button} {name}": page_of(row).replace("change", button)
            for name, row, buttons in [
                ("appointment", self.appointment, ("pay", "start", "move", "cancel")),
                ("place", self.place, ("pay", "move", "cancel")),
                ("date", self.date, ("book", "move", "cancel")),
                ("medium", self.bought, ("cancel",)),
            ]
            for button in buttons
        }
        return {
            "bookings": f"{BASE}booking/",
            "today": f"{BASE}booking/?when=today&q=person",
            "with somebody": f"{BASE}booking/?facilitator__id__exact={self.facilitator.pk}",
            "dates": f"{BASE}eventdate/",
            "events": f"{BASE}event/",
            "services": f"{BASE}service/",
            "media bought": f"{BASE}mediapurchase/",
            "new appointment": f"{BASE}booking/add/{picked}",
            "new date": f"{BASE}eventdate/add/?event={self.date.event.pk}",
            "new sale": f"{BASE}mediapurchase/add/{picked}",
            "appointment": page_of(self.appointment),
            "place": page_of(self.place),
            "date": page_of(self.date),
            "event": page_of(self.date.event),
            "medium": page_of(self.bought),
            "customer": page_of(self.customer),
            **questions,
        }


@pytest.fixture
def full(studio: Company) -> Studio:
    return Studio(studio)


def statements(browser: Browser, path: str) -> list[str]:
    """Return what a page asks the database, besides what every page needs around it."""
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(path).status_code == 200, path
    return [one["sql"] for one in captured if not one["sql"].startswith(FRAME)]


def test_every_page_takes_few_statements_and_as_many_for_many_rows(
    browser: Browser, full: Studio
) -> None:
    pages = full.pages()
    for path in pages.values():
        statements(browser, path)
    few = {name: statements(browser, path) for name, path in pages.items()}
    full.grow(4)
    for name, path in pages.items():
        many = statements(browser, path)
        assert len(many) == len(few[name]) <= MOST, (name, len(few[name]), many)
