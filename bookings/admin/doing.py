"""What staff do to a booking: pay for it, begin it, end it, move it, cancel it."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import Invoice
from config.admin.buttons import Button
from config.admin.forms import Answers
from config.money import show_money

from ..actions import (
    cancel_booking,
    change_booking,
    complete_booking,
    miss_booking,
    pay_booking,
    start_booking,
)
from ..models import Booking
from ..models.payable import PAID
from .cancelling import Cancelling
from .columns import what
from .moving import moving
from .paying import Paying, Way, held_ways, money_ways, ways_to_pay

Status = Booking.Status


class PayingFor(Paying, Answers):
    """Asks what pays for a booking, or for what is left of its price."""

    def prepare(self) -> None:
        self.payer = self.row.transaction.customer if self.row.transaction else self.row.customer
        self.offer(self._ways(), later=False)
        self.explains = [
            _("%(amount)s is to be paid for %(thing)s by %(payer)s.")
            % {"amount": self._due(), "thing": what(self.row), "payer": self.payer}
        ]
        if not self.ways:
            self.explains.append(_("They have no pass that is good for it."))

    def answers(self) -> dict[str, Any]:
        return {"means": self.means}

    @property
    def _invoice(self) -> Invoice | None:
        invoice = self.row.invoice
        return invoice if invoice is not None and invoice.voided_at is None else None

    def _ways(self) -> list[tuple[str, list[Way]]]:
        booking, name = self.row, str(what(self.row))
        if booking.entry_id is not None or self._invoice is not None:
            return money_ways(self.payer, self.actor)
        option = booking.pricing_option
        visits = option.visits * booking.spaces if option else 1
        if not booking.total:
            held = held_ways(self.payer, name, booking.currency, visits, self.actor)
            return [group for group in held if group[1][0].key.startswith("pass:")]
        return ways_to_pay(
            self.payer, thing=name, currency=booking.currency, visits=visits, actor=self.actor
        )

    def _due(self) -> str:
        due = self.row.due
        if self._invoice is not None:
            rows = Invoice.objects.visible_to(self.actor).filter(pk=self._invoice.pk)
            due = vars(rows.with_amounts().get())["balance"]
        return show_money(due, self.row.currency)


def can_be_paid(booking: Any) -> bool:
    """Whether to offer paying; a place that is free may still cost a visit of a pass."""
    if booking.cancelled_at is not None:
        return False
    is_free = not booking.total and booking.entry_id is None
    return booking.standing != PAID or (is_free and not booking.is_appointment)


BUTTONS = (
    Button(
        name="pay",
        label=gettext_lazy("Pay"),
        done=gettext_lazy("payment written"),
        asks="",
        act=pay_booking,
        fits=can_be_paid,
        icon="payments",
        many=False,
        form=PayingFor,
    ),
    Button(
        name="start",
        label=gettext_lazy("Start"),
        done=gettext_lazy("started"),
        asks=gettext_lazy("The customer is there, and it begins."),
        act=start_booking,
        fits=lambda booking: booking.status == Status.CONFIRMED,
        icon="play_arrow",
    ),
    Button(
        name="complete",
        label=gettext_lazy("Complete"),
        done=gettext_lazy("completed"),
        asks=gettext_lazy("It is done. What is over stays as it was."),
        act=complete_booking,
        fits=lambda booking: booking.is_open,
        icon="check_circle",
    ),
    Button(
        name="miss",
        label=gettext_lazy("No-show"),
        done=gettext_lazy("missed"),
        asks=gettext_lazy("The customer did not come. What was paid stays paid."),
        act=miss_booking,
        fits=lambda booking: (
            booking.status == Status.CONFIRMED and booking.starts_at <= timezone.now()
        ),
        icon="person_off",
    ),
    Button(
        name="move",
        label=gettext_lazy("Move"),
        done=gettext_lazy("changed"),
        asks=gettext_lazy("What was paid stays paid. Nobody is told by us."),
        act=change_booking,
        fits=lambda booking: booking.is_open,
        icon="edit_calendar",
        many=False,
        form=moving,
    ),
    Button(
        name="cancel",
        label=gettext_lazy("Cancel"),
        done=gettext_lazy("cancelled"),
        asks="",
        act=cancel_booking,
        fits=lambda booking: booking.is_open,
        icon="event_busy",
        danger=True,
        many=False,
        form=Cancelling,
    ),
)
