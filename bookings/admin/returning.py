"""Forecast what a cancellation gives back to a customer, before it is done."""

from typing import Any

from django.db.models import Count, F, Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.models import Payment
from config.money import show_money
from config.tenancy.actors import Actor
from credits.models import Entry

from ..models import Booking, EventDate


def what_goes_back(payable: Any, actor: Actor) -> list[str]:
    """Return sentences on what cancelling a booking or a medium does, money aside."""
    sentences = []
    if payable.entry is not None:
        sentences.append(_of_entry(payable.entry, actor))
    if payable.open_invoice is not None:
        sentences.append(
            _("Invoice %(number)s is voided, unless money is kept for it.")
            % {"number": payable.open_invoice.number}
        )
    return sentences


def what_a_date_gives_back(date: EventDate, actor: Actor) -> tuple[list[str], int]:
    """Return sentences on what cancelling an event date does, and how much money it is about."""
    places = Booking.objects.visible_to(actor).filter(event_date=date).open()
    found = places.aggregate(
        number=Count("id"),
        spaces=Sum("spaces", default=0),
        passes=Count("id", filter=Q(entry__purchase__isnull=False)),
        credits=Count("id", filter=Q(entry__credit__isnull=False)),
        invoices=Count("id", filter=Q(invoice__voided_at__isnull=True, invoice__isnull=False)),
        money=Sum(
            F("total") - F("covered"), filter=Q(payment__status=Payment.Status.SUCCEEDED), default=0
        ),
    )
    if not found["number"]:
        return [], 0
    number = ngettext("%(number)d booking", "%(number)d bookings", found["number"]) % found
    spaces = ngettext("%(spaces)d space", "%(spaces)d spaces", found["spaces"]) % found
    sentences = [
        _("%(number)s for %(spaces)s will be cancelled.") % {"number": number, "spaces": spaces}
    ]
    told = {
        "passes": ngettext(
            "%(passes)d of them gets its visits of a pass back.",
            "%(passes)d of them get their visits of a pass back.",
            found["passes"],
        ),
        "credits": ngettext(
            "%(credits)d of them gets a credit back.",
            "%(credits)d of them get a credit back.",
            found["credits"],
        ),
        "invoices": ngettext(
            "%(invoices)d invoice is voided, unless money is kept for it.",
            "%(invoices)d invoices are voided, unless money is kept for them.",
            found["invoices"],
        ),
    }
    sentences += [sentence % found for name, sentence in told.items() if found[name]]
    return sentences, found["money"]


def _of_entry(entry: Entry, actor: Actor) -> str:
    held: Any = entry.purchase or entry.credit
    name = held.product if entry.purchase else held.coupon
    if Entry.objects.visible_to(actor).filter(reverses=entry).exists():
        return _("What it took from %(name)s was given back already.") % {"name": name}
    if held.revoked_at or held.expired_at:
        return _("Nothing goes back to %(name)s, which has ended.") % {"name": name}
    if entry.purchase:
        visits = ngettext("%(count)d visit goes", "%(count)d visits go", -entry.amount)
        back = visits % {"count": -entry.amount}
        return _("%(back)s back to the pass %(name)s.") % {"back": back, "name": name}
    if held.is_amount:
        amount = show_money(-entry.amount, held.currency)
        return _("%(amount)s goes back to the credit %(name)s.") % {"amount": amount, "name": name}
    return _("The credit %(name)s can be used again.") % {"name": name}
