"""The buttons of a booking: pay, start, complete, move, cancel."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import Invoice
from config.admin.batch_read import gather
from config.admin.buttons import Button
from config.admin.forms import Answers, Compares
from config.money import show_money
from config.times import database_now

from .. import actions
from ..models import Booking
from ..models.payable import PAID
from .cancelling import CancellingBooking
from .columns import what
from .moving import moving
from .paying import Paying, Way, held_ways, means_of, money_ways, ways_to_pay

Status = Booking.Status
# The statuses that staff set and can undo.
MARKED = (Status.IN_PROGRESS, Status.COMPLETED, Status.NO_SHOW)


class PayingFor(Paying, Compares):
    """The form that pays for a booking, or for the rest of its price."""

    def prepare(self) -> None:
        self.payer = self.row.payer
        self.offer(self._ways(), later=False)
        self.explains = [
            _("%(payer)s has %(amount)s to pay for %(thing)s.")
            % {"amount": self._due(), "thing": what(self.row), "payer": self.payer}
        ]
        if not self.ways:
            self.explains.append(_("They have no pass that covers it."))

    def answers(self) -> dict[str, Any]:
        return {"means": self.means}

    def _ways(self) -> list[tuple[str, list[Way]]]:
        booking, name = self.row, str(what(self.row))
        when: dict[str, Any] = {"visits": booking.visits, "begins_at": booking.starts_at}
        is_begun = booking.entry_id is not None or booking.open_invoice is not None
        if booking.total and not is_begun and not self.payer.is_archived:
            return ways_to_pay(
                self.payer, thing=name, currency=booking.currency, **when, actor=self.actor
            )
        found = gather(means_of(self.payer, **when, actor=self.actor))
        if self.payer.is_archived:
            return money_ways(found) if booking.total else []
        if is_begun:
            return money_ways(found)
        held = held_ways(found, thing=name, currency=booking.currency)
        return [group for group in held if group[1][0].key.startswith("pass:")]

    def _due(self) -> str:
        due = self.row.due
        if self.row.open_invoice is not None:
            rows = Invoice.objects.visible_to(self.actor).filter(pk=self.row.open_invoice.pk)
            due = vars(rows.with_amounts().get())["balance"]
        return show_money(due, self.row.currency)


class Attended(Answers):
    """Asks staff to confirm that the customer came."""

    def prepare(self) -> None:
        self.explains = [_("Mark %(name)s as attended?") % {"name": self.row.customer}]


def can_be_paid(booking: Any) -> bool:
    """Whether to offer paying; a free place may still cost a visit of a pass."""
    if booking.cancelled_at is not None:
        return False
    is_free = not booking.total and booking.entry_id is None
    return booking.standing != PAID or (is_free and not booking.is_appointment)


BUTTONS = (
    Button(
        name="pay",
        label=gettext_lazy("Pay"),
        done=gettext_lazy("payment written"),
        asks=gettext_lazy("Take payment for %(name)s"),
        says=gettext_lazy("Payment recorded for %(name)s."),
        act=actions.pay_booking,
        is_available=can_be_paid,
        icon="payments",
        many=False,
        ends=True,
        form=PayingFor,
    ),
    Button(
        name="start",
        label=gettext_lazy("Start"),
        done=gettext_lazy("started"),
        asks=gettext_lazy("Start %(offering)s with %(customer)s?"),
        says=gettext_lazy("%(offering)s with %(customer)s started."),
        confirm_text=gettext_lazy("The customer is here and it begins."),
        act=actions.start_booking,
        is_available=lambda booking: booking.status == Status.CONFIRMED,
        icon="play_arrow",
    ),
    Button(
        name="complete",
        label=gettext_lazy("Complete"),
        done=gettext_lazy("completed"),
        asks=gettext_lazy("Mark %(customer)s as attended?"),
        says=gettext_lazy("%(customer)s marked as attended."),
        confirm_text=gettext_lazy("The booking is completed. What was paid stays paid."),
        act=actions.complete_booking,
        is_available=lambda booking: (
            booking.is_open and (booking.is_appointment or booking.starts_at <= database_now())
        ),
        icon="check_circle",
        ends=True,
        form=Attended,
    ),
    Button(
        name="miss",
        label=gettext_lazy("No-show"),
        done=gettext_lazy("missed"),
        asks=gettext_lazy("Mark %(customer)s as a no-show?"),
        says=gettext_lazy("%(customer)s marked as a no-show."),
        confirm_text=gettext_lazy("The customer did not come. What was paid stays paid."),
        act=actions.miss_booking,
        is_available=lambda booking: (
            booking.status == Status.CONFIRMED and booking.starts_at <= database_now()
        ),
        icon="person_off",
        ends=True,
    ),
    Button(
        name="reopen",
        label=gettext_lazy("Undo"),
        done=gettext_lazy("confirmed again"),
        asks=gettext_lazy("Confirm the booking of %(customer)s again?"),
        says=gettext_lazy("Booking of %(customer)s confirmed again."),
        confirm_text=gettext_lazy(
            "The booking is confirmed again, as if nobody had said whether the customer came. What "
            "was paid stays paid."
        ),
        act=actions.reopen_booking,
        is_available=lambda booking: booking.status in MARKED,
        icon="undo",
        many=False,
    ),
    Button(
        name="move",
        label=gettext_lazy("Move"),
        done=gettext_lazy("changed"),
        asks=gettext_lazy("Move %(name)s"),
        says=gettext_lazy("Changes saved: %(name)s."),
        confirm_text=gettext_lazy(
            "What was paid stays paid. Regulars does not notify the customer."
        ),
        act=actions.change_booking,
        is_available=lambda booking: booking.is_open,
        icon="edit_calendar",
        many=False,
        form=moving,
    ),
    Button(
        name="cancel",
        label=gettext_lazy("Cancel"),
        done=gettext_lazy("cancelled"),
        asks=gettext_lazy("Cancel %(offering)s for %(customer)s?"),
        says=gettext_lazy("%(offering)s for %(customer)s cancelled."),
        act=actions.cancel_booking,
        is_available=lambda booking: booking.is_open,
        icon="event_busy",
        danger=True,
        many=False,
        ends=True,
        form=CancellingBooking,
    ),
)
