"""The buttons that mark attendance with one click: here, did not come, undo."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from config.admin.pages import Pages
from config.admin.tables import page_name
from config.errors import Refusal
from config.tenancy.ids import read_id

from ..actions.lifecycle import check_in_booking, complete_booking, miss_booking, reopen_booking
from ..models import Booking, EventDate

Status = Booking.Status
# The value of `back` in forms on the home page.
HOME = "home"


@dataclass(frozen=True)
class Mark:
    """A one-click button: its name in the form, its label and its action."""

    name: str
    label: Any
    act: Callable[..., Any]


HERE = Mark("here", gettext_lazy("Here"), check_in_booking)
DONE = Mark("done", gettext_lazy("Done"), complete_booking)
MISSED = Mark("missed", gettext_lazy("Did not come"), miss_booking)
UNDO = Mark("undo", gettext_lazy("Undo"), reopen_booking)
MARKS = {mark.name: mark for mark in (HERE, DONE, MISSED, UNDO)}


def marks_of(booking: Booking, now: Any) -> list[Mark]:
    """Return the buttons for a booking; it has none before the day on which it begins."""
    match booking.status:
        case Status.CONFIRMED:
            if booking.starts_at <= now:
                return [HERE, MISSED]
            is_today = timezone.localdate(booking.starts_at) <= timezone.localdate(now)
            return [HERE] if is_today else []
        case Status.IN_PROGRESS if booking.is_appointment:
            return [DONE, UNDO]
        case Status.IN_PROGRESS | Status.COMPLETED | Status.NO_SHOW:
            return [UNDO]
    return []


def marking(request: Any, back: str = "") -> dict[str, Any]:
    """Return what the template of the buttons needs; {} for staff who may not use them."""
    if not request.user.has_perm("bookings.change_booking"):
        return {}
    return {"address": reverse(page_name(Booking, "mark")), "back": back}


class MarksBookings(Pages):
    """Adds the URL to which the buttons of rosters and of the home page post."""

    def get_urls(self) -> list[Any]:
        return [self.page_at("mark/", self.mark_view, "mark"), *super().get_urls()]

    def mark_view(self, request: Any) -> HttpResponse:
        """Mark a booking, and redirect to its row on the page of origin."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not request.user.has_perm(self.permission("change")):
            raise PermissionDenied
        name, _colon, key = request.POST.get("mark", "").partition(":")
        if name not in MARKS:
            raise BadRequest
        booking = self._marked(request, read_id("", key))
        try:
            with transaction.atomic():
                MARKS[name].act(booking, actor=request.actor)
        except Refusal as refusal:
            messages.error(request, f"{booking.customer}: {refusal}")
        return HttpResponseRedirect(f"{_back(request, booking)}#mark-{booking.pk}")

    def _marked(self, request: Any, key: UUID | None) -> Booking:
        rows = Booking.objects.visible_to(request.actor).select_related("customer")
        booking = rows.filter(pk=key).first() if key else None
        if booking is None:
            raise Http404
        return booking


def _back(request: Any, booking: Booking) -> str:
    if request.POST.get("back") == HOME:
        return reverse("admin:index")
    model, key = (
        (Booking, booking.pk) if booking.is_appointment else (EventDate, booking.event_date_id)
    )
    return reverse(page_name(model, "change"), args=[key])
