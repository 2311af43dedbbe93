"""The question before something is cancelled: what goes back, why, and whether money does."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldBooleanSwitchWidget

from config.admin.forms import Answers, Reason
from config.admin.money import company_currency
from config.money import show_money

from .returning import money_kept, what_a_date_gives_back, what_goes_back


class Cancelling(Answers):
    """Asks why a booking or a medium is cancelled, and whether its money goes back."""

    nothing: Any = gettext_lazy("Nothing was paid for it.")

    reason = Reason(required=False)
    refund = forms.BooleanField(
        label=gettext_lazy("Give the money back"),
        required=False,
        initial=True,
        widget=UnfoldBooleanSwitchWidget,
    )

    def prepare(self) -> None:
        sentences, money, currency = self.gives_back()
        # Whoever moves money or credit says why.
        self.fields["reason"].required = bool(sentences or money)
        if not sentences:
            sentences = [_("It was paid with money.") if money else self.nothing]
        self.explains = sentences
        if money:
            amount = show_money(money, currency)
            self.fields["refund"].label = _("Give %(amount)s back") % {"amount": amount}
        else:
            del self.fields["refund"]

    def gives_back(self) -> tuple[list[str], int, str]:
        """Return what goes back in words, and the money that can."""
        money = money_kept(self.row, self.actor)
        return what_goes_back(self.row, self.actor), money, self.row.currency


class CancellingDate(Cancelling):
    """Asks why an event date is cancelled with all its places."""

    nothing = gettext_lazy("Nobody has booked this date.")

    def gives_back(self) -> tuple[list[str], int, str]:
        sentences, money = what_a_date_gives_back(self.row, self.actor)
        return sentences, money, company_currency()
