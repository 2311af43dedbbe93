"""The forms that cancel: they show what goes back, and ask for the reason and the refund.

If the shown facts have changed when the form is sent, nothing is cancelled and the form asks again.
"""

from collections import Counter
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldBooleanSwitchWidget

from billing.models import Payment
from config.admin.forms import Compares, Reason
from config.errors import Refusal
from config.money import show_money, show_sums
from config.tenancy.money_permissions import MoneyAction, refused_money_action
from config.times import show_moment

from ..actions.lifecycle import refused_unpaid
from ..errors import WaiverUnexplained
from ..late_cancellation import FEE, VISIT, CancellationForecast, forecast_cancellation, money_kept
from ..models import Booking
from .returning import of_invoice, what_a_date_gives_back, what_goes_back

# The questions that the form asks only if the answer makes a difference.
SWITCHES = ("refund", "waive_fee")


class Cancelling(Compares):
    """The form that cancels a booking or a medium: the reason, and whether to refund the money."""

    nothing: Any = gettext_lazy("Nothing was paid for it.")

    reason = Reason(required=False)
    refund = forms.BooleanField(
        label=gettext_lazy("Give the money back"),
        required=False,
        initial=True,
        widget=UnfoldBooleanSwitchWidget,
    )

    def prepare(self) -> None:
        sentences, money = self.gives_back()
        # A reason is required if money or credit moves.
        self.fields["reason"].required = bool(sentences or money)
        if not sentences:
            sentences = [_("It was paid with money.") if money else self.nothing]
        self.explains = sentences
        if money:
            self.fields["refund"].label = _("Give %(amount)s back") % {"amount": show_sums(money)}
        else:
            del self.fields["refund"]

    def facts(self) -> list[Any]:
        offered = [self.fields[name].label for name in SWITCHES if name in self.fields]
        return [*self.explains, *offered]

    def gives_back(self) -> tuple[list[str], Counter[str]]:
        """Return sentences about what goes back, and the refundable money by currency."""
        money = money_kept(self.row, self.actor)
        return what_goes_back(self.row, self.actor), +Counter({self.row.currency: money})


class CancellingBooking(Cancelling):
    """Shows what the late cancellation rule keeps, and offers to waive it for a reason."""

    waive_fee = forms.BooleanField(
        label=gettext_lazy("Waive it, and give everything back"),
        required=False,
        help_text=gettext_lazy("Say why."),
        widget=UnfoldBooleanSwitchWidget,
    )

    def prepare(self) -> None:
        self.forecast = forecast_cancellation(self.row, actor=self.actor)
        super().prepare()
        if refusal := refused_unpaid(self.row, actor=self.actor):
            self.is_blocked, self.explains = True, [str(refusal)]
            self.fields.clear()
            return
        over = self._refused_refund(self._back)
        if over:
            self.fields["refund"].disabled, self.fields["refund"].initial = True, False
            self.initial["refund"] = False
            self.fields["refund"].help_text = str(over)
        refusal = self._refused_waiver()
        if not self.forecast.is_late or refusal:
            del self.fields["waive_fee"]
        if self.forecast.is_late:
            forecast = self.forecast
            if over:
                forecast = forecast_cancellation(self.row, refund=False, actor=self.actor)
            # If a refund is refused, the disabled switch already shows the reason.
            why = [] if refusal is None or str(refusal) == str(over) else [str(refusal)]
            self.explains = [*told(forecast, self.row), *why]
            self.fields["reason"].required = bool(self.forecast.refund)

    @property
    def _back(self) -> int:
        return self.forecast.refund

    def gives_back(self) -> tuple[list[str], Counter[str]]:
        money = +Counter({self.row.currency: self._back})
        return what_goes_back(self.row, self.actor), money

    def clean(self) -> None:
        super().clean()
        if self.cleaned_data.get("waive_fee") and not self.cleaned_data.get("reason"):
            self.add_error("reason", str(WaiverUnexplained.message))

    def _refused_waiver(self) -> Refusal | None:
        """Return the refusal of waiving the rule, or of the refund that follows, or None."""
        everything = self.forecast.kept + self.forecast.refund
        worth = self._refused(MoneyAction.WAIVE_FEE, self.forecast.waivable)
        return worth or self._refused_refund(everything)

    def _refused_refund(self, most: int) -> Refusal | None:
        """Return the refusal of a refund, checked for each payment as the action does."""
        invoice, payments = self.row.open_invoice, Payment.objects.visible_to(self.actor).taken()
        paid = Q(invoice=invoice) if invoice is not None else Q(pk=self.row.payment_id)
        for payment in payments.filter(paid).with_left():
            left: int = vars(payment)["left"]
            amount = min(most, left)
            before = payment.amount - left
            if amount and (refusal := self._refused(MoneyAction.REFUND, amount, before=before)):
                return refusal
            most -= amount
        return None

    def _refused(self, action: MoneyAction, amount: int, before: int = 0) -> Refusal | None:
        currency = self.row.currency
        return refused_money_action(self.actor, action, amount, before=before, currency=currency)


def told(forecast: CancellationForecast, booking: Booking) -> list[str]:
    """Return sentences about what a late cancellation keeps and gives back."""
    assert forecast.late_from is not None
    sentences = [
        _("This is a late cancellation: it was free of charge until %(moment)s.")
        % {"moment": show_moment(forecast.late_from)}
    ]
    amounts = {
        name: show_money(getattr(forecast, name), forecast.currency)
        for name in ("kept", "fee", "refund")
    }
    invoice = booking.open_invoice
    is_covered = booking.entry_id is not None or bool(invoice and invoice.covered)
    is_unpaid = not (forecast.kept or forecast.refund or is_covered)
    if forecast.keeps == VISIT and is_unpaid:
        total = booking.total - (invoice.reduced if invoice else 0)
        text = _("Nothing was paid, so nothing is kept: the %(total)s is no longer to be paid.")
        sentences.append(text % {"total": show_money(total, forecast.currency)})
    elif forecast.keeps == VISIT:
        sentences.append(_("By your rule, what was paid for it is kept: nothing goes back."))
    if forecast.keeps == FEE:
        if forecast.kept > forecast.waivable:
            sentences.append(_("No money goes back: %(kept)s is kept.") % amounts)
        elif forecast.kept:
            sentences.append(_("By your rule, a fee of %(kept)s is kept.") % amounts)
        if forecast.fee:
            sentences.append(_("By your rule, an invoice asks for a fee of %(fee)s.") % amounts)
        if forecast.refund:
            sentences.append(_("%(refund)s goes back, and so do visits and credit.") % amounts)
    if invoice is not None and (is_unpaid or (forecast.keeps == FEE and not forecast.kept)):
        sentences.append(of_invoice(invoice))
    return sentences


class CancellingDate(Cancelling):
    """The form that cancels an event date with all its places."""

    nothing = gettext_lazy("Nobody has booked this date.")

    def gives_back(self) -> tuple[list[str], Counter[str]]:
        return what_a_date_gives_back(self.row, self.actor)
