"""The forms behind the buttons of invoices and payments: how much, by what means, and why."""

from abc import abstractmethod
from typing import Any

from django import forms
from django.db.models import F
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from bookings.models import Booking, MediaPurchase
from config.admin.forms import Answers, Explained, Reason
from config.admin.money import MoneyField
from config.admin.tables import link_to, table_of
from config.money import as_written, show_money
from config.tenancy.money_fields import MOST
from credits.actions import sold_by
from credits.models import Entry

from ..models import Payment, PaymentMethod

RECORDS_ONLY = gettext_lazy("It is recorded here; moving the money is up to you.")


class AmountAnswers(Answers):
    """Asks for an amount in the currency of the row, at first all that it can be."""

    amount = MoneyField(label=gettext_lazy("Amount"), least=1, most=MOST)

    @abstractmethod
    def most(self) -> int:
        """Return the highest amount that is allowed, in the smallest unit."""

    def begin(self) -> dict[str, Any]:
        return {"amount": as_written(self.most(), self.row.currency)}

    def prepare(self) -> None:
        currency = self.row.currency
        self.fields["amount"].help_text = _("Up to %(most)s.") % {
            "most": show_money(self.most(), currency)
        }

    def clean_amount(self) -> int:
        field: Any = self.fields["amount"]
        currency, most = self.row.currency, self.most()
        units: int = field.units_of(self.cleaned_data["amount"], currency)
        if units > most:
            text = _("Write an amount up to %(most)s; got %(amount)s.")
            amounts = {"most": show_money(most, currency), "amount": show_money(units, currency)}
            raise forms.ValidationError(text % amounts)
        return units


class Refunding(AmountAnswers):
    """Asks how much of a payment goes back, by what means, and why."""

    method = forms.ChoiceField(
        label=gettext_lazy("Given back by"), widget=UnfoldAdminSelectWidget, required=False
    )
    reason = Reason()

    def most(self) -> int:
        left: int = self.row.left
        return left

    def prepare(self) -> None:
        super().prepare()
        as_paid = _("As it was paid: %(method)s") % {"method": self.row.get_method_display()}
        others = [one for one in Payment.Method if one != self.row.method]
        field: Any = self.fields["method"]
        field.choices = [("", as_paid), *((one.value, capfirst(one.label)) for one in others)]
        facts = {
            "left": show_money(self.row.left, self.row.currency),
            "whole": show_money(self.row.amount, self.row.currency),
            "customer": self.row.customer,
        }
        self.explains = [
            _("%(left)s of %(whole)s that %(customer)s paid can go back.") % facts,
            RECORDS_ONLY,
        ]
        if self.row.unused is not None:
            self.explains.append(_("It was kept as a credit: the credit is lowered by as much."))
        if self.row.invoice_id is not None:
            told = _("A credit note of invoice %(number)s is issued.")
            self.explains.append(told % {"number": self.row.invoice.number})


class TakingPayment(AmountAnswers):
    """Asks how much came in for an invoice, and by what means."""

    paid_with = forms.ChoiceField(label=gettext_lazy("Paid with"), widget=UnfoldAdminSelectWidget)
    reference = forms.CharField(
        label=gettext_lazy("Processor's reference"),
        required=False,
        max_length=Payment._meta.get_field("reference").max_length,
        widget=UnfoldAdminTextInputWidget,
    )

    def most(self) -> int:
        balance: int = self.row.balance
        return balance

    def prepare(self) -> None:
        super().prepare()
        methods = PaymentMethod.objects.visible_to(self.actor).live()
        saved = methods.filter(customer=self.row.customer).order_by("-is_default", "-id")
        self.saved = {f"method:{one.pk}": one for one in saved}
        field: Any = self.fields["paid_with"]
        field.choices = [
            *((one.value, str(capfirst(one.label))) for one in Payment.Method),
            *((key, str(one)) for key, one in self.saved.items()),
        ]
        balance = show_money(self.row.balance, self.row.currency)
        self.explains = [
            _("%(balance)s of invoice %(number)s is to be paid.")
            % {"balance": balance, "number": self.row.number},
            RECORDS_ONLY,
        ]

    def answers(self) -> dict[str, Any]:
        chosen, saved = self.cleaned_data["paid_with"], self.saved
        return {
            "amount": self.cleaned_data["amount"],
            "method": "" if chosen in saved else chosen,
            "payment_method": saved.get(chosen),
            "reference": self.cleaned_data["reference"],
        }


class Reducing(AmountAnswers):
    """Asks how much is taken off what is owed for an invoice, and why."""

    reason = Reason(help_text=gettext_lazy("Shown on the credit note and in the history."))
    sentence: Any = gettext_lazy(
        "Less is to be paid: %(balance)s is owed now. A credit note is issued."
    )

    def most(self) -> int:
        balance: int = self.row.balance
        return balance

    def prepare(self) -> None:
        super().prepare()
        balance = show_money(self.row.balance, self.row.currency)
        self.explains = [self.sentence % {"balance": balance}]


class WritingOff(Reducing):
    """Asks how much of what is owed for an invoice will not be paid, and why."""

    sentence = gettext_lazy(
        "It will not be paid: %(balance)s is owed now. A credit note is issued, and the debt is "
        "given up."
    )


def uses_to_give_back(invoice: Any, actor: Any) -> list[Any]:
    """Return the uses of credits that paid for an invoice and can be given back."""
    uses = Entry.objects.visible_to(actor).paying_for(invoice).returnable()
    return list(uses.select_related("credit__coupon").order_by("id"))


class GivingBackCredits(Answers):
    """Asks why the credits that paid for an invoice are given back, and shows which they are."""

    reason = Reason(help_text=gettext_lazy("Shown on the credit note and in the history."))

    def prepare(self) -> None:
        self.explains = [
            _("The credits can be used again. A credit note of invoice %(number)s is issued.")
            % {"number": self.row.number}
        ]
        uses = uses_to_give_back(self.row, self.actor)
        rows = [(link_to(use.credit), show_money(use.covered, self.row.currency)) for use in uses]
        self.tables = [table_of(_("To give back"), (_("credit"), _("paid of it")), rows)]


class Voiding(Explained):
    """Asks why an invoice is voided; shows what to give back before that, and what ends with it."""

    def prepare(self) -> None:
        rows = Payment.objects.visible_to(self.actor).filter(invoice=self.row)
        kept = list(rows.not_given_back().select_related("invoice").order_by("id"))
        uses = uses_to_give_back(self.row, self.actor) if self.row.covered else []
        if not (kept or uses):
            self.explains = [
                _("The invoice is no longer owed. It keeps its number and cannot be brought back."),
                *self._what_ends(),
                *self._what_returns(),
            ]
            return
        del self.fields["reason"]
        if kept:
            told = _("Money has been taken for this invoice. Refund it first, then void it.")
            self.explains = [told]
        if uses:
            told = _("Credits have paid for this invoice. Give them back first, then void it.")
            self.explains = [*self.explains, told]
        headers = (_("payment"), _("paid by"), _("left of it"), "")
        self.tables = [
            table_of(_("To refund first"), headers, [self._cells(one) for one in kept]),
            table_of(
                _("To give back first"),
                (_("credit"), *headers[1:]),
                [self._of_use(one) for one in uses],
            ),
        ]
        self.tables = [table for table in self.tables if table["rows"]]

    def _what_ends(self) -> list[str]:
        """Return sentences on the passes and subscriptions that end with the invoice."""
        sold = sold_by(self.row, actor=self.actor)
        return [
            *(self._of_pass(one) for one in sold.passes),
            *(
                _("The subscription to %(plan)s ends.") % {"plan": one.plan}
                for one in sold.subscriptions
            ),
        ]

    def _what_returns(self) -> list[str]:
        """Return sentences on the booking or the video that is to be paid again."""
        text = _("%(what)s is to be paid again: it returns to “To pay”.")
        found = (
            model.objects.visible_to(self.actor).filter(
                invoice=self.row, cancelled_at__isnull=True, total__gt=F("covered")
            )
            for model in (Booking, MediaPurchase)
        )
        return [text % {"what": one.offering} for rows in found for one in rows]

    def _of_pass(self, bought: Any) -> str:
        text = ngettext(
            "The pass %(name)s is revoked: %(count)d visit is left of it.",
            "The pass %(name)s is revoked: %(count)d visits are left of it.",
            bought.balance,
        )
        return text % {"name": bought.product, "count": bought.balance}

    def _cells(self, payment: Any) -> tuple[Any, ...]:
        return (
            link_to(payment),
            payment.get_method_display(),
            show_money(payment.left, payment.currency),
            link_to(payment, _("Refund"), page="refund"),
        )

    def _of_use(self, use: Any) -> tuple[Any, ...]:
        return (
            link_to(use.credit),
            _("credit"),
            show_money(use.covered, self.row.currency),
            link_to(self.row, _("Give back credits"), page="give-back"),
        )
