"""The roster of an event date: customers, payment and attendance."""

import datetime
from collections.abc import Iterable, Sequence
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.admin.tables import label, link_to, page_name
from config.money import show_money
from config.times import database_now

from ..models import Booking, EventDate
from .columns import paid_how, standing_label
from .marking import HOME, marking, marks_of

SHOWN_PLACES = 100
# On the home page: the time before and after an event during which its roster is shown, the most
# rosters, and the most places of each.
SOON, LATELY = datetime.timedelta(hours=3), datetime.timedelta(hours=1)
SHOWN_ROSTERS, PLACES_AT_HOME = 4, 40

Status = Booking.Status
_STATES = {
    Status.IN_PROGRESS: (gettext_lazy("Here"), "success"),
    Status.COMPLETED: (gettext_lazy("Here"), "success"),
    Status.NO_SHOW: (gettext_lazy("Did not come"), "danger"),
    Status.CANCELLED: (gettext_lazy("Cancelled"), "default"),
}


def places_at(dates: Sequence[EventDate], actor: Any) -> Any:
    """Return the places at some dates, with the relations that a roster shows."""
    keys = [date.pk for date in dates]
    places = Booking.objects.visible_to(actor).filter(event_date__in=keys).with_balance()
    return places.select_related(
        *("customer", "pricing_option", "invoice", "payment", "event_date__event"),
        *("entry__purchase__product", "entry__credit__coupon"),
    ).defer("customer__search_words")


def roster_of(date: EventDate, request: Any) -> dict[str, Any]:
    """Return the roster for the page of a date: live places first, cancelled ones last."""
    found = list(
        places_at([date], request.actor).order_by("-cancelled_at", "id")[: SHOWN_PLACES + 1]
    )
    all_places = f"{reverse(page_name(Booking, 'changelist'))}?event_date__id__exact={date.pk}"
    return _roster(date, found[:SHOWN_PLACES], database_now(), request) | {
        "title": _("Who comes"),
        "all": all_places if len(found) > SHOWN_PLACES else "",
    }


def rosters_at_home(
    dates: Iterable[EventDate], now: datetime.datetime, request: Any
) -> list[dict[str, Any]]:
    """Return the rosters of the current dates, read by one statement."""
    near = [
        date
        for date in dates
        if not date.is_cancelled and date.starts_at - SOON <= now <= date.ends_at + LATELY
    ][:SHOWN_ROSTERS]
    if not near:
        return []
    most = PLACES_AT_HOME * len(near) + 1
    places = places_at(near, request.actor).counted().order_by("starts_at", "event_date_id", "id")
    by_date: dict[Any, list[Booking]] = {date.pk: [] for date in near}
    for place in places[:most]:
        by_date[place.event_date_id].append(place)
    return [
        _roster(date, by_date[date.pk][:PLACES_AT_HOME], now, request, back=HOME)
        | {
            "title": date.event,
            "is_running": date.starts_at <= now < date.ends_at,
            "all": reverse(page_name(EventDate, "change"), args=[date.pk])
            if len(by_date[date.pk]) > PLACES_AT_HOME
            else "",
        }
        for date in near
    ]


def _roster(
    date: EventDate, places: list[Booking], now: datetime.datetime, request: Any, back: str = ""
) -> dict[str, Any]:
    statuses = [place.status for place in places]
    here = statuses.count(Status.IN_PROGRESS) + statuses.count(Status.COMPLETED)
    coming = len(statuses) - statuses.count(Status.CANCELLED)
    form = marking(request, back)
    return {
        "template": "admin/bookings/roster.html",
        "date": date,
        "rows": [_row(place, now, bool(form)) for place in places],
        "counts": _("%(here)d of %(coming)d here") % {"here": here, "coming": coming},
        "form": form,
        "is_ahead": timezone.localdate(date.starts_at) > timezone.localdate(now),
    }


def _row(place: Booking, now: datetime.datetime, may_mark: bool) -> dict[str, Any]:
    state = _STATES.get(Status(place.status))
    return {
        "place": place,
        "name": link_to(place, place.customer),
        "total": show_money(place.total, place.currency),
        "paid": standing_label(place),
        "how": paid_how(place),
        "state": label(*state) if state else "",
        "is_off": place.cancelled_at is not None,
        "marks": marks_of(place, now) if may_mark else [],
    }
