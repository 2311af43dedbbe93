"""The staff of the session's company, whom its owners invite and give a role."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold import widgets
from unfold.decorators import display

from config.admin.buttons import Button
from config.admin.columns import column
from config.admin.filters import FieldChoiceFilter
from config.admin.forms import PageForm
from config.admin.pages import Pages
from config.tenancy.permissions import SENTENCES, Role

from ..actions import change_role, end_membership, invite_again, invite_staff
from ..models import Membership, Staff
from .ways_in import OF_COLLEAGUES


def _with_sentence(role: Role) -> Any:
    return format_html("<strong>{}</strong>: {}", role.label, SENTENCES[role])


class RoleForm(PageForm):
    role = forms.ChoiceField(
        label=gettext_lazy("Role"),
        choices=lambda: [(role.value, _with_sentence(role)) for role in Role],
        widget=widgets.UnfoldAdminRadioSelectWidget,
    )


class InvitationForm(RoleForm):
    email = forms.CharField(
        label=gettext_lazy("E-mail"),
        max_length=254,
        widget=widgets.UnfoldAdminEmailInputWidget,
        help_text=gettext_lazy("They get an e-mail with a link to choose a password."),
    )
    first_name = forms.CharField(
        label=gettext_lazy("First name"),
        max_length=150,
        required=False,
        widget=widgets.UnfoldAdminTextInputWidget,
    )
    last_name = forms.CharField(
        label=gettext_lazy("Last name"),
        max_length=150,
        required=False,
        widget=widgets.UnfoldAdminTextInputWidget,
    )


@admin.register(Membership)
class MembershipAdmin(Pages):
    icon = "badge"
    adds = gettext_lazy("Invite somebody")
    added_says = gettext_lazy("Invitation sent to %(name)s.")
    saved_says = gettext_lazy("Role of %(name)s saved.")
    saves_on = False
    creates = staticmethod(invite_staff)
    makes = gettext_lazy("Invite")
    changes = staticmethod(change_role)
    buttons = (
        Button(
            name="invite",
            label=gettext_lazy("Send the invitation again"),
            done=gettext_lazy("sent an invitation"),
            asks=gettext_lazy("Send the invitation to %(name)s again?"),
            says=gettext_lazy("Invitation sent to %(name)s again."),
            confirm_text=gettext_lazy(
                "They get another e-mail with a new link to choose a password. "
                "Earlier links stop working."
            ),
            act=invite_again,
            is_available=lambda membership: not membership.staff.has_usable_password(),
            icon="mail",
            many=False,
        ),
        *OF_COLLEAGUES,
        Button(
            name="remove",
            label=gettext_lazy("Remove from the company"),
            done=gettext_lazy("removed from the company"),
            asks=gettext_lazy("Remove %(name)s from the company?"),
            says=gettext_lazy("%(name)s no longer works here."),
            confirm_text=gettext_lazy(
                "They lose access to this company at once. Their name stays on what "
                "they did, and they can be invited again."
            ),
            act=end_membership,
            icon="person_remove",
            danger=True,
            many=False,
        ),
    )
    form = RoleForm
    for_new = {"form": InvitationForm}
    asked = ("email", "first_name", "last_name", "role")
    fields = ("person", "email", "state_name", "role")
    list_display = ("person", "email", "shown_role", "state")
    list_filter = (("role", FieldChoiceFilter),)
    search_fields = ("staff__email", "staff__first_name", "staff__last_name")
    ordering = ("staff__first_name", "id")

    def get_queryset(self, request: Any) -> Any:
        rows = super().get_queryset(request).select_related("staff")
        return rows.filter(company_id=request.actor.company_id)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return () if obj is None else ("person", "email", "state_name")

    def save_model(self, request: Any, obj: Membership, form: Any, change: bool) -> None:
        if change:
            self.changes(obj, role=form.cleaned_data["role"], actor=request.actor)
            return
        names = ("email", "first_name", "last_name")
        obj.staff = Staff(**{name: form.cleaned_data[name] for name in names})
        obj.role = form.cleaned_data["role"]
        self.creates(obj, actor=request.actor)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> Any:
        sentence = _("Invitation sent to %(email)s.") % {"email": obj.staff.email}
        messages.success(request, sentence)
        return redirect(self.address_of(obj))

    def pressed(self, request: HttpRequest, row: Membership, result: Any) -> HttpResponse | None:
        """Redirect to the list after a removal, or to the home page if users removed themselves."""
        if not isinstance(result, Staff):
            return None
        messages.success(request, _("%(person)s no longer works here.") % {"person": result})
        left = result.pk == request.user.pk and not request.user.is_superuser
        return redirect("admin:index" if left else "admin:access_membership_changelist")

    person = column(
        gettext_lazy("name"),
        lambda row: row.staff.get_full_name() or "–",
        ordering="staff__first_name",
    )
    email = column(gettext_lazy("e-mail"), lambda row: row.staff.email, ordering="staff__email")
    shown_role = column(
        gettext_lazy("role"), lambda row: row.get_role_display(), ordering="role", label=True
    )

    @display(description=gettext_lazy("state"))
    def state_name(self, membership: Membership) -> Any:
        return self.state(membership)[1]

    @display(
        description=gettext_lazy("state"),
        label={"active": "success", "invited": "info", "closed": "danger"},
    )
    def state(self, membership: Membership) -> tuple[str, Any]:
        if not membership.staff.is_active:
            return "closed", _("May not sign in")
        if membership.staff.has_usable_password():
            return "active", _("Active")
        return "invited", _("Invited")
