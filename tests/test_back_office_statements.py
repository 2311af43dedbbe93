"""How many statements a page of the back-office takes: few, and as many for many rows as for few.

The pages are made from the URL table, so that a page that is added is counted as well.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from billing.models import Payment
from bookings.models import EventDate
from config.access.models import Company
from config.access.tenancy import acting_for
from tests.backoffice import Browser, page_of
from tests.factories import (
    ACredit,
    ACustomer,
    AFacilitator,
    AMediaPurchase,
    AnAddress,
    AnAppointment,
    AnEventDate,
    AnInvoice,
    ANote,
    APass,
    APaymentMethod,
    APlace,
    ASubscription,
    AUser,
    make_staff,
)
from tests.office import PAGES, ROUTES, ids_of, make_rows
from tests.shares import shares
from tests.statements import MOST, statements

pytestmark = pytest.mark.long

# Making many rows takes as long as a hundred pages, so there are no more shares than cores.
HALVES = 2


class Full:
    """A company with a row of every kind, which grows by more that hangs on each."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.rows = make_rows(company)
        self.ids = ids_of(company, self.rows, "Own")
        self.made = 0
        with acting_for(company.id):
            EventDate.objects.filter(pk=self.ids["bookings.eventdate"]).update(capacity=500)
        own = {"company": company, "customer": self.rows["customers.customer"]}
        bought = APass(**own)
        self.place = APlace(**own, event_date=self.rows["bookings.eventdate"], means=bought)
        self.grow(1)

    def grow(self, times: int) -> None:
        company, rows = self.company, self.rows
        own: dict[str, Any] = {"company": company, "customer": rows["customers.customer"]}
        for _ in range(times):
            for make in (AnAddress, AUser, ANote, APass, APaymentMethod, ASubscription, AnInvoice):
                make(**own)
            make_staff(company, email=f"colleague{self.made}@studio.example")
            self.made += 1
            credit = ACredit(**own, amount=100_000)
            ACredit(**own, coupon=rows["credits.coupon"])
            plan = rows["billing.plan"]
            ASubscription(company=company, customer=ACustomer(company=company), plan=plan)
            AnAppointment(**own, means=credit)
            AnAppointment(**own, starts_at=timezone.now(), means=Payment(method="cash"))
            AnAppointment(company=company, facilitator=AFacilitator(company=company))
            APlace(**own, event_date=rows["bookings.eventdate"])
            APlace(company=company, event_date=rows["bookings.eventdate"])
            AnEventDate(company=company, event=rows["bookings.event"])
            AMediaPurchase(**own)

    def pages(self, browser: Browser) -> dict[str, str]:
        """Return every address that is opened as a page, by what it shows."""
        opened = [one for one in ROUTES if not NO_PAGE.search(one.path)]
        found = {route.path: route.fill(self.ids) for route in opened}
        for address in [one for one in found.values() if one.removesuffix("/").count("/") == 3]:
            shown = (browser.get(address).context or {}).get("cl")
            if shown is not None:
                query = "&".join(chosen_in(shown))
                sought = f"{address}?q={self.company.slug}"
                found |= {f"{address} sought": sought} if shown.search_fields else {}
                found |= {f"{address} narrowed": f"{address}?{query}"} if query else {}
        picked = "&".join(f"{name.partition('.')[2]}={key}" for name, key in self.ids.items())
        for kind in ("bookings.booking", "bookings.mediapurchase", "bookings.eventdate"):
            address = reverse(f"admin:{kind.replace('.', '_')}_add")
            found[f"{kind} picked"] = f"{address}?{picked}"
        for page in ("change", "history", "pay", "move", "cancel"):
            found[f"place {page}"] = page_of(self.place).replace("change", page)
        return found

    def many(self, share: int) -> dict[str, tuple[str, dict[str, str]]]:
        """Return what the page on many rows is sent, by its address, for a share of the models."""
        found = {}
        for kind, pages in shares(sorted(PAGES.items()), HALVES)[share]:
            with acting_for(self.company.id):
                rows = list(pages.model._default_manager.order_by("-pk")[:50])
                fits = {
                    one: [str(row.pk) for row in rows if one.fits(row)]
                    for one in pages.buttons
                    if one.many
                }
            for button, fitting in fits.items():
                if fitting:
                    name = f"admin:{kind.replace('.', '_')}_many_{button.name}"
                    found[f"{kind} {button.name}"] = (reverse(name), {"ids": ",".join(fitting)})
        return found


# Addresses that only take forms, sign out, send a file, or are for who has not signed in yet.
NO_PAGE = re.compile(
    r"export/$|/delete/$|/many/|/run/$|/files/|admin/(log(in|out)|again|forgotten|company/|still)"
    r"|<path:object_id>/$|\(\?P|second-factor/."
)


def chosen_in(shown: Any) -> Iterator[str]:
    """Yield what a list's address says once every filter that has choices has one chosen."""
    for spec in shown.filter_specs:
        wanted = spec.expected_parameters()
        for choice in list(spec.choices(shown))[1:2]:
            given = QueryDict(choice.get("query_string", "").removeprefix("?"))
            yield from (f"{name}={given[name]}" for name in wanted if name in given)


@pytest.mark.parametrize("share", range(HALVES))
def test_every_page_takes_few_statements_and_as_many_for_many_rows(
    studio: Company, subtests: pytest.Subtests, share: int
) -> None:
    browser = Browser(make_staff(studio, email="root@studio.example", superuser=True), studio)
    full = Full(studio)
    ContentType.objects.get_for_models(*(pages.model for pages in PAGES.values()))
    pages = shares(sorted(full.pages(browser).items()), HALVES)[share]
    few = {name: statements(browser, address) for name, address in pages}
    few |= {name: statements(browser, *asked) for name, asked in full.many(share).items()}
    full.grow(20)
    many = {name: statements(browser, address) for name, address in pages}
    many |= {name: statements(browser, *asked) for name, asked in full.many(share).items()}
    for name, ran in few.items():
        with subtests.test(name):
            assert len(many[name]) <= min(MOST, len(ran)), "\n".join(many[name])
