from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminSelectWidget

from config.admin.buttons import Button
from config.admin.filters import FlagFilter
from config.admin.forms import PageForm
from config.admin.pages import Pages
from config.admin.secrets import Renewal, shown_once

from ..actions import change_staff, create_staff, renew_password
from ..models import Company, Staff
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
    """Who is to work for which company; the action knows people who work elsewhere already."""

    class Meta(StaffForm.Meta):
        pass

    company = forms.ModelChoiceField(
        label=gettext_lazy("Works for"),
        queryset=Company.objects.usable(),
        widget=UnfoldAdminSelectWidget,
    )

    def validate_unique(self) -> None:
        """A person who is here already may be named."""

    def validate_constraints(self) -> None:
        """A person who is here already may be named."""


class NewPassword(Renewal):
    kept_in = "password"


@admin.register(Staff)
class StaffPages(Pages):
    """Everybody who works in any company, for superusers."""

    icon = "support_agent"
    saves_on = False
    creates = staticmethod(create_staff)
    changes = staticmethod(change_staff)
    buttons = (
        Button(
            name="password",
            label=gettext_lazy("New password"),
            done=gettext_lazy("given a new password"),
            asks=gettext_lazy(
                "They get a new password, which you will see once and pass on to them. Their old "
                "one stops working, and they are signed out everywhere."
            ),
            act=lambda staff, actor, seen: renew_password(staff, seen=seen),
            fits=lambda staff: True,
            icon="password",
            form=NewPassword,
            many=False,
        ),
        *OF_STAFF,
    )
    form = StaffForm
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

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.fields if obj else ("email", "company", "is_superuser")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.readonly_fields if obj else ()

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is None:
            kwargs["form"] = NewStaffForm
        return super().get_form(request, obj, change=change, **kwargs)

    def save_model(self, request: Any, obj: Staff, form: Any, change: bool) -> None:
        if change:
            changes = form.changes()
            companies = changes.pop("workplaces", None)
            self.changes(obj, changes=changes, companies=companies, by=request.user.pk)
            return
        staff, request.secret = self.creates(
            obj.email, form.cleaned_data["company"], superuser=obj.is_superuser
        )
        obj.__dict__.update(vars(staff))

    def save_related(self, request: Any, form: Any, formsets: Any, change: bool) -> None:
        """The actions have written the companies."""

    def response_add(self, request: Any, obj: Staff, post_url_continue: Any = None) -> HttpResponse:
        """Show the password of somebody who had none."""
        if not request.secret:
            return super().response_add(request, obj, post_url_continue)
        return self._show(request, obj, request.secret)

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

    @display(description=gettext_lazy("name"))
    def full_name(self, staff: Staff) -> str:
        return staff.get_full_name()

    @display(description=gettext_lazy("second factor"), boolean=True)
    def second_factor(self, staff: Staff) -> bool:
        return has_factor(staff)

    @display(description=gettext_lazy("works for"))
    def works_for(self, staff: Staff) -> str:
        return ", ".join(str(company) for company in staff.companies.all())
