"""What customers hold: a balance, its state, and the ledger behind it."""

from typing import Any

from django.db.models import F
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from billing.admin.records import Records
from config.admin.filters import ChoiceFilter, DayFilter

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
        """Choose by the rule; of live ones the index knows that they have not ended."""
        if chosen == LIVE:
            return rows.unfinished().filter(refusal__isnull=True)
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
