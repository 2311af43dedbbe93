"""The section about credits and passes on a customer's page."""

from typing import Any

from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _

from config.admin.tables import SHOWN, adding, link_to, listed, page_name, table_of
from config.times import ClockOnce, local_today
from customers.models import Customer

from ..models import Credit, PassPurchase
from .columns import ends_with_its_day, left_of_credit, left_of_pass, show_end
from .holdings import LIVE


def held(model: Any, whose: Any) -> Any:
    """Return a customer's usable credits or passes, those that end first at the top."""
    theirs = model.objects.visible_to(whose).filter(customer_id=whose.pk).unfinished()
    usable = theirs.with_refusal(0, now=ClockOnce()).filter(refusal__isnull=True)
    joined = "coupon" if model is Credit else "product"
    return usable.select_related(joined).order_by(F("expires_at").asc(nulls_last=True), "id")


def owed_to(
    credits: list[Credit],
    passes: list[PassPurchase],
    customer: Customer,
    request: Any,
    *,
    sums: str,
) -> dict[str, Any]:
    """Return the table of a customer's usable credits and passes, sorted by their end."""
    rows: list[Any] = sorted(
        [*credits[:SHOWN], *passes[:SHOWN]],
        key=lambda one: (one.expires_at is None, one.expires_at, one.id),
    )
    cells = [
        (
            link_to(one, _name(one)),
            left_of_credit(one) if isinstance(one, Credit) else left_of_pass(one),
            _until(one),
            _revoke(one, customer, request),
        )
        for one in rows
    ]
    return table_of(
        _("Credits and passes"),
        (_("what"), _("left"), _("until"), ""),
        cells,
        sums=sums,
        all_address=_more(credits, passes, customer),
        empty=_("No credits or passes."),
        **adding(request, Credit, customer, _("Issue a credit")),
    )


def _name(holding: Any) -> Any:
    return holding.coupon if isinstance(holding, Credit) else holding.product


def _until(holding: Any) -> Any:
    end = holding.expires_at
    if end is None:
        return _("for ever")
    if timezone.localdate(end) != local_today():
        return show_end(end)
    time = "" if ends_with_its_day(end) else date_format(timezone.localtime(end), ", H:i")
    return format_html("<strong>{}{}</strong>", _("today"), time)


def _revoke(holding: Any, customer: Customer, request: Any) -> Any:
    """Return the link that revokes a credit or pass, "" for staff who may not."""
    names = (holding._meta.app_label, holding._meta.model_name)
    if customer.is_archived or not request.user.has_perm("{}.change_{}".format(*names)):
        return ""
    address = reverse(page_name(holding, "revoke"), args=[holding.pk])
    return format_html(
        '<a href="{}" class="text-link" aria-label="{}">{}</a>',
        address,
        _("Revoke %(what)s") % {"what": _name(holding)},
        _("Revoke"),
    )


def _more(credits: list[Any], passes: list[Any], customer: Customer) -> str:
    """Return the address of the full list if the table leaves rows out."""
    for model, rows in ((Credit, credits), (PassPurchase, passes)):
        if len(rows) > SHOWN:
            return listed(model, customer, f"&state={LIVE}")
    return ""
