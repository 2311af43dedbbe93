from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminSelectWidget

from config.admin.buttons import Button
from config.admin.columns import column
from config.admin.filters import FlagFilter
from config.admin.forms import PageForm
from config.admin.pages import Pages
from config.admin.secrets import Renewal, shown_once
from config.tenancy.companies import Company

from ..actions import change_staff, create_staff, renew_password
from ..models import Staff
from ..signing_in.factors import has_factor
from .ways_in import OF_STAFF


class StaffForm(PageForm):
    class Meta:
        labels = {"is_superuser": gettext_lazy("Superuser")}
        help_texts = {"is_superuser": gettext_lazy("Works in every company, manages all of them.")}

    workplaces = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Works for"),
        queryset=Company.objects.all(),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["workplaces"] = [company.pk for company in self.instance.companies.all()]


class NewStaffForm(PageForm):
    """The form of a new staff member; the action finds people who already work elsewhere."""

    class Meta(StaffForm.Meta):
        pass

    company = forms.ModelChoiceField(
        label=gettext_lazy("Works for"),
        queryset=Company.objects.usable(),
        widget=UnfoldAdminSelectWidget,
    )

    def validate_unique(self) -> None:
        """Skip the check: `create_staff` accepts the address of a person who works elsewhere."""

    def validate_constraints(self) -> None:
        """Skip the check, as `validate_unique` does."""


class NewPassword(Renewal):
    kept_in = "password"


@admin.register(Staff)
class StaffAdmin(Pages):
    """The staff of all companies, for superusers."""

    icon = "support_agent"
    added_says = gettext_lazy("%(name)s added.")
    saved_says = gettext_lazy("Login %(name)s saved.")
    saves_on = False
    creates = staticmethod(create_staff)
    changes = staticmethod(change_staff)
    buttons = (
        Button(
            name="password",
            label=gettext_lazy("New password"),
            done=gettext_lazy("given a new password"),
            asks=gettext_lazy("Give %(name)s a new password?"),
            says=gettext_lazy("%(name)s has a new password."),
            confirm_text=gettext_lazy(
                "They get a new password, which is shown to you once. Their old one "
                "stops working, and they are signed out everywhere."
            ),
            act=renew_password,
            icon="password",
            form=NewPassword,
            many=False,
        ),
        *OF_STAFF,
    )
    form = StaffForm
    for_new = {"form": NewStaffForm}
    asked = ("email", "company", "is_superuser")
    list_display = ("email", "full_name", "works_for", "is_superuser", "is_active", "last_login")
    list_filter = (("is_superuser", FlagFilter), ("is_active", FlagFilter))
    search_fields = ("email", "first_name", "last_name")
    readonly_fields = ("second_factor", "last_login", "created_at")
    fields = (
        *("email", "first_name", "last_name", "is_active", "is_superuser", "workplaces"),
        *("second_factor", "last_login", "created_at"),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("companies")

    def save_model(self, request: Any, obj: Staff, form: Any, change: bool) -> None:
        if change:
            changes = form.changes()
            companies = changes.pop("workplaces", None)
            self.changes(obj, changes=changes, companies=companies, actor=request.actor)
            return
        company = form.cleaned_data["company"]
        request.made = self.creates(obj, company=company, actor=request.actor)

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        """Do nothing: the actions have saved the companies."""

    def response_add(self, request: Any, obj: Staff, post_url_continue: Any = None) -> HttpResponse:
        """Show the password of a person who is new; others keep their password."""
        staff, password = request.made
        if not password:
            return super().response_add(request, staff, post_url_continue)
        return self._show(request, staff, password)

    def pressed(self, request: HttpRequest, row: Staff, result: str | None) -> HttpResponse | None:
        return self._show(request, row, result) if result else None

    def _show(self, request: HttpRequest, staff: Staff, password: str) -> HttpResponse:
        return shown_once(
            self,
            request,
            staff,
            _("They sign in with this e-mail address and this password. It is shown only now."),
            [(_("e-mail"), staff.email), (_("password"), password)],
        )

    full_name = column(gettext_lazy("name"), lambda row: row.get_full_name())
    second_factor = column(gettext_lazy("second factor"), has_factor, boolean=True)
    works_for = column(
        gettext_lazy("works for"),
        lambda row: ", ".join(str(company) for company in row.companies.all()),
    )
