"""The form of the till: what is sold, what is owed, and what pays for it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminSingleDateWidget

from billing.actions.tax import gross_of
from billing.models import Invoice, Payment, Plan, Subscription
from config.admin.form_mixins import FreeText
from config.admin.money import MoneyField, company_currency
from config.money import show_money
from config.tenancy.actors import Actor
from config.tenancy.money_fields import MOST
from config.times import check_day
from credits.actions import CreditPart
from credits.models import Credit, PassProduct, PassPurchase
from customers.models import Customer

from ..actions.paying import Means
from ..actions.till import Sale
from ..models import Booking, Media, MediaPurchase
from .paying import held_ways, money_ways
from .to_pay import PARTS, describe_owed, parts_to_pay

LATER = "later"
# How many products of each kind a page offers.
SHOWN_PRODUCTS = 30
# By how many means one form is paid.
MEANS = (1, 2, 3)


@dataclass(frozen=True)
class Item:
    """Something that is sold or owed, at what will be paid for it."""

    key: str
    name: str
    detail: str
    amount: int
    currency: str
    row: Any

    @property
    def price(self) -> str:
        return show_money(self.amount, self.currency)


def items_for_sale(actor: Actor, words: str) -> list[tuple[str, list[Item]]]:
    """Return what can be sold, in groups, each at the price that will be paid."""
    groups: Sequence[tuple[str, str, Any]] = (
        (_("Passes"), "pass", PassProduct),
        (_("Plans"), "plan", Plan),
        (_("Videos"), "media", Media),
    )
    found = []
    for name, kind, model in groups:
        rows = model.objects.visible_to(actor).live()
        rows = rows.filter(name__icontains=words) if words else rows
        items = [_for_sale(kind, row) for row in rows.order_by("name", "id")[:SHOWN_PRODUCTS]]
        found.append((name, items))
    return [(name, items) for name, items in found if items]


def items_owed(customer: Customer, actor: Actor) -> list[Item]:
    """Return what a customer has to pay, as the customer's page has it."""
    parts = parts_to_pay(_Whose(customer, actor))
    return [_owed(row) for name in PARTS for row in parts[name]]


class TillForm(FreeText, forms.Form):
    """What is sold and paid, by up to three means, or later."""

    told_at = {"amount": "amount_1", "payments": "paid_1", "due_on": "due_on"}

    sold = forms.MultipleChoiceField(required=False)
    owed = forms.MultipleChoiceField(required=False)
    due_on = forms.DateField(
        label=gettext_lazy("What is left is due on"),
        required=False,
        validators=[check_day],
        help_text=gettext_lazy("Empty where it is never late."),
        widget=UnfoldAdminSingleDateWidget,
    )
    keep_excess = forms.BooleanField(
        label=gettext_lazy("Keep what is paid too much as a credit"), required=False
    )

    def __init__(
        self,
        customer: Customer,
        actor: Actor,
        *,
        words: str = "",
        ticked: Iterable[str] = (),
        data: Any = None,
    ) -> None:
        super().__init__(data)
        self.customer, self.actor = customer, actor
        self.for_sale = [] if customer.is_archived else items_for_sale(actor, words)
        self.what_is_owed = items_owed(customer, actor)
        on_offer = [item for _name, items in self.for_sale for item in items]
        self.items = {item.key: item for item in [*on_offer, *self.what_is_owed]}
        for name, items in (("sold", on_offer), ("owed", self.what_is_owed)):
            field: Any = self.fields[name]
            field.choices = [(item.key, item.name) for item in items]
        self.ticked = {*data.getlist("sold"), *data.getlist("owed")} if data else set(ticked)
        self.ways = self._ways()
        for number in MEANS:
            self._add_means(number)

    def _ways(self) -> list[tuple[str, list[tuple[str, str, Means]]]]:
        """Return the ways to pay: money that came in, then what the customer has."""
        currency, actor = company_currency(), self.actor
        held = (
            []
            if self.customer.is_archived
            else held_ways(self.customer, "", currency, 1, None, actor)
        )
        groups = [*money_ways(self.customer, actor), *held]
        return [(name, [(way.key, way.label, way.means) for way in ways]) for name, ways in groups]

    def _add_means(self, number: int) -> None:
        choices: list[Any] = [
            (name, [(key, label) for key, label, _means in ways]) for name, ways in self.ways
        ]
        if number == 1:
            choices.append((_("Later"), [(LATER, _("To be paid later"))]))
        self.fields[f"paid_{number}"] = forms.ChoiceField(
            label=_("Paid with") if number == 1 else _("And with"),
            choices=[("", _("Choose") if number == 1 else "–"), *choices],
            required=False,
            widget=forms.RadioSelect if number == 1 else UnfoldAdminSelectWidget,
        )
        label = _("Amount") if number == 1 else _("Amount of means %(number)s") % {"number": number}
        help_text = _("Empty: all that is left.")
        self.fields[f"amount_{number}"] = MoneyField(
            label=label, required=False, least=1, most=MOST, help_text=help_text
        )

    @property
    def splits(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The second and the third means, each with its amount."""
        return [(self[f"paid_{number}"], self[f"amount_{number}"]) for number in MEANS[1:]]

    @property
    def tiles(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """The ways to pay by the first means, as the page shows them."""
        groups = [(name, [(key, label) for key, label, _way in ways]) for name, ways in self.ways]
        return [*groups, (_("Later"), [(LATER, _("To be paid later"))])]

    @property
    def shows_more(self) -> bool:
        """Whether parts, or what is wrong with them, are to be seen."""
        names = [*(f"amount_{number}" for number in MEANS), "paid_2", "paid_3", "due_on"]
        return any(self.data.get(name) or name in self.errors for name in names)

    @property
    def chosen(self) -> list[Item]:
        typed = self.cleaned_data
        keys = [*typed.get("sold", ()), *typed.get("owed", ())]
        return [self.items[key] for key in keys]

    def clean(self) -> None:
        super().clean()
        typed = self.cleaned_data
        if not self.errors and not self.chosen:
            raise forms.ValidationError(_("Tick what is sold or paid."))
        if "paid_1" in typed and not typed["paid_1"]:
            self.add_error("paid_1", _("Choose how it is paid, or that it is to be paid later."))
        currency = self.chosen[0].currency if self.chosen else company_currency()
        for number in MEANS:
            self._convert(f"amount_{number}", f"paid_{number}", currency)
        self._refuse_excess(currency)

    def _refuse_excess(self, currency: str) -> None:
        """Say in money what the action would refuse in the smallest unit."""
        typed = self.cleaned_data
        given = sum(typed.get(f"amount_{number}") or 0 for number in MEANS)
        total = sum(item.amount for item in self.chosen)
        if self.errors or typed["keep_excess"] or given <= total:
            return
        text = _("It comes to %(total)s. Take up to that, or keep what is too much as a credit.")
        self.add_error("amount_1", text % {"total": show_money(total, currency)})

    def _convert(self, name: str, paid: str, currency: str) -> None:
        """Turn an amount into the smallest unit, and refuse one without a means."""
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

    def sale(self) -> Sale:
        """Return what is sold and owed."""
        rows = [(item.key.partition(":")[0], item.row) for item in self.chosen]
        return Sale(
            self.customer,
            passes=[PassPurchase(product=row) for kind, row in rows if kind == "pass"],
            subscriptions=[Subscription(plan=row) for kind, row in rows if kind == "plan"],
            media=[MediaPurchase(media=row) for kind, row in rows if kind == "media"],
            unpaid=[row for _kind, row in rows if isinstance(row, Booking | MediaPurchase)],
            invoices=[row for _kind, row in rows if isinstance(row, Invoice)],
        )

    def means(self) -> list[Means | CreditPart]:
        """Return what pays, in the order of the form, and when the rest is due."""
        known = {key: means for _name, ways in self.ways for key, _label, means in ways}
        found: list[Means | CreditPart] = []
        for number in MEANS:
            chosen = self.cleaned_data[f"paid_{number}"]
            if chosen and chosen != LATER:
                found.append(_part(known[chosen], self.cleaned_data[f"amount_{number}"]))
        return [*found, Invoice(due_on=self.cleaned_data["due_on"])]


class _Whose:
    """A customer as the statements of the customer's page want one."""

    def __init__(self, customer: Customer, actor: Actor) -> None:
        self.pk, self.company_id = customer.pk, actor.company_id


def _part(means: Means, amount: int | None) -> Means | CreditPart:
    if isinstance(means, Credit) and amount is not None:
        return CreditPart(means, amount)
    if isinstance(means, Payment):
        paid = Payment(method=means.method, payment_method=means.payment_method)
        if amount is not None:
            paid.amount = amount
        return paid
    return means


def _for_sale(kind: str, row: Any) -> Item:
    detail = row.get_billing_period_display() if isinstance(row, Plan) else ""
    return Item(f"{kind}:{row.pk}", row.name, detail, gross_of(row), row.currency, row)


def _owed(row: Any) -> Item:
    name, detail = describe_owed(row)
    key = f"{type(row)._meta.model_name}:{row.pk}"
    return Item(key, name, detail, row.balance, row.currency, row)
