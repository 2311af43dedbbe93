"""The columns of coupons, credits and passes, with the same words in lists and pages."""

import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from config.money import show_money
from config.times import show_moment

from ..models import Credit, PassPurchase
from ..models.coupons import AMOUNT, PERCENTAGE, Terms


def gives(terms: Terms) -> str:
    """Return what a coupon or a credit is good for: £20.00, 15 % off, or an offering."""
    if terms.entitlement == AMOUNT:
        return show_money(terms.amount or 0, terms.currency)
    if terms.entitlement == PERCENTAGE:
        return _("%(percentage)d%% off") % {"percentage": terms.percentage}
    return terms.offering


def shown_terms(terms: Terms) -> str:
    """Return what a coupon gives and how often: Massage, once."""
    if terms.is_amount:
        return _("%(amount)s, used in parts until it is gone") % {"amount": gives(terms)}
    times = _("any number of times") if terms.multi_use else _("once")
    return f"{gives(terms)}, {times}"


def gives_until(terms: Terms, end: datetime.datetime | None) -> str:
    """Return what a credit would give and for how long: Massage, once, until 24 Dec 2026."""
    until = _("until %(end)s") % {"end": show_end(end)} if end else _("without a last day")
    return f"{shown_terms(terms)}, {until}"


def show_end(end: datetime.datetime) -> str:
    """Return when something ends: 24 Dec 2026, with the time where that is not the day's end."""
    local = timezone.localtime(end)
    return date_format(local) if ends_with_its_day(end) else show_moment(end)


def ends_with_its_day(end: datetime.datetime) -> bool:
    """Return whether a moment is what its day means as an end."""
    return timezone.localtime(end).time() == datetime.time(23, 59, 59)


def left_of_credit(credit: Credit) -> str:
    """An amount counts down; the others are there as a whole, or gone."""
    if credit.is_amount:
        return show_money(credit.balance, credit.currency)
    if not credit.balance:
        return _("Nothing")
    return shown_terms(credit)


def left_of_pass(purchase: PassPurchase) -> str:
    return _("%(left)d of %(visits)d visits") % {
        "left": purchase.balance,
        "visits": purchase.visits,
    }
