"""The form of the till: purchases, debts and payments."""

import datetime
import json
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminSingleDateWidget

from billing.errors import MoreThanOwed
from billing.models import Invoice, Payment, Subscription
from config.admin.form_mixins import FreeText
from config.admin.money import MoneyField, company_currency
from config.money import show_money, show_sums
from config.tenancy.actors import Actor
from config.tenancy.days import local_day
from config.tenancy.money_fields import MOST
from config.times import check_day
from credits.actions import CreditPart
from credits.models import Credit, PassPurchase
from customers.models import Customer

from ..actions.paying import Means
from ..actions.till import Sale
from ..models import Booking, MediaPurchase
from .till_items import Item, read_shelf, read_shown, sum_up

LATER = "later"
# The numbers of the means of payment in one form.
MEANS = (1, 2, 3)
# The longest time after the start of a plan for which its sale can be entered.
LATEST_ENTRY = datetime.timedelta(days=31)


class TillForm(FreeText, forms.Form):
    """The form for purchases and debts, paid by up to three means, or later."""

    refused_at = {
        "amount": "amount_1",
        "payments": "paid_1",
        "due_on": "due_on",
        "anchor_date": "begins_on",
    }

    sold = forms.MultipleChoiceField(
        required=False,
        error_messages={
            "invalid_choice": gettext_lazy(
                "Something that was ticked is no longer sold. Choose something else."
            )
        },
    )
    owed = forms.MultipleChoiceField(
        required=False,
        error_messages={
            "invalid_choice": gettext_lazy(
                "Something that was ticked is no longer to be paid by this customer. See what is "
                "left to pay."
            )
        },
    )
    due_on = forms.DateField(
        label=gettext_lazy("What is left is due on"),
        required=False,
        validators=[check_day],
        help_text=gettext_lazy("Empty where it is never late."),
        widget=UnfoldAdminSingleDateWidget,
    )
    begins_on = forms.DateField(
        label=gettext_lazy("Plans begin on"),
        required=False,
        validators=[check_day],
        help_text=gettext_lazy("Empty for today. Up to 31 days ago, if it is entered late."),
        widget=UnfoldAdminSingleDateWidget,
    )
    keep_excess = forms.BooleanField(
        label=gettext_lazy("Keep the overpayment as a credit"), required=False
    )

    def __init__(
        self,
        customer: Customer,
        actor: Actor,
        *,
        words: str = "",
        ticked: Sequence[str] = (),
        data: Any = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        """Show the products whose names have these words, and everything that is `ticked`."""
        super().__init__(data, initial=initial)
        self.customer, self.actor = customer, actor
        self.words, self.ticked = words, ticked
        shelf = read_shelf(customer, actor, currency=company_currency(), words=words, ticked=ticked)
        self.for_sale, self.what_is_owed = shelf.for_sale, shelf.owed
        self.items = {item.key: item for item in [*shelf.on_offer, *shelf.owed]}
        for name, items in (("sold", shelf.on_offer), ("owed", shelf.owed)):
            field: Any = self.fields[name]
            field.choices = [(item.key, item.name) for item in items]
        self.ways = [*shelf.money, *shelf.held]
        for number in MEANS:
            self._add_means(number)

    def _add_means(self, number: int) -> None:
        choices: list[Any] = [
            (name, [(way.key, way.label) for way in ways]) for name, ways in self.ways
        ]
        if number == 1:
            choices.append((_("Later"), [(LATER, _("To be paid later"))]))
        self.fields[f"paid_{number}"] = forms.ChoiceField(
            label=_("Paid with") if number == 1 else _("And with"),
            choices=[("", _("Choose") if number == 1 else _("Nothing else")), *choices],
            required=False,
            error_messages={
                "invalid_choice": _("This can no longer pay. Choose another means of payment.")
            },
            widget=forms.RadioSelect if number == 1 else UnfoldAdminSelectWidget,
        )
        label = (_("Amount"), _("Second amount"), _("Third amount"))[number - 1]
        help_text = _("Empty: all that is left.")
        self.fields[f"amount_{number}"] = MoneyField(
            label=label, required=False, least=1, most=MOST, help_text=help_text
        )

    def clean_begins_on(self) -> datetime.date | None:
        """Refuse a day that is in the future or too long ago."""
        begins, today = self.cleaned_data["begins_on"], local_day(self.actor.company_id)
        earliest = today - LATEST_ENTRY
        if begins is None or earliest <= begins <= today:
            return begins
        text = _("Write a day from %(earliest)s to %(today)s, or none; got %(day)s.")
        days = {"earliest": earliest, "today": today, "day": begins}
        shown = {name: date_format(day) for name, day in days.items()}
        raise forms.ValidationError(text % shown)

    @property
    def splits(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The fields of the second and the third means, each with its amount."""
        return [(self[f"paid_{number}"], self[f"amount_{number}"]) for number in MEANS[1:]]

    @property
    def tiles(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """The options for the first means, as the page shows them."""
        groups = [(name, [(way.key, way.label) for way in ways]) for name, ways in self.ways]
        return [*groups, (_("Later"), [(LATER, _("To be paid later"))])]

    @property
    def shows_more(self) -> bool:
        """Whether the page opens the fields for several means: one has a value or an error."""
        names = [*(f"amount_{number}" for number in MEANS), "paid_2", "paid_3", "due_on"]
        return any(self[name].value() or name in self.errors for name in names)

    @property
    def sells_plans(self) -> bool:
        """Whether the form offers plans, which need a start date."""
        return any(key.startswith("plan:") for key in self.items)

    @property
    def now_shown(self) -> str:
        """The price of each item on the page, for a hidden field that is compared later."""
        return json.dumps({key: [one.amount, one.currency] for key, one in self.items.items()})

    @property
    def chosen(self) -> list[Item]:
        typed = self.cleaned_data
        keys = [*typed.get("sold", ()), *typed.get("owed", ())]
        return [self.items[key] for key in keys]

    def clean(self) -> None:
        super().clean()
        typed = self.cleaned_data
        self._refuse_changed()
        if not self.errors and not self.chosen:
            raise forms.ValidationError(_("Tick what is sold or paid."))
        if "paid_1" in typed and not typed["paid_1"]:
            self.add_error("paid_1", _("Choose how it is paid, or that it is to be paid later."))
        self._refuse_currencies()
        currency = self.chosen[0].currency if self.chosen else company_currency()
        for number in MEANS:
            self._convert(f"amount_{number}", f"paid_{number}", currency)
        self._refuse_excess(currency)

    def _refuse_changed(self) -> None:
        """Add an error if the sum differs from the sum that the page showed."""
        shown = read_shown(self.data.get("shown", ""))
        if shown is None:
            return
        was = sum_up(shown.get(key, (0, "")) for key in self.ticked)
        items = [self.items[key] for key in self.ticked if key in self.items]
        now = sum_up((item.amount, item.currency) for item in items)
        if was != now:
            text = _(
                "This came to %(was)s when the page was shown; it comes to %(now)s now. Check it "
                "and send again."
            )
            facts = {"was": show_sums(was), "now": show_sums(now)}
            self.add_error(None, text % {key: sums or _("nothing") for key, sums in facts.items()})

    def _refuse_currencies(self) -> None:
        """Add an error if money is taken in more than one currency."""
        codes = sorted({item.currency for item in self.chosen})
        ways = [self.cleaned_data.get(f"paid_{number}") for number in MEANS]
        moves = [way for way in ways if way and way != LATER and not way.startswith("pass:")]
        if len(codes) > 1 and moves:
            text = _(
                "What is ticked is priced in %(currencies)s. Take the money for one currency at a "
                "time, or choose that it is to be paid later."
            )
            self.add_error(None, text % {"currencies": get_text_list(codes, _("and"))})

    def _refuse_excess(self, currency: str) -> None:
        """Add an error, with amounts as money, if the payments exceed the total."""
        typed = self.cleaned_data
        given = sum(typed.get(f"amount_{number}") or 0 for number in MEANS)
        total = sum(item.amount for item in self.chosen)
        if self.errors or typed["keep_excess"] or given <= total:
            return
        text = _("It comes to %(total)s. Take up to that, or keep what is too much as a credit.")
        self.add_error("amount_1", text % {"total": show_money(total, currency)})

    def _convert(self, name: str, paid: str, currency: str) -> None:
        """Convert an amount to the smallest unit; adds an error if it has no means."""
        amount = self.cleaned_data.get(name)
        if amount is None:
            return
        field: Any = self.fields[name]
        if self.cleaned_data.get(paid) in ("", LATER):
            self.add_error(name, _("Say what this amount is paid with, or leave it empty."))
            return
        try:
            self.cleaned_data[name] = field.units_of(amount, currency)
        except forms.ValidationError as error:
            self.add_error(name, error)

    def explain_excess(self, refusal: MoreThanOwed) -> None:
        """Add an error: after a pass or a credit, less is left to pay than the typed amount."""
        text = _(
            "Once a pass or a credit has paid its part, %(left)s is left to pay. Take up to that, "
            "or keep what is too much as a credit."
        )
        name = next((f"amount_{n}" for n in MEANS if self.cleaned_data[f"amount_{n}"]), None)
        self.add_error(name, text % {"left": refusal.left})

    def sale(self) -> Sale:
        """Return the sale: purchases and debts."""
        rows = [(item.key.partition(":")[0], item.row) for item in self.chosen]
        return Sale(
            self.customer,
            passes=[PassPurchase(product=row) for kind, row in rows if kind == "pass"],
            subscriptions=[
                Subscription(plan=row, anchor_date=self.cleaned_data["begins_on"])
                for kind, row in rows
                if kind == "plan"
            ],
            media=[MediaPurchase(media=row) for kind, row in rows if kind == "media"],
            unpaid=[row for _kind, row in rows if isinstance(row, Booking | MediaPurchase)],
            invoices=[row for _kind, row in rows if isinstance(row, Invoice)],
        )

    def means(self) -> list[Means | CreditPart]:
        """Return the means of payment in the order of the form, and the due date of the rest."""
        known = {way.key: way.means for _name, ways in self.ways for way in ways}
        found: list[Means | CreditPart] = []
        for number in MEANS:
            chosen = self.cleaned_data[f"paid_{number}"]
            if chosen and chosen != LATER:
                found.append(_part(known[chosen], self.cleaned_data[f"amount_{number}"]))
        return [*found, Invoice(due_on=self.cleaned_data["due_on"])]


def _part(means: Means, amount: int | None) -> Means | CreditPart:
    if isinstance(means, Credit) and amount is not None:
        return CreditPart(means, amount)
    if isinstance(means, Payment):
        paid = Payment(method=means.method, payment_method=means.payment_method)
        if amount is not None:
            paid.amount = amount
        return paid
    return means
