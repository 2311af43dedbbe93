"""Sentences that forecast what a cancellation gives back to a customer."""

from collections import Counter
from typing import Any

from django.db.models import BigIntegerField, Count, F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.models import CreditNote, Invoice, Payment
from config.money import show_money
from config.tenancy.actors import Actor
from credits.models import Entry

from ..models import Booking, EventDate

# The condition that an invoice charges for a booking and is not void.
ASKED = Q(invoice__isnull=False, invoice__voided_at__isnull=True)


def what_goes_back(payable: Any, actor: Actor) -> list[str]:
    """Return sentences about the effects of cancelling a booking or a medium, except on money."""
    sentences = []
    if payable.entry is not None:
        sentences.append(_of_entry(payable.entry, actor))
    if payable.open_invoice is not None:
        uses = Entry.objects.visible_to(actor).paying_for(payable.open_invoice).returnable()
        found = uses.select_related("credit__coupon").order_by("id")
        sentences += [*(_of_entry(use, actor) for use in found), of_invoice(payable.open_invoice)]
    return sentences


def of_invoice(invoice: Invoice) -> str:
    """Return the sentence about the invoice of a cancelled row."""
    text = _("Invoice %(number)s is voided, unless money is kept for it.")
    return text % {"number": invoice.number}


def what_a_date_gives_back(date: EventDate, actor: Actor) -> tuple[list[str], Counter[str]]:
    """Return sentences about the effects of cancelling an event date, and its money by currency."""
    places = Booking.objects.visible_to(actor).filter(event_date=date).open()
    by_credit = Q(entry__credit__isnull=False) | ASKED & Q(invoice__covered__gt=F("returned"))
    found = places.annotate(returned=_returned_of_invoice()).aggregate(
        number=Count("id"),
        spaces=Sum("spaces", default=0),
        passes=Count("id", filter=Q(entry__purchase__isnull=False)),
        credits=Count("id", filter=by_credit),
        invoices=Count("id", filter=ASKED),
    )
    if not found["number"]:
        return [], Counter()
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
    return sentences, _money_of(places, actor)


def _money_of(places: Any, actor: Actor) -> Counter[str]:
    """Return the money taken for places and not refunded, by currency.

    Counts as `money_kept` does: a payment counts at most up to the prices of the places it paid
    for.
    """
    rows = Payment.objects.visible_to(actor)
    of_invoices = rows.filter(invoice__in=places.filter(ASKED).values("invoice_id"))
    by_currency = of_invoices.order_by().values_list("currency")
    money = Counter(dict(by_currency.annotate(total=Sum("signed_amount"))))
    paid = places.exclude(ASKED).filter(payment__status=Payment.Status.SUCCEEDED)
    dues = dict(
        paid.values_list("payment_id").annotate(due=Sum(F("total") - F("covered"))).order_by()
    )
    for one in rows.filter(pk__in=dues).with_left():
        money[one.currency] += min(dues[one.pk], vars(one)["left"])
    return +money


def _returned_of_invoice() -> Coalesce:
    """Return the amount of an invoice's credits that was given back."""
    notes = CreditNote.objects.filter(
        invoice_id=OuterRef("invoice_id"), kind=CreditNote.Kind.RETURNED
    )
    total = notes.order_by().values("invoice_id").values(total=Sum("total"))
    return Coalesce(Subquery(total, BigIntegerField()), Value(0))


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
