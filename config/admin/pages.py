"""The base class of all model admins: it calls actions, shows refusals and deletes nothing."""

from functools import partial
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminExpandableTextareaWidget

from config.errors import Refusal
from config.tenancy.ids import read_id
from config.times import check_day

from .bulk import Bulk
from .buttons import Button
from .exporting import Exports
from .form_mixins import HoldsRows
from .forms import Answers, PageForm, Picker, add_refusal, refused
from .history import Histories
from .tables import page_name


class Pages(HoldsRows, Bulk, Exports, Histories):
    """The admin of a model: the list, the page of a row, and the form for a new row.

    `creates`, `changes`: the actions that save the form. `buttons`: other actions.
    `icon`: a Material symbol. `makes`: the label of the button that saves a new row.
    `archived_says`: the text on the page of an archived row.
    `saves_on`: whether to offer "Save and continue" and "Save and add another".
    `asked`, `shown`: the fields of a new row, and of a read-only row, if they are not `fields`.
    `for_new`: more options for the form of a new row. `leads_to`: the row whose page is shown after
    a new row is saved: "self" or a foreign key. `known_as`: maps id prefixes of the API to lookups;
    the default is the model's own prefix.
    """

    icon = "table_rows"
    archived_says = gettext_lazy("This is archived. Restore it to change it.")
    archived_word = gettext_lazy("Archived")
    makes: Any = gettext_lazy("Save")
    saves_on = True
    known_as: dict[str, str] = {}
    asked: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    for_new: ClassVar[dict[str, Any]] = {}
    leads_to = ""
    creates: Any = None
    changes: Any = None
    buttons: tuple[Button, ...] = ()

    form = PageForm
    ordering: tuple[str, ...] = ("-id",)
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    view_on_site = False
    formfield_overrides = {models.TextField: {"widget": UnfoldAdminExpandableTextareaWidget}}
    list_filter_submit = True

    def __init__(self, model: Any, admin_site: Any) -> None:
        super().__init__(model, admin_site)
        self.actions = [button.for_list() for button in self.buttons if button.many]
        if not self.known_as and (prefix := getattr(model, "id_prefix", "")):
            self.known_as = dict.fromkeys(getattr(prefix, "same", (prefix,)), "pk")

    # --- Querysets and fields -------------------------------------------------------------------

    def get_field_queryset(self, db: Any, db_field: Any, request: HttpRequest) -> Any:
        """Offer the rows of a foreign key that the admin of its model would list."""
        return self.admin_site.get_model_admin(db_field.remote_field.model).get_queryset(request)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Remove the pop-ups that edit related rows, and validate dates."""
        if db_field.name in self.autocomplete_fields:
            kwargs["widget"] = Picker(db_field, self.admin_site)
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and hasattr(field.widget, "can_add_related"):
            field.widget = field.widget.widget
        if isinstance(db_field, models.DateField) and field is not None:
            field.validators.append(check_day)
        return field

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Fill in a new form from query parameters; ignore invalid ids."""
        given = super().get_changeform_initial_data(request)
        keys = self.autocomplete_fields
        return {name: text for name, text in given.items() if name not in keys or read_id("", text)}

    def find(self, request: Any, wanted: str, most: int) -> list[Any]:
        """Return search results among these rows, in one statement (config.admin.find)."""
        return []

    def describe(self, row: Any) -> str:
        """Return the text for a row in an autocomplete; it distinguishes rows with equal names."""
        return str(row)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return `asked` for a new row and `shown` for a read-only row, if they are set."""
        if obj is None:
            return self.asked or super().get_fields(request, obj)
        if self.shown and not self.has_change_permission(request, obj):
            return self.shown
        return super().get_fields(request, obj)

    # --- Permissions ----------------------------------------------------------------------------

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Forbid hard deletes: rows are archived instead."""
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.creates is not None and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Show a frozen row without a form; a POST is allowed, since the action refuses it."""
        if self.changes is None or (request.method != "POST" and self.is_frozen(obj)):
            return False
        return super().has_change_permission(request, obj)

    def has_view_permission(self, request: Any, obj: Any = None) -> bool:
        return request.user.has_perm(self.permission("view"))

    def may_act(self, request: Any, button: Button) -> bool:
        """Return whether the user may use a button on the page of a row."""
        return request.user.has_perm(button.permission or self.permission("change"))

    def permission(self, verb: str) -> str:
        """Return the name of a permission on these rows (config.tenancy.permissions)."""
        return f"{self.opts.app_label}.{verb}_{self.opts.model_name}"

    def is_frozen(self, row: Any) -> bool:
        """Return whether a row or its customer is archived."""
        customer = getattr(row, "customer", None)
        return any(getattr(one, "is_archived", False) for one in (row, customer))

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs |= self.for_new
        form = super().get_form(request, obj, change=change, **kwargs)
        form.actor = request.actor
        refusal = getattr(request, "refusal", None)
        return refused(form, refusal) if refusal else form

    def changeform_view(
        self,
        request: Any,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show or save the form; after a refusal, show it again with the input and the error.

        The refusal is caught outside of Django's transaction, which is then already rolled back.
        """
        if request.method == "POST" and object_id and self.changes:
            self.hold(self.get_object(request, unquote(object_id)))
        show = partial(super().changeform_view, request, object_id, form_url, extra_context)
        try:
            return show()
        except Refusal as refusal:
            request.refusal = refusal
            return show()

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        """Save by calling the action."""
        if change:
            self.changes(obj, changes=form.changes(), actor=request.actor)
        else:
            self.creates(obj, actor=request.actor)

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Redirect to the page that `leads_to` names after a new row was saved."""
        if not self.leads_to:
            return super().response_post_save_add(request, obj)
        row = obj if self.leads_to == "self" else getattr(obj, self.leads_to)
        return redirect(page_name(row, "change"), row.pk)

    # --- Buttons --------------------------------------------------------------------------------

    def get_urls(self) -> list[Any]:
        pressed = [
            self.page_at(
                f"<str:object_id>/{one.name}/", partial(self.press_view, button=one), one.name
            )
            for one in self.buttons
            if one.one
        ]
        return [*self.many_urls(), *pressed, *super().get_urls()]

    def press_view(self, request: Any, object_id: str, button: Button) -> HttpResponse:
        """Show the confirmation page of a button, or run its action."""
        if not self.may_act(request, button):
            raise PermissionDenied
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        if request.method == "POST" and (button.compares or hasattr(row, "customer_id")):
            self.hold(row)
            row = self.get_object(request, unquote(object_id))
        form = button.form(row, request) if button.form else None
        if request.method != "POST" or (form and not form.is_valid()):
            return self._ask(request, row, button, form)
        try:
            answers, why = (form.answers(), form.why()) if form else ({}, "")
            result = button.press(request, row, answers, why)
        except Refusal as refusal:
            if form and form.fields:
                add_refusal(form, refusal)
                return self._ask(request, row, button, form)
            messages.error(request, str(refusal))
        else:
            if answer := self.pressed(request, row, result):
                return answer
            messages.success(request, button.said_of(row))
        return HttpResponseRedirect(self.with_filters(request, self.address_of(row)))

    def _ask(
        self, request: HttpRequest, row: Any, button: Button, form: Answers | None
    ) -> HttpResponse:
        context = {
            "title": button.question_of(row),
            "original": row,
            "button": button,
            "form": form,
            "refused": None if form else button.rehearse(request, row),
            "media": self.media + form.media if form else "",
            "back": self.with_filters(request, self.address_of(row)),
        }
        return self.render_page(request, "admin/confirm.html", context)

    def pressed(self, request: HttpRequest, row: Any, result: Any) -> HttpResponse | None:
        """Return a page that shows the result of a button, None for a redirect to the row."""
        return None

    def render_change_form(self, request: HttpRequest, context: Any, **kwargs: Any) -> Any:
        """Add the buttons and the related rows to the page."""
        row = kwargs.get("obj")
        context["makes"] = self.makes if row is None else ""
        context |= {
            "title": self.new_title if row is None else self.title_of(row),
            "subtitle": None,
        }
        context["show_history"] = self.has_history
        if set(context["adminform"].form.errors) == {NON_FIELD_ERRORS}:
            # The error is shown above the form, so leave out Django's "Please correct the error".
            context["errors"] = None
        context["show_save_and_continue"] = context["show_save_and_add_another"] = self.saves_on
        if row is not None:
            context["actions_detail"] = self.links(request, row)
            context["related"] = self.related(request, row)
        return super().render_change_form(request, context, **kwargs)

    def links(self, request: HttpRequest, row: Any) -> list[dict[str, Any]]:
        """Return the buttons above the page of a row as Unfold's action links."""
        return [
            {
                "title": button.label,
                "icon": button.icon,
                "variant": ActionVariant.DANGER if button.danger else ActionVariant.DEFAULT,
                "path": self.with_filters(request, self.address_of(row, button.name)),
            }
            for button in self.offered_buttons(request, row)
        ]

    def offered_buttons(self, request: HttpRequest, row: Any) -> list[Button]:
        """Return the buttons of a row's page that the user may use now."""
        return [
            button
            for button in self.buttons
            if button.one and button.is_offered(row) and self.may_act(request, button)
        ]

    def related(self, request: HttpRequest, row: Any) -> list[dict[str, Any]]:
        """Return tables of related rows for the page of a row."""
        return []

    def address_of(self, row: Any, page: str = "change") -> str:
        """Return the address of a row's page, or of one of its buttons."""
        return reverse(page_name(self.model, page), args=[row.pk])


class CompanyAdmin(Pages):
    """The admin of a model with rows of companies: it shows only those of the session's company.

    `joined` names the foreign keys for `select_related`.
    """

    joined: tuple[str, ...] = ()

    def get_queryset(self, request: Any) -> Any:
        rows = self.model.objects.visible_to(request.actor).order_by(*self.get_ordering(request))
        return rows.select_related(*self.joined) if self.joined else rows
