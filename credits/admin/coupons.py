"""The pages of coupons and credit rules."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from config.admin.buttons import archive_button, archiving, restore_button
from config.admin.columns import column
from config.admin.filters import ArchivedFilter, FieldChoiceFilter, RowFilter
from config.admin.find import Found, describe
from config.admin.forms import PageForm
from config.admin.lists import yes_of
from config.admin.money import MoneyField, MoneyForm
from config.admin.pages import CompanyAdmin
from config.tenancy.archiving import archive_row, restore_row
from config.tenancy.money_fields import MOST

from ..actions import create_coupon, create_rule, restore_coupon, update_coupon
from ..models import Coupon, CreditRule
from .columns import gives
from .durations import DurationField, shown_duration


class CouponForm(MoneyForm):
    class Meta:
        help_texts = {
            "offering": gettext_lazy("What the customer gets, such as Massage."),
            "code": gettext_lazy("What customers type, if they do."),
            "multi_use": gettext_lazy(
                "For a percentage or an offering; an amount is used in parts until it is gone."
            ),
        }

    amount = MoneyField(label=gettext_lazy("An amount"), required=False, least=1, most=MOST)
    percentage = forms.IntegerField(
        label=gettext_lazy("Or a percentage off"),
        required=False,
        min_value=1,
        max_value=100,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    valid_for = DurationField(label=gettext_lazy("Credits of it last"))


@admin.register(Coupon)
class CouponAdmin(CompanyAdmin):
    icon = "local_activity"
    added_says = gettext_lazy("Coupon %(name)s added.")
    saved_says = gettext_lazy("Coupon %(name)s saved.")
    form = CouponForm
    creates = staticmethod(create_coupon)
    changes = staticmethod(update_coupon)
    buttons = archiving(
        gettext_lazy(
            "It can no longer be issued. Credits that customers hold stay valid. You "
            "can restore it."
        ),
        restore=restore_coupon,
    )
    list_display = ("name", "gives", "shown_multi_use", "lasts", "code", "life", "created_on")
    list_filter = (ArchivedFilter, ("entitlement", FieldChoiceFilter))
    search_fields = ("name", "code")
    search_help_text = gettext_lazy("Name or code")
    fieldsets = (
        (None, {"fields": ("name", "description", "code")}),
        (
            gettext_lazy("What it gives"),
            {
                "description": gettext_lazy("Fill in exactly one of these three."),
                "fields": ("amount", "percentage", "offering"),
            },
        ),
        (gettext_lazy("How it is used"), {"fields": ("multi_use", "valid_for")}),
    )

    def find(self, request: Any, wanted: str, most: int) -> list[Found]:
        rows = self.get_queryset(request)
        found = rows.filter(pk__in=Coupon.objects.visible_to(request.actor).known_as(wanted))
        return [
            describe(
                self,
                coupon,
                facts=tuple(filter(None, (coupon.code, gives(coupon)))),
                is_exact=coupon.code.casefold() == wanted.casefold(),
            )
            for coupon in found
        ]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show read-only fields to staff who may not change the coupon."""
        if obj is None or self.has_change_permission(request, obj):
            return self.fieldsets
        shown = ("name", "description", "code", "gives", "multi_use", "lasts")
        return ((None, {"fields": shown}),)

    def describe(self, row: Coupon) -> str:
        return f"{row} · {gives(row)}"

    shown_multi_use = yes_of("multi_use", Coupon._meta.get_field("multi_use").verbose_name)
    gives = column(gettext_lazy("gives"), gives)
    lasts = column(gettext_lazy("lasts"), lambda row: shown_duration(row.valid_for))


class RuleForm(PageForm):
    refused_at = {"coupon_id": "coupon", "plan_id": "plan"}

    class Meta:
        help_texts = {
            "on_sign_up": gettext_lazy(
                "If not ticked, the first credit comes with the first renewal."
            ),
            "rolls_over": gettext_lazy(
                "If ticked, what is left stays valid after its period, for as long as "
                "the coupon lasts."
            ),
        }


@admin.register(CreditRule)
class CreditRuleAdmin(CompanyAdmin):
    """The rules of a plan cannot be edited: archive one and add another, or restore it."""

    icon = "autorenew"
    added_says = gettext_lazy("%(plan)s now grants %(coupon)s.")
    form = RuleForm
    saves_on = False
    archived_says = gettext_lazy(
        "This rule is archived and grants nothing. Restore it to grant again."
    )
    creates = staticmethod(create_rule)
    buttons = (
        archive_button(
            archive_row,
            gettext_lazy(
                "The plan no longer grants this. Credits that were granted stay "
                "valid. You can restore it."
            ),
        ),
        restore_button(
            restore_row,
            gettext_lazy(
                "The plan grants this again, from the current period on. A rule that rolls over "
                "grants the periods that it missed as well."
            ),
        ),
    )
    autocomplete_fields = ("plan", "coupon")
    list_display = (
        *("plan", "coupon", "every", "shown_on_sign_up", "shown_rolls_over"),
        *("life", "created_on"),
    )
    shown_on_sign_up = yes_of("on_sign_up", CreditRule._meta.get_field("on_sign_up").verbose_name)
    shown_rolls_over = yes_of("rolls_over", CreditRule._meta.get_field("rolls_over").verbose_name)

    list_filter = (ArchivedFilter, ("plan", RowFilter), ("every", FieldChoiceFilter))
    search_fields = ("plan__name", "coupon__name")
    search_help_text = gettext_lazy("Name of the plan or the coupon")
    fields = ("plan", "coupon", "every", "on_sign_up", "rolls_over")
    joined = ("plan", "coupon")
