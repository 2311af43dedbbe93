"""Plans, and who is signed up for them."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from config.admin.buttons import Button, archiving
from config.admin.columns import exported_as
from config.admin.filters import (
    ArchivedFilter,
    ChoiceFilter,
    DayFilter,
    FieldChoiceFilter,
    RowFilter,
)
from config.admin.money import MoneyField, MoneyForm, amount_of
from config.admin.pages import CompanyPages
from customers.shapes.shown import MANDATE

from ..actions import (
    archive_plan,
    cancel_subscription,
    change_plan,
    create_plan,
    pause_subscription,
    reinstate_subscription,
    restore_plan,
    resume_subscription,
    subscribe,
    suspend_subscription,
)
from ..models import Plan, Subscription
from ..models.money import MOST
from ..shapes.shown import PLAN
from .records import Records

State = Subscription.State


class PlanForm(MoneyForm):
    class Meta:
        help_texts = {
            "currency": gettext_lazy("Three letters, such as GBP."),
            "grace_days": gettext_lazy("How many days a payment may be late."),
            "minimum_periods": gettext_lazy(
                "How many periods pass before a subscription may be cancelled; 0 for none."
            ),
        }

    price = MoneyField(label=gettext_lazy("Price"), most=MOST)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            self.initial.setdefault("currency", self.company_currency)

    def hint(self, currency: str) -> str:
        """The currency stands in its own field."""
        return ""

    def clean_currency(self) -> str:
        return self.cleaned_data["currency"].upper()


@admin.register(Plan)
class PlanPages(CompanyPages):
    icon = "event_repeat"
    known_as = {PLAN: "pk"}
    form = PlanForm
    creates = staticmethod(create_plan)
    changes = staticmethod(change_plan)
    buttons = archiving(
        archive_plan,
        restore_plan,
        gettext_lazy(
            "Nobody can sign up for an archived plan. Subscriptions that are there go on, and the "
            "plan can be restored."
        ),
    )
    list_display = ("name", "shown_price", "billing_period", "life", "created_on")
    list_filter = (ArchivedFilter, ("billing_period", FieldChoiceFilter))
    search_fields = ("name",)
    fields = ("name", "price", "currency", "billing_period", "grace_days", "minimum_periods")

    shown_price = amount_of("price", gettext_lazy("price"))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Show the price as it is read where there is no form to change it in."""
        if obj is None or self.has_change_permission(request, obj):
            return self.fields
        return ("name", "shown_price", *self.fields[3:])

    def describe(self, row: Plan) -> str:
        price = self.shown_price(row)
        return f"{row} · {price} {row.get_billing_period_display()}"


class RenewalFilter(DayFilter):
    """What renews from one day to another: what has ended renews no more."""

    named = gettext_lazy("renews on")


class EndedFilter(DayFilter):
    """What was cancelled from one day to another."""

    named = gettext_lazy("cancelled")


class StateFilter(ChoiceFilter):
    title = gettext_lazy("state")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(state.value, capfirst(state.label)) for state in State]

    def by(self, rows: Any, chosen: str) -> Any:
        return rows.filter(state=chosen)


@admin.register(Subscription)
class SubscriptionPages(Records):
    """A subscription is made, paused, suspended and ended, and its terms stay as they were."""

    icon = "card_membership"
    known_as = {MANDATE: "pk"}
    creates = staticmethod(subscribe)
    makes = gettext_lazy("Subscribe")
    buttons = (
        Button(
            name="pause",
            label=gettext_lazy("Pause"),
            done=gettext_lazy("paused"),
            asks=gettext_lazy("The subscription rests until you resume it, as its customer asked."),
            act=pause_subscription,
            fits=lambda row: row.state == State.ACTIVE,
            icon="pause",
        ),
        Button(
            name="resume",
            label=gettext_lazy("Resume"),
            done=gettext_lazy("resumed"),
            asks=gettext_lazy("The pause ends, and the subscription goes on."),
            act=resume_subscription,
            fits=lambda row: row.cancelled_at is None and row.paused_at is not None,
            icon="play_arrow",
        ),
        Button(
            name="suspend",
            label=gettext_lazy("Suspend"),
            done=gettext_lazy("suspended"),
            asks=gettext_lazy(
                "You stop the subscription, for a payment that is missing say, until you reinstate "
                "it."
            ),
            act=suspend_subscription,
            fits=lambda row: row.cancelled_at is None and row.suspended_at is None,
            icon="block",
        ),
        Button(
            name="reinstate",
            label=gettext_lazy("Reinstate"),
            done=gettext_lazy("reinstated"),
            asks=gettext_lazy("The suspension ends, and the subscription is as it was before."),
            act=reinstate_subscription,
            fits=lambda row: row.cancelled_at is None and row.suspended_at is not None,
            icon="replay",
        ),
        Button(
            name="cancel",
            label=gettext_lazy("Cancel the subscription"),
            done=gettext_lazy("cancelled"),
            asks=gettext_lazy(
                "The subscription ends for good. The customer can sign up again at any time."
            ),
            act=cancel_subscription,
            fits=lambda row: row.cancelled_at is None,
            icon="cancel",
            danger=True,
            many=False,
        ),
    )
    joined = ("plan",)
    autocomplete_fields = ("customer", "plan")
    list_display = ("customer", "plan", "shown_state", "anchor_date", "renews_on", "created_on")
    list_filter = (
        StateFilter,
        ("plan", RowFilter),
        ("billing_period", FieldChoiceFilter),
        ("renewal_date", RenewalFilter),
        ("anchor_date", DayFilter),
        ("cancelled_at", EndedFilter),
    )
    asked = ("customer", "plan", "anchor_date")
    shown = (
        *("customer", "plan", "state_name", "billing_period", "anchor_date", "renews_on"),
        *("grace_days", "earliest_cancellation_date"),
        *("paused_at", "suspended_at", "cancelled_at", "created_at"),
    )

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "anchor_date":
            kwargs["help_text"] = gettext_lazy("Empty for today; a day before today otherwise.")
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @display(
        description=gettext_lazy("state"),
        label={
            State.ACTIVE.value: "success",
            State.PAUSED.value: "warning",
            State.SUSPENDED.value: "danger",
            State.CANCELLED.value: "default",
        },
    )
    def shown_state(self, row: Subscription) -> tuple[str, str]:
        return row.state, self.state_name(row)

    @exported_as(lambda row: row.renewal_date)
    @display(description=gettext_lazy("renews on"), ordering="renewal_date")
    def renews_on(self, row: Subscription) -> str:
        return date_format(row.renewal_date) if row.renewal_date else "–"

    @display(description=gettext_lazy("state"))
    def state_name(self, row: Subscription) -> str:
        return str(capfirst(State(row.state).label))
