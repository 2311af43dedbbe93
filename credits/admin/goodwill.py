"""The pages of goodwill: give it, and decide on goodwill above a limit."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.admin.records import Records
from config.admin.buttons import Button
from config.admin.columns import column
from config.admin.filters import ChoiceFilter, DayFilter, titled
from config.admin.forms import Answers, Reason
from config.admin.money import MoneyField, MoneyForm, amount_of
from config.admin.sentences import sentence
from config.admin.tables import link_to
from config.money import show_money
from config.tenancy.money_fields import MOST
from config.tenancy.money_permissions import MoneyAction, limit_in, limiting_company

from ..actions import approve_goodwill, give_goodwill, refuse_goodwill
from ..models import Goodwill

STATES = {
    Goodwill.WAITING: gettext_lazy("Waiting"),
    Goodwill.Decision.GIVEN.value: gettext_lazy("Given"),
    Goodwill.Decision.APPROVED.value: gettext_lazy("Approved"),
    Goodwill.Decision.REFUSED.value: gettext_lazy("Refused"),
}


class GoodwillForm(MoneyForm):
    refused_at = {"customer_id": "customer"}

    amount = MoneyField(label=gettext_lazy("Amount"), least=1, most=MOST)
    reason = Reason(help_text=gettext_lazy("Why you give it. Shown in the history."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "amount" in self.fields and (told := limit_told(self.actor)):
            self.fields["amount"].help_text = told


def limit_told(actor: Any) -> str:
    """Return the actor's limit per customer and day as a sentence; "" without a limit."""
    company = limiting_company(actor, MoneyAction.GOODWILL)
    if company is None:
        return ""
    limit = limit_in(company, MoneyAction.GOODWILL)
    if not limit:
        return _("An owner or a manager approves it before it is given.")
    text = _(
        "You may give one customer up to %(limit)s a day. An owner or a manager approves what is "
        "above it."
    )
    return text % {"limit": show_money(limit, company.currency)}


class StatusFilter(ChoiceFilter):
    title = gettext_lazy("status")
    parameter_name = "status"
    names = STATES

    def by(self, rows: Any, chosen: str) -> Any:
        return rows.in_status(chosen)


class Refusing(Answers):
    """The form that refuses goodwill."""

    reason = Reason(help_text=gettext_lazy("Shown to the person who asked."))


@admin.register(Goodwill)
class GoodwillAdmin(Records):
    """Goodwill that was given, and goodwill that waits for a second person."""

    icon = "volunteer_activism"
    form = GoodwillForm
    creates = staticmethod(give_goodwill)
    makes = gettext_lazy("Give goodwill")
    adds = gettext_lazy("Give goodwill")
    added_says = gettext_lazy("%(name)s: given.")
    leads_to = "customer"
    joined = ("credit__coupon",)
    autocomplete_fields = ("customer",)
    asked = ("customer", "amount", "reason")
    shown = (
        *("customer", "shown_amount", "reason", "status_label", "asked_by", "created_at"),
        *("decided_by", "decided_at", "decision_reason", "shown_credit"),
    )
    list_display = ("customer", "shown_amount", "reason", "shown_status", "asked_by", "created_on")
    list_filter = (StatusFilter, ("created_at", titled(DayFilter, gettext_lazy("asked for"))))
    buttons = (
        Button(
            name="approve",
            label=gettext_lazy("Approve"),
            done=gettext_lazy("approved"),
            asks=gettext_lazy("Approve goodwill of %(name)s?"),
            says=gettext_lazy("Goodwill of %(name)s approved."),
            confirm_text=gettext_lazy("The customer gets the credit at once."),
            act=approve_goodwill,
            is_available=lambda row: row.is_waiting,
            icon="check",
            many=False,
        ),
        Button(
            name="refuse",
            label=gettext_lazy("Refuse"),
            done=gettext_lazy("refused"),
            asks=gettext_lazy("Refuse goodwill of %(name)s"),
            says=gettext_lazy("Goodwill of %(name)s refused."),
            act=refuse_goodwill,
            is_available=lambda row: row.is_waiting,
            icon="close",
            many=False,
            form=Refusing,
            ends=True,
        ),
    )

    shown_amount = amount_of("amount", gettext_lazy("amount"))
    shown_status = column(
        gettext_lazy("status"),
        lambda row: (status_of(row), STATES[status_of(row)]),
        label={
            Goodwill.WAITING: "warning",
            Goodwill.Decision.GIVEN.value: "success",
            Goodwill.Decision.APPROVED.value: "success",
            Goodwill.Decision.REFUSED.value: "default",
        },
    )
    status_label = column(gettext_lazy("status"), lambda row: STATES[status_of(row)])
    shown_credit = column(
        gettext_lazy("credit"), lambda row: link_to(row.credit) if row.credit else ""
    )

    def response_add(
        self, request: HttpRequest, obj: Goodwill, post_url_continue: Any = None
    ) -> HttpResponse:
        """Show a message that says whether the goodwill was given or waits for approval."""
        if obj.is_waiting:
            text = _("%(what)s: asked for. An owner or a manager decides on it.")
            messages.warning(request, text % {"what": obj})
        else:
            messages.success(request, sentence(self.added_says, obj))
        return self.response_post_save_add(request, obj)


def status_of(goodwill: Goodwill) -> str:
    return goodwill.decision or Goodwill.WAITING
