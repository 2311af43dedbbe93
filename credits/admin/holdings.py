"""The base of the pages of credits and passes: balance, state and ledger."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.admin.records import Records
from config.admin.buttons import Button
from config.admin.columns import column
from config.admin.filters import ChoiceFilter, DayFilter, titled
from config.admin.forms import Answers, Reason
from config.admin.tables import page_name
from config.tenancy.authors import because
from config.times import ClockOnce

from ..errors import Expired, Revoked, UsedUp
from ..models import Credit
from .columns import left_of_credit, left_of_pass, show_end
from .ends import EndField
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
            return rows.live()
        return rows.filter(refusal=chosen)


ENDS = ("expires_at", titled(DayFilter, gettext_lazy("ends")))


class Revoking(Answers):
    """The form that revokes the rest of a credit or a pass."""

    reason = Reason()

    def prepare(self) -> None:
        row = self.row
        is_credit = isinstance(row, Credit)
        what = {
            "name": row.coupon if is_credit else row.product,
            "left": left_of_credit(row) if is_credit else left_of_pass(row),
            "customer": row.customer,
        }
        self.explains = [
            _("%(customer)s loses %(name)s (%(left)s). The ledger records it.") % what,
            _("This cannot be undone; a new credit can be issued.")
            if is_credit
            else _("This cannot be undone; a new pass can be sold."),
        ]


def revoke_button(act: Any) -> Button:
    return Button(
        name="revoke",
        label=gettext_lazy("Revoke"),
        done=gettext_lazy("revoked"),
        asks=gettext_lazy("Revoke %(name)s?"),
        says=gettext_lazy("%(name)s revoked."),
        act=act,
        is_available=lambda row: row.refusal is None,
        icon="block",
        danger=True,
        many=False,
        form=Revoking,
    )


class Holdings(Records):
    """Pages of a balance with its ledger; its state is the reason why it cannot be used."""

    inlines = (Entries,)
    # After saving, open the customer's page, which lists the new row.
    leads_to = "customer"
    end_field: type[forms.Field] = EndField

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).with_refusal(0, now=ClockOnce())

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return self.inlines if obj is not None else ()

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "expires_at":
            return self.end_field()
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        because(form.cleaned_data["reason"])
        self.creates(obj, reason=form.cleaned_data["reason"], actor=request.actor)

    def pressed(self, request: HttpRequest, row: Any, result: Any) -> HttpResponse:
        """Redirect to the customer, whose page no longer lists the row."""
        messages.success(request, _("%(what)s revoked.") % {"what": row})
        return redirect(page_name(row.customer, "change"), row.customer_id)

    shown_state = column(
        gettext_lazy("state"),
        lambda row: (row.refusal or LIVE, STATES[row.refusal or LIVE]),
        label={
            LIVE: "success",
            UsedUp.code: "info",
            Revoked.code: "danger",
            Expired.code: "default",
        },
    )
    ends = column(
        gettext_lazy("ends"),
        lambda row: show_end(row.expires_at) if row.expires_at else "",
        exports=lambda row: row.expires_at,
        ordering="expires_at",
    )
    state_name = column(gettext_lazy("state"), lambda row: STATES[row.refusal or LIVE])
