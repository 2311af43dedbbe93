"""The columns of a booking, the same in lists, pages and tables."""

from typing import Any

from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import Payment
from config.admin.columns import column
from config.admin.tables import label, link_to
from config.money import show_money
from config.times import database_now

from ..late_cancellation import FEE, VISIT
from ..models import Booking, EventDate, LateCancellation
from ..models.late import WAIVED
from ..models.payable import FAILED, PAID, PENDING

STATUS_COLOURS = {
    Booking.Status.CONFIRMED.value: "info",
    Booking.Status.IN_PROGRESS.value: "warning",
    Booking.Status.COMPLETED.value: "success",
    Booking.Status.NO_SHOW.value: "danger",
    Booking.Status.CANCELLED.value: "default",
}

REFUNDED, PARTLY, FREE, NOTHING = "refunded", "partly", "free", "nothing"
STANDINGS = {
    PAID: gettext_lazy("Paid"),
    PENDING: gettext_lazy("Unpaid"),
    FAILED: gettext_lazy("Failed"),
    REFUNDED: gettext_lazy("Given back"),
    PARTLY: gettext_lazy("Partly paid"),
    FREE: gettext_lazy("Free"),
    NOTHING: gettext_lazy("Nothing paid"),
}
STANDING_COLOURS = {
    PAID: "success",
    PENDING: "warning",
    FAILED: "danger",
    REFUNDED: "default",
    PARTLY: "warning",
    FREE: "default",
    NOTHING: "default",
}


def status_of(booking: Booking) -> tuple[str, str]:
    return booking.status, str(capfirst(booking.get_status_display()))


def standing_of(payable: Any) -> tuple[str, Any]:
    """Return the payment state of a row loaded `with_balance`; cancelled rows are not owed."""
    standing = payable.standing
    if payable.is_refunded:
        standing = REFUNDED
    elif payable.cancelled_at is not None and standing == PENDING:
        standing = NOTHING
    elif standing == PENDING and (payable.covered or payable.paid_on_invoice):
        standing = PARTLY
    elif not payable.total and payable.entry_id is None:
        standing = FREE
    return standing, STANDINGS[standing]


def status_label(booking: Booking) -> SafeString:
    """Return the status as a coloured label."""
    status, text = status_of(booking)
    return label(text, STATUS_COLOURS[status])


def standing_label(payable: Any) -> SafeString:
    """Return the payment state as a coloured label."""
    standing, text = standing_of(payable)
    return label(text, STANDING_COLOURS[standing])


def what(booking: Booking) -> Any:
    """Return the service of an appointment or the event of a place."""
    return booking.service or (booking.event_date and booking.event_date.event)


def who_does_it(booking: Booking) -> Any:
    return booking.facilitator or (booking.event_date and booking.event_date.facilitator) or "–"


def paid_how(payable: Any) -> str:
    """Return the names of all means of payment: a pass or credit, an invoice, and money."""
    ways = []
    if payable.entry is not None:
        entry = payable.entry
        ways.append(str(entry.purchase.product if entry.purchase else entry.credit.coupon))
    if payable.open_invoice is not None:
        ways.append(str(payable.open_invoice))
    if payable.payment is not None:
        ways.append(str(capfirst(payable.payment.get_method_display())))
    return ", ".join(ways) or "–"


def money_link(payment: Payment | None) -> Any:
    """Return a link to the payment, such as £66.00 (card)."""
    if payment is None:
        return ""
    amount = show_money(payment.amount, payment.currency)
    return link_to(payment, f"{amount} ({payment.get_method_display()})")


def cancelled_by(payable: Any) -> str:
    """Return the name of the person who cancelled, and the reason."""
    return ": ".join(filter(None, (payable.cancelled_by, payable.reason)))


class ShowsPayment:
    """The columns about the payment of a row and about the refund of its cancellation."""

    shown_standing = column(gettext_lazy("paid"), standing_of, label=STANDING_COLOURS)
    standing_label = column(gettext_lazy("paid"), standing_label)
    money_back = column(gettext_lazy("given back"), lambda row: money_link(row.refund))
    shown_canceller = column(gettext_lazy("cancelled by"), cancelled_by)


def date_state(date: EventDate) -> tuple[str, str]:
    """Return the state of an event date and its colour."""
    if date.is_cancelled:
        return _("Cancelled"), "danger"
    if date.starts_at <= (now := database_now()):
        return (_("Past"), "default") if date.ends_at <= now else (_("Now"), "info")
    return (_("Open"), "success") if date.spaces_left else (_("Full"), "warning")


def taken_of(date: EventDate) -> str:
    """Return the taken spaces, such as 3 of 10."""
    return _("%(taken)d of %(capacity)d") % {"taken": date.spaces_taken, "capacity": date.capacity}


def late_cancellation_of(booking: Booking) -> LateCancellation | None:
    """Return the record of a late cancellation, None if the booking was not cancelled late."""
    rows = LateCancellation.objects.filter(company_id=booking.company_id, booking=booking)
    return rows.select_related("invoice").first()


def late_cancellation(booking: Booking) -> Any:
    """Return a sentence about what a late cancellation kept, with a link to the fee's invoice."""
    late = late_cancellation_of(booking)
    if late is None:
        return ""
    money = show_money(late.kept, late.currency)
    texts = {
        VISIT: _("What was paid was kept"),
        FEE: _("A fee of %(money)s was kept") % {"money": money} if late.kept else "",
        WAIVED: _("Waived by %(name)s: %(reason)s")
        % {"name": late.actor_name, "reason": late.reason},
    }
    asked = (
        link_to(
            late.invoice,
            _("A fee of %(fee)s was asked for") % {"fee": show_money(late.fee, late.currency)},
        )
        if late.invoice
        else ""
    )
    return format_html_join("; ", "{}", [(one,) for one in (texts[late.keeps], asked) if one])
