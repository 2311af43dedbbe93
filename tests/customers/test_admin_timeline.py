"""The timeline of a customer: everything in one stream, newest first, page by page."""

import datetime
import re
from typing import Any

from django.utils import timezone

from billing.actions import (
    cancel_subscription,
    pause_subscription,
    refund_payment,
    resume_subscription,
    void_invoice,
)
from billing.models import Payment
from bookings.models import Booking
from config.admin.timeline import EACH
from config.tenancy.actors import Actor
from config.tenancy.authors import because
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from credits.actions import redeem_credit, reverse_redemption, revoke_credit, use_pass
from customers.actions import update_customer
from customers.models import Note
from tests.backoffice import Browser, form_of, fresh, page_of
from tests.factories import (
    ACoupon,
    ACredit,
    ACustomer,
    AMediaPurchase,
    AnAddress,
    AnAppointment,
    AnEvent,
    AnEventDate,
    AnInvoice,
    ANote,
    APass,
    APayment,
    APlace,
    APlan,
    AService,
    ASubscription,
    AUser,
    make_staff,
)


def lines(browser: Browser, customer: Any, **query: str) -> list[Any]:
    """Return the lines of one page of the timeline."""
    page = browser.get(page_of(customer), **query).context["timeline"]
    return [line for _, of_day in page.days for line in of_day]


def texts(found: list[Any]) -> list[str]:
    """Return the text, coloured word, amount and details of each line."""
    said = []
    for line in found:
        told = line.entry
        mark = re.sub(r"<[^>]*>|\s+", " ", str(told.mark)).strip()
        parts = [told.text, mark, told.amount, *told.details]
        said.append(" | ".join(str(part) for part in parts if part))
    return said


def test_everything_that_happens_is_told(
    browser: Browser, studio: Company, customer: Any, actor: Actor
) -> None:
    own: dict[str, Any] = {"company": studio, "customer": customer}
    paid = APayment(**own, amount=4_500)
    credit = ACredit(**own, coupon=ACoupon(company=studio, name="Goodwill", amount=2_000))
    bought = APass(**own)
    invoice = AnInvoice(**own, amount=1_000)
    subscription = ASubscription(**own, plan=APlan(company=studio, name="Gold"))
    with acting_for(studio.id):
        refund_payment(Payment(refunds=paid, amount=500), actor=actor)
        used = redeem_credit(credit, amount=300, reference="till-7", actor=actor)
        reverse_redemption(used, reason="Wrong one", actor=actor)
        revoke_credit(credit, reason="Issued twice", actor=actor)
        use_pass(bought, visits=2, reference="till-8", actor=actor)
        void_invoice(invoice, actor=actor)
        pause_subscription(subscription, reason="Away", actor=actor)
        resume_subscription(subscription, actor=actor)
        cancel_subscription(subscription, actor=actor)
    AMediaPurchase(**own)
    ANote(**own, content="Likes the window seat")
    told = texts(lines(browser, customer))
    for text in (
        "Paid by cash | £45.00",
        "Given back by cash | −£5.00",
        "Goodwill | Issued | +£20.00 | by manage.py",
        "Goodwill | Used | −£3.00 | till-7 | by manage.py",
        "Goodwill | Given back | +£3.00 | Wrong one | by manage.py",
        "Goodwill | Revoked | −£20.00 | Issued twice | by manage.py",
        f"{bought.product} | Issued | +10 visits | by manage.py",
        f"{bought.product} | Used | −2 visits | till-8 | by manage.py",
        f"Invoice {invoice.number} issued | £10.00",
        f"Invoice {invoice.number} voided | £10.00",
        "Subscription to Gold began",
        "Subscription to Gold paused | Away",
        "Subscription to Gold resumed",
        "Subscription to Gold cancelled",
        "Bought Morning stretch | £9.00",
        "Note by manage.py",
        "The record was made | by manage.py",
    ):
        assert told.count(text) == 1, (text, *told)
    assert len(told) == 17
    assert "Likes the window seat" in browser.get(page_of(customer)).text


def test_changes_of_the_record_are_told_from_what_to_what_by_whom_and_why(
    browser: Browser, studio: Company, customer: Any, actor: Actor
) -> None:
    address = AnAddress(company=studio, customer=customer, city="London")
    user = AUser(company=studio, customer=customer, first_name="Ulla")
    browser.send(form_of(customer), first_name="<b>Anna", email="anna@example.com")
    browser.send(page_of(address), city="Bath")
    browser.press(page_of(user), "archive")
    with acting_for(studio.id):
        because("Asked on the phone")
        update_customer(customer, changes={"phone": "+44 20 7946 0958"}, actor=actor)
    found = lines(browser, customer, show="changes")
    told = texts(found)
    assert [text.partition(" | ")[0] for text in told] == [
        "Customer changed",
        "User archived",
        "Address changed",
        "Customer changed",
    ]
    assert "Phone: – → +44 20 7946 0958 | Asked on the phone" in told[0]
    assert "City: London → Bath | by Olive Owner" in told[2]
    assert "→ anna@example.com" in told[3]
    assert [line.link for line in found][1:3] == [page_of(user), page_of(address)]
    assert "<b>Anna" not in browser.get(page_of(customer)).text


def test_bookings_stand_where_they_matter(browser: Browser, studio: Company, customer: Any) -> None:
    now = timezone.now()
    for name, days, cancelled in (("Over", -2, False), ("Ahead", 2, False), ("Off", 3, True)):
        AnAppointment(
            company=studio,
            customer=customer,
            service=AService(company=studio, name=name),
            starts_at=now + datetime.timedelta(days=days),
            cancelled=cancelled,
        )
    event = AnEvent(company=studio, name="Yoga")
    APlace(
        company=studio,
        customer=customer,
        event_date=AnEventDate(company=studio, event=event, starts_at=now + datetime.timedelta(1)),
    )
    AnAppointment(company=studio)
    found = lines(browser, customer, show="bookings")
    told = [text.partition(" | ")[0] for text in texts(found)]
    assert told[0].startswith("Yoga booked for ")
    assert told[1].startswith("Off of ")
    assert told[2].startswith("Ahead booked for ")
    assert told[3:] == ["Over"]
    with acting_for(studio.id):
        assert found[3].moment == Booking.objects.get(service__name="Over").starts_at


def test_the_stream_shows_one_kind(browser: Browser, studio: Company, customer: Any) -> None:
    own: dict[str, Any] = {"company": studio, "customer": customer}
    APayment(**own, amount=100)
    ANote(**own)
    ACredit(**own)
    ASubscription(**own)
    AnAppointment(**own)
    icons = {
        "bookings": {"event_upcoming"},
        "money": {"payments"},
        "subscriptions": {"autorenew"},
        "credits": {"redeem"},
        "notes": {"sticky_note_2"},
    }
    for name, expected in icons.items():
        assert {line.icon for line in lines(browser, customer, show=name)} == expected
    for other in ("", "nonsense", "\x00"):
        assert len(lines(browser, customer, show=other)) == 6
    page = browser.get(page_of(customer), show="notes").text
    assert re.search(r'href="\?show=notes#timeline"[^>]*aria-current="true"', page)


def test_days_are_those_of_the_companys_calendar(rival: Company) -> None:
    """At 05:30 UTC it is still the previous day in Mexico."""
    customer = ACustomer(company=rival)
    note = ANote(company=rival, customer=customer)
    with acting_for(rival.id):
        Note.objects.filter(pk=note.pk).update(created_at="2026-03-02T05:30:00Z")
    mexican = Browser(make_staff(rival, email="mia@rival.example"))
    days = mexican.get(page_of(customer), show="notes").context["timeline"].days
    assert [day for day, _ in days] == [datetime.date(2026, 3, 1)]


def test_no_row_is_lost_or_shown_twice_from_page_to_page(
    browser: Browser, studio: Company, customer: Any, actor: Actor
) -> None:
    own: dict[str, Any] = {"company": studio, "customer": customer}
    notes = [ANote(**own, content=f"No. {n}") for n in range(EACH * 2)]
    invoices = [AnInvoice(**own) for _ in range(8)]
    # Each invoice is issued and voided in one transaction, so both lines have the same time and id.
    moment = fresh(invoices[0]).issued_at
    with acting_for(studio.id):
        for invoice in invoices:
            void_invoice(invoice, actor=actor)
    for minutes in (0, 1):
        with acting_for(studio.id):
            for number, note in enumerate(notes):
                at = moment - datetime.timedelta(minutes=minutes * number)
                Note.objects.filter(pk=note.pk).update(created_at=at)
        seen: list[str] = []
        moments: list[datetime.datetime] = []
        query: dict[str, str] | None = {}
        while query is not None:
            timeline = browser.get(page_of(customer), **query).context["timeline"]
            found = [line for _, of_day in timeline.days for line in of_day]
            assert 0 < len(found) <= EACH
            seen += [f"{line.entry.text} {line.entry.long}" for line in found]
            moments += [line.moment for line in found]
            query = {"before": timeline.older} if timeline.older else None
        assert len(seen) == len(set(seen)) == len(notes) + 2 * len(invoices) + 1
        assert moments == sorted(moments, reverse=True)
    page = browser.get(page_of(customer), show="notes").text
    (older,) = re.findall(r'href="(\?show=notes&amp;before=[^"]+)#timeline"', page)
    second = browser.get(page_of(customer) + older.replace("&amp;", "&")).text
    assert second.count("Note by") == EACH
    assert 'href="?show=notes#timeline"' in second
    assert "Back to the newest" in second


def test_nothing_of_another_customer_or_company_is_told(
    browser: Browser, studio: Company, rival: Company, customer: Any
) -> None:
    ANote(company=studio, customer=ACustomer(company=studio))
    ANote(company=rival, customer=ACustomer(company=rival))
    assert texts(lines(browser, customer)) == ["The record was made | by manage.py"]
    assert "Nothing of this kind yet." in browser.get(page_of(customer), show="notes").text
    for before in (
        *("", "x", "1-2-3", "\x00", f"1-1-{'g' * 32}", f"99999999999999999-1-{'0' * 32}"),
        "9" * 5000,
    ):
        assert len(lines(browser, customer, before=before)) == 1, before
