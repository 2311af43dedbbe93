"""The forms of the buttons on invoices and payments: amount, payment method and reason."""

from abc import abstractmethod
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from config.admin.forms import Answers, Reason
from config.admin.money import MoneyField
from config.money import as_written, show_money
from config.tenancy.money_fields import MOST

from ..models import Payment, PaymentMethod

RECORDS_ONLY = gettext_lazy("It is recorded here; moving the money is up to you.")


class AmountAnswers(Answers):
    """A form that asks for an amount; it starts with the highest allowed amount."""

    amount = MoneyField(label=gettext_lazy("Amount"), least=1, most=MOST)

    @abstractmethod
    def most(self) -> int:
        """Return the highest allowed amount, in the smallest unit."""

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
    """The form for a refund: amount, payment method and reason."""

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
            text = _("A credit note of invoice %(number)s is issued.")
            self.explains.append(text % {"number": self.row.invoice.number})


class TakingPayment(AmountAnswers):
    """The form for a payment of an invoice: amount and payment method."""

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
    """The form that reduces the balance of an invoice: amount and reason."""

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
    """The form that writes off the balance of an invoice: amount and reason."""

    sentence = gettext_lazy(
        "It will not be paid: %(balance)s is owed now. A credit note is issued, and the debt is "
        "given up."
    )
