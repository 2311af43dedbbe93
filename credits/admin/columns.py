"""The columns of coupons, credits and passes, the same in lists and pages."""

import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from config.money import show_money
from config.times import show_moment

from ..models import Credit, PassPurchase
from ..models.coupons import AMOUNT, PERCENTAGE, Terms


def gives(terms: Terms) -> str:
    """Return the entitlement of a coupon or a credit: £20.00, 15 % off, or an offering."""
    if terms.entitlement == AMOUNT:
        return show_money(terms.amount or 0, terms.currency)
    if terms.entitlement == PERCENTAGE:
        return _("%(percentage)d%% off") % {"percentage": terms.percentage}
    return terms.offering


def shown_terms(terms: Terms) -> str:
    """Return the entitlement of a coupon and the number of uses: Massage, once."""
    if terms.is_amount:
        return _("%(amount)s, used in parts until it is gone") % {"amount": gives(terms)}
    times = _("any number of times") if terms.multi_use else _("once")
    return f"{gives(terms)}, {times}"


def gives_until(terms: Terms, end: datetime.datetime | None) -> str:
    """Return the entitlement of a credit and its end: Massage, once, until 24 Dec 2026."""
    until = _("until %(end)s") % {"end": show_end(end)} if end else _("without a last day")
    return f"{shown_terms(terms)}, {until}"


def show_end(end: datetime.datetime) -> str:
    """Return the end as text: 24 Dec 2026, with the time unless it is the end of the day."""
    local = timezone.localtime(end)
    return date_format(local) if ends_with_its_day(end) else show_moment(end)


def ends_with_its_day(end: datetime.datetime) -> bool:
    """Return whether a moment is the end of its day."""
    return timezone.localtime(end).time() == datetime.time(23, 59, 59)


def left_of_credit(credit: Credit) -> str:
    """Return what is left of a credit: the balance of an amount, else the terms or “Nothing”."""
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
