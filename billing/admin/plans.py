"""The pages of plans and of subscriptions."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminRadioSelectWidget

from config.admin import filters
from config.admin.buttons import Button, archiving
from config.admin.columns import column
from config.admin.forms import PageForm
from config.admin.money import MoneyField, company_currency
from config.admin.pages import CompanyAdmin
from config.admin.tables import page_name
from config.admin.taxes import TaxedForm
from config.tenancy.money_fields import MOST

from .. import actions
from ..models import Plan, Subscription
from .customer_sections import OF_ARCHIVED, STATE_COLOURS, renewal_of, state_of
from .pausing import Pausing, PausingMany, pause
from .prices import gross_column, tax_column
from .records import Records

State = Subscription.State


class PlanForm(TaxedForm):
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
            self.initial.setdefault("currency", company_currency())

    def hint(self, currency: str) -> str:
        """Show no hint: the currency has a field of its own."""
        return ""

    def clean_currency(self) -> str:
        return self.cleaned_data["currency"].upper()


@admin.register(Plan)
class PlanAdmin(CompanyAdmin):
    icon = "event_repeat"
    added_says = gettext_lazy("Plan %(name)s added.")
    saved_says = gettext_lazy("Plan %(name)s saved.")
    form = PlanForm
    creates = staticmethod(actions.create_plan)
    changes = staticmethod(actions.change_plan)
    buttons = archiving(
        gettext_lazy(
            "Customers can no longer sign up for it. Existing subscriptions go on. "
            "You can restore it."
        )
    )
    list_display = ("name", "shown_price", "shown_rate", "billing_period", "life", "created_on")
    list_filter = (filters.ArchivedFilter, ("billing_period", filters.FieldChoiceFilter))
    search_fields = ("name",)
    search_help_text = gettext_lazy("Name")
    terms = ("billing_period", "grace_days", "minimum_periods")
    fields = ("name", "price", "currency", "tax_rate", "tax_behavior", *terms)
    shown = ("name", "shown_price", "shown_rate", *terms)

    shown_price = gross_column()
    shown_rate = tax_column()

    def describe(self, row: Plan) -> str:
        price = self.shown_price(row)
        return f"{row} · {price} {row.get_billing_period_display()}"


class RenewalFilter(filters.DayFilter):
    """Filter subscriptions by renewal date.

    Excludes cancelled subscriptions and those of archived customers, which do not renew.
    """

    named = gettext_lazy("renews on")

    def at_least(self, rows: Any, bound: Any) -> Any:
        return super().at_least(rows.renewing(), bound)

    def at_most(self, rows: Any, bound: Any) -> Any:
        return super().at_most(rows.renewing(), bound)


class StateFilter(filters.ChoiceFilter):
    title = gettext_lazy("state")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*((state.value, capfirst(state.label)) for state in State), OF_ARCHIVED]

    def by(self, rows: Any, chosen: str) -> Any:
        return rows.of_archived() if chosen == OF_ARCHIVED[0] else rows.in_state(chosen)


class SignUpForm(PageForm):
    """The form that signs a customer up for a plan: billed at the till or by another system."""

    TILL, ELSEWHERE = "till", "elsewhere"

    billed = forms.ChoiceField(
        label=gettext_lazy("Billed"),
        choices=[
            (TILL, gettext_lazy("At the till: paid now, or to be paid later")),
            (ELSEWHERE, gettext_lazy("By another system: no invoice is written here")),
        ],
        widget=UnfoldAdminRadioSelectWidget,
    )

    @property
    def till(self) -> str:
        """The address of the customer's till, with the plan and the start date filled in."""
        customer, plan = self.cleaned_data["customer"], self.cleaned_data["plan"]
        address = reverse(page_name(customer, "till"), args=[customer.pk])
        begins = self.cleaned_data.get("anchor_date")
        return f"{address}?sold=plan:{plan.pk}" + (f"&begins_on={begins}" if begins else "")


@admin.register(Subscription)
class SubscriptionAdmin(Records):
    """A subscription is created, paused, suspended and cancelled; its terms are not edited."""

    icon = "card_membership"
    adds = gettext_lazy("Sign a customer up for a plan")
    added_says = gettext_lazy("%(customer)s signed up for %(plan)s.")
    form = SignUpForm
    creates = staticmethod(actions.subscribe)
    makes = gettext_lazy("Sign up")
    buttons = (
        Button(
            name="pause",
            label=gettext_lazy("Pause"),
            done=gettext_lazy("paused"),
            asks=gettext_lazy("Pause %(plan)s of %(customer)s?"),
            says=gettext_lazy("%(plan)s of %(customer)s paused."),
            confirm_text=gettext_lazy("The subscription does not renew until you resume it."),
            act=pause,
            is_available=lambda row: row.state == State.ACTIVE,
            icon="pause",
            form=Pausing,
            many_form=PausingMany,
        ),
        Button(
            name="resume",
            label=gettext_lazy("Resume"),
            done=gettext_lazy("resumed"),
            asks=gettext_lazy("Resume %(plan)s of %(customer)s?"),
            says=gettext_lazy("%(plan)s of %(customer)s resumed."),
            confirm_text=gettext_lazy("The pause ends and the subscription goes on."),
            act=actions.resume_subscription,
            is_available=lambda row: row.cancelled_at is None and row.paused_at is not None,
            icon="play_arrow",
        ),
        Button(
            name="suspend",
            label=gettext_lazy("Suspend"),
            done=gettext_lazy("suspended"),
            asks=gettext_lazy("Suspend %(plan)s of %(customer)s?"),
            says=gettext_lazy("%(plan)s of %(customer)s suspended."),
            confirm_text=gettext_lazy(
                "The subscription stops, for a missed payment for example, until you reinstate it."
            ),
            act=actions.suspend_subscription,
            is_available=lambda row: row.cancelled_at is None and row.suspended_at is None,
            icon="block",
        ),
        Button(
            name="reinstate",
            label=gettext_lazy("Reinstate"),
            done=gettext_lazy("reinstated"),
            asks=gettext_lazy("Reinstate %(plan)s of %(customer)s?"),
            says=gettext_lazy("%(plan)s of %(customer)s reinstated."),
            confirm_text=gettext_lazy(
                "The suspension ends and the subscription goes on as before."
            ),
            act=actions.reinstate_subscription,
            is_available=lambda row: row.cancelled_at is None and row.suspended_at is not None,
            icon="replay",
        ),
        Button(
            name="cancel",
            label=gettext_lazy("Cancel the subscription"),
            done=gettext_lazy("cancelled"),
            asks=gettext_lazy("Cancel %(plan)s of %(customer)s?"),
            says=gettext_lazy("%(plan)s of %(customer)s cancelled."),
            confirm_text=gettext_lazy(
                "The subscription ends for good. The customer can sign up again at any time."
            ),
            act=actions.cancel_subscription,
            is_available=lambda row: row.cancelled_at is None,
            icon="cancel",
            danger=True,
            many=False,
            ends=True,
        ),
    )
    joined = ("plan",)
    for_new = {
        "help_texts": {
            "anchor_date": gettext_lazy(
                "Empty to start today. Or a day in the past, at the till up to 31 days ago."
            )
        }
    }
    autocomplete_fields = ("customer", "plan")
    list_display = ("customer", "plan", "shown_state", "anchor_date", "renews_on", "created_on")
    list_filter = (
        StateFilter,
        ("plan", filters.RowFilter),
        ("billing_period", filters.FieldChoiceFilter),
        ("renewal_date", RenewalFilter),
        ("anchor_date", filters.DayFilter),
        ("cancelled_at", filters.titled(filters.DayFilter, gettext_lazy("cancelled"))),
    )
    asked = ("customer", "plan", "billed", "anchor_date")
    shown = (
        *("customer", "plan", "state_name", "billing_period", "anchor_date", "renews_on"),
        *("grace_days", "earliest_cancellation_date"),
        *("paused_at", "paused_until", "pause_reason"),
        *("suspended_at", "cancelled_at", "created_at"),
    )

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Redirect to the till, which sells the plan, unless another system bills it."""
        if request.POST.get("billed") == SignUpForm.TILL and self.has_add_permission(request):
            form: Any = self.get_form(request)(request.POST)
            if form.is_valid():
                return HttpResponseRedirect(form.till)
        return super().add_view(request, form_url, extra_context)

    shown_state = column(
        gettext_lazy("state"),
        lambda row: state_of(row, row.customer),
        label=STATE_COLOURS | {OF_ARCHIVED[0]: "default"},
    )
    renews_on = column(
        gettext_lazy("renews on"),
        lambda row: renewal_of(row, row.customer),
        exports=lambda row: None if row.customer.is_archived else row.renewal_date,
        ordering="renewal_date",
    )
    state_name = column(gettext_lazy("state"), lambda row: state_of(row, row.customer)[1])
