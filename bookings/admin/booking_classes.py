"""The page that books a customer into one or several classes, each with its own payment."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from django import forms
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.widgets import UnfoldAdminSelectWidget

from billing.actions.tax import gross_of
from config.admin.form_mixins import FreeText
from config.money import show_money
from config.tenancy.actors import Actor
from config.tenancy.ids import read_id
from config.times import show_span
from credits.eligibility import is_good_for
from credits.models import Credit, PassPurchase
from customers.models import Customer

from ..actions.booking import book_places_apart
from ..actions.paying import Means
from ..models import Booking, EventDate, PricingOption, Transaction

# The most dates that a page offers and that one form books.
SHOWN_DATES = 30


class Way(Protocol):
    """A payment option of the forms of `paying.py`."""

    @property
    def key(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def means(self) -> Means: ...


# Payment options in named groups.
type Ways = Sequence[tuple[str, Sequence[Way]]]


@dataclass
class Offer:
    """A date that the page offers, with its prices and its payment options."""

    date: EventDate
    options: list[PricingOption]
    ways: Ways
    is_booked: bool
    fields: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return self.date.pk.hex

    @property
    def can_be_booked(self) -> bool:
        return bool(self.date.spaces_left and self.options)

    @property
    def when(self) -> str:
        return show_span(self.date.starts_at, self.date.duration)

    @property
    def prices(self) -> list[tuple[str, str]]:
        """Each price with its tax, and the number of visits of a pass that pays it instead."""
        return [(str(option.pk), _price(option)) for option in self.options]


class ClassesForm(FreeText, forms.Form):
    """The dates to book, with the price and the payment of each."""

    dates = forms.MultipleChoiceField(
        label=gettext_lazy("Classes"),
        error_messages={"required": gettext_lazy("Tick at least one class.")},
    )

    def __init__(self, customer: Customer, offers: list[Offer], data: Any = None) -> None:
        super().__init__(data)
        self.customer, self.offers = customer, {offer.key: offer for offer in offers}
        dates: Any = self.fields["dates"]
        dates.choices = [(offer.key, offer.when) for offer in offers if offer.can_be_booked]
        for offer in offers:
            self._add(offer)
        self.ticked = set(data.getlist("dates")) if data else set()

    def _add(self, offer: Offer) -> None:
        """Add the fields for the price and the payment of a date."""
        later = ("", _("To be paid later"))
        ways = [(name, [(way.key, way.label) for way in group]) for name, group in offer.ways]
        held = [way.key for _name, group in offer.ways for way in group if _holding(way)]
        labels = {"what": offer.date.event, "when": offer.when}
        price, paid = f"price_{offer.key}", f"paid_{offer.key}"
        self.fields[price] = forms.ChoiceField(
            label=_("Price of %(what)s, %(when)s") % labels,
            choices=offer.prices,
            required=False,
            widget=UnfoldAdminSelectWidget,
        )
        self.fields[paid] = forms.ChoiceField(
            label=_("%(what)s, %(when)s paid with") % labels,
            choices=[later, *ways],
            required=False,
            initial=held[0] if held else "",
            widget=UnfoldAdminSelectWidget,
        )
        offer.fields = {"price": self[price], "paid": self[paid]}

    def groups(self) -> list[tuple[Means | None, list[Booking]]]:
        """Return the places to book, grouped by their means of payment."""
        found: dict[str, list[Booking]] = {}
        means: dict[str, Means | None] = {"": None}
        for key in self.cleaned_data["dates"]:
            offer, typed = self.offers[key], self.cleaned_data
            chosen = typed[f"price_{key}"] or str(offer.options[0].pk)
            option = next(one for one in offer.options if str(one.pk) == chosen)
            way = typed[f"paid_{key}"]
            means |= {one.key: one.means for _name, group in offer.ways for one in group}
            place = Booking(
                customer=self.customer, event_date=offer.date, pricing_option=option, spaces=1
            )
            found.setdefault(way, []).append(place)
        return [(means[way], places) for way, places in found.items()]

    def book(self, actor: Actor) -> list[Booking]:
        """Book the ticked dates, and return the places; raises the refusals of the action."""
        groups = self.groups()
        book_places_apart(Transaction(customer=self.customer), groups=groups, actor=actor)
        return [place for _means, places in groups for place in places]


def offers_for(
    customer: Customer, actor: Actor, *, words: str, begin: Q, ticked: Iterable[str], ways: Ways
) -> list[Offer]:
    """Return the upcoming dates that the page offers, and those ticked in its form.

    `ways` has all payment options of the customer; each date gets the valid ones.
    """
    dates = EventDate.objects.visible_to(actor).filter(
        cancelled_at__isnull=True, event__archived_at__isnull=True
    )
    if words:
        dates = dates.filter(event__name__icontains=words)
    booked = Booking.objects.visible_to(actor).counted().filter(customer=customer)
    live = PricingOption.objects.visible_to(actor).live().oldest_first().select_related("event")
    shown = dates.filter(begin).order_by("starts_at", "id")[:SHOWN_DATES]
    keys = [key for text in ticked if (key := read_id("", text))][:SHOWN_DATES]
    chosen = EventDate.objects.visible_to(actor).filter(
        Q(pk__in=shown.values("pk")) | Q(pk__in=keys)
    )
    found = chosen.select_related("event", "facilitator").prefetch_related(
        Prefetch("event__pricing_options", queryset=live, to_attr="offered")
    )
    found = found.annotate(is_booked=Exists(booked.filter(event_date=OuterRef("pk"))))
    rows = list(found.order_by("starts_at", "id"))
    return [
        Offer(
            date=date,
            options=(options := vars(date.event)["offered"]),
            ways=_fitting(ways, date, options),
            is_booked=vars(date)["is_booked"],
        )
        for date in rows
    ]


def booked_sentence(places: list[Booking]) -> str:
    """Return a sentence with the booked classes and the amount left to pay."""
    what = ", ".join(f"{place.offering}, {_when(place)}" for place in places)
    text = ngettext("%(count)d class booked: %(what)s.", "%(count)d classes booked: %(what)s.",
                    len(places)) % {"count": len(places), "what": what}  # fmt: skip
    left = sum(place.due for place in places if not (place.payment_id or place.invoice_id))
    if left:
        amount = show_money(left, places[0].currency)
        text += " " + _("%(amount)s to be paid later.") % {"amount": amount}
    return text


def _when(place: Booking) -> str:
    return show_span(place.starts_at, place.duration)


def _price(option: PricingOption) -> str:
    price = show_money(gross_of(option), option.event.currency)
    visits = ngettext("%(count)d visit", "%(count)d visits", option.visits)
    return f"{option} · {price} / {visits % {'count': option.visits}}"


def _fitting(ways: Ways, date: EventDate, options: list[PricingOption]) -> Ways:
    """Return the payment options that are valid for a date; money always is."""
    least = min((option.visits for option in options), default=1)
    kept = [(name, [way for way in group if _fits(way, date, least)]) for name, group in ways]
    return [(name, group) for name, group in kept if group]


def _fits(way: Way, date: EventDate, visits: int) -> bool:
    holding = _holding(way)
    if holding is None:
        return True
    if isinstance(holding, PassPurchase) and holding.balance < visits:
        return False
    lasts = holding.expires_at is None or holding.expires_at > date.starts_at
    return lasts and is_good_for(holding, date.event.name)


def _holding(way: Way) -> Credit | PassPurchase | None:
    return way.means if isinstance(way.means, Credit | PassPurchase) else None
