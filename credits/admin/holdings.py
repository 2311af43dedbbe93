"""What customers hold: a balance, its state, and the ledger behind it."""

from typing import Any

from django.contrib import messages
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from billing.admin.records import Records
from config.admin.filters import ChoiceFilter, DayFilter
from config.admin.tables import page_name
from config.changes.context import because

from ..errors import Expired, Revoked, UsedUp
from ..models.today import TodayOnce
from .entries import Entries

LIVE = "live"
STATES = {
    LIVE: gettext_lazy("Live"),
    UsedUp.code: gettext_lazy("Used up"),
    Revoked.code: gettext_lazy("Revoked"),
    Expired.code: gettext_lazy("Expired"),
}


class StateFilter(ChoiceFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    names = STATES

    def by(self, rows: Any, chosen: str) -> Any:
        if chosen == LIVE:
            return rows.live(timezone.localdate())
        return rows.filter(refusal=chosen)


class LastDayFilter(DayFilter):
    """What can be used until a day from one to another."""

    named = gettext_lazy("last day")


class Holdings(Records):
    """A balance, and the ledger behind it; its state is why nothing can be taken from it."""

    inlines = (Entries,)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).with_refusal(0, TodayOnce(F("company_id")))

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj is not None else ()

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "expiry_date":
            kwargs["help_text"] = self.without_a_last_day
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    without_a_last_day: Any = ""

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        because(form.cleaned_data["reason"])
        self.creates(obj, reason=form.cleaned_data["reason"], actor=request.actor)

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Go to the customer: that is where it is seen among what they are owed."""
        return redirect(page_name(obj.customer, "change"), obj.customer_id)

    def pressed(self, request: HttpRequest, row: Any, result: Any) -> HttpResponse:
        """Go to the customer, where it is seen no more."""
        messages.success(request, _("%(what)s: revoked.") % {"what": row})
        return redirect(page_name(row.customer, "change"), row.customer_id)

    @display(
        description=gettext_lazy("state"),
        label={
            LIVE: "success",
            UsedUp.code: "info",
            Revoked.code: "danger",
            Expired.code: "default",
        },
    )
    def shown_state(self, row: Any) -> tuple[str, Any]:
        return row.refusal or LIVE, self.state_name(row)

    @display(description=gettext_lazy("state"))
    def state_name(self, row: Any) -> Any:
        return STATES[row.refusal or LIVE]
