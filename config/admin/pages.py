"""What every page of the back-office has: one company, no hard delete, actions, refusals told."""

from functools import partial
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.options import ActionLocation
from django.contrib.admin.utils import unquote
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminExpandableTextareaWidget

from config.access.ids import read_id
from config.errors import Refusal

from .bulk import Bulk
from .buttons import Button
from .exporting import Exports
from .forms import Answers, PageForm, Picker, refused, tell
from .history import Histories
from .lists import Lists
from .tables import open_links, open_tables


class Pages(Bulk, Exports, Histories, Lists):
    """The list of a model, the page of a row, and the form for a new one.

    A subclass names the actions that its form stands on (`creates`, `changes`) and its `buttons`.
    `icon` is a Material symbol; `makes` what the button of the form for a new row says; `saves_on`
    whether one may save and stay, or begin another; `archived_says` what the page of an archived
    row tells. `known_as` has the prefixes of ids that
    the API shows, each with the lookup that such an id is for.
    """

    icon = "table_rows"
    archived_says = gettext_lazy(
        "This is archived. It can be read, and changed once it is restored."
    )
    archived_word = gettext_lazy("Archived")
    makes: Any = gettext_lazy("Save")
    saves_on = True
    known_as: ClassVar[dict[str, str]] = {}
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

    # --- Which rows, for whom -------------------------------------------------------------------

    def get_field_queryset(self, db: Any, db_field: Any, request: HttpRequest) -> Any:
        """Offer as the other end of a key what its own pages would show."""
        return self.admin_site.get_model_admin(db_field.remote_field.model).get_queryset(request)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Leave out the windows that would add or change the other end of a key."""
        if db_field.name in self.autocomplete_fields:
            kwargs["widget"] = Picker(db_field, self.admin_site)
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and hasattr(field.widget, "can_add_related"):
            field.widget = field.widget.widget
        return field

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin a new row with what the address says, its ids if they are ids."""
        given = super().get_changeform_initial_data(request)
        keys = self.autocomplete_fields
        return {name: text for name, text in given.items() if name not in keys or read_id("", text)}

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Narrow lists by their filters and by what rows hang on, never by any column there is."""
        name = lookup.partition("__")[0]
        paths = (one[0] if isinstance(one, tuple) else str(one) for one in self.list_filter)
        filters = {path.partition("__")[0] for path in paths}
        open_to_all = name in filters or name in self.autocomplete_fields
        is_column = name in {field.name for field in self.opts.get_fields()}
        return (open_to_all or not is_column) and super().lookup_allowed(lookup, value, request)

    def find(self, request: Any, wanted: str, most: int) -> list[Any]:
        """Return what the find box shows of these rows, by a single statement."""
        return []

    def describe(self, row: Any) -> str:
        """Return how a row is told from others of its name, where one is picked."""
        return str(row)

    # --- Who may do what ------------------------------------------------------------------------

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is deleted."""
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.creates is not None and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Show what is frozen without a form; the action itself answers a change that is sent."""
        if self.changes is None or (request.method != "POST" and self.is_frozen(obj)):
            return False
        return super().has_change_permission(request, obj)

    def has_view_permission(self, request: Any, obj: Any = None) -> bool:
        return request.user.has_perm(self.permission("view"))

    def may_act(self, request: Any, button: Button) -> bool:
        """Whether somebody may press a button on a row's page."""
        return request.user.has_perm(button.permission or self.permission("change"))

    def permission(self, verb: str) -> str:
        """Return the name of a permission on these rows (config.access.permissions)."""
        return f"{self.opts.app_label}.{verb}_{self.opts.model_name}"

    def is_frozen(self, row: Any) -> bool:
        """Whether a row, or what it hangs on, is archived."""
        customer = getattr(row, "customer", None)
        return any(getattr(one, "is_archived", False) for one in (row, customer))

    # --- A change -------------------------------------------------------------------------------

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        refusal = getattr(request, "refusal", None)
        return refused(form, refusal) if refusal else form

    def changeform_view(
        self,
        request: Any,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the form, or save it; a refusal shows it again with the reason and what was typed.

        The refusal is caught outside of Django's transaction, which has undone everything.
        """
        show = partial(super().changeform_view, request, object_id, form_url, extra_context)
        try:
            return show()
        except Refusal as refusal:
            request.refusal = refusal
            return show()

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        """Call the action."""
        if change:
            self.changes(obj, changes=form.changes(), actor=request.actor)
        else:
            self.creates(obj, actor=request.actor)

    # --- Buttons --------------------------------------------------------------------------------

    def get_urls(self) -> list[Any]:
        pressed = [self._url_of(button) for button in self.buttons if button.one]
        return [*self.many_urls(), *pressed, *super().get_urls()]

    def _url_of(self, button: Button) -> Any:
        view = partial(self.press_view, button=button)
        return path(
            f"<str:object_id>/{button.name}/",
            self.admin_site.admin_view(view),
            name=self._name_of(button),
        )

    def _name_of(self, button: Button) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{button.name}"

    def press_view(self, request: Any, object_id: str, button: Button) -> HttpResponse:
        """Ask whether a button is meant, and press it once the answer is yes."""
        if not self.may_act(request, button):
            raise PermissionDenied
        row = self.get_object(request, unquote(object_id))
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        form = button.form(row, request) if button.form else None
        if request.method != "POST" or (form and not form.is_valid()):
            return self._ask(request, row, button, form)
        try:
            answers, why = (form.answers(), form.why()) if form else ({}, "")
            result = button.press(request, row, answers, why)
        except Refusal as refusal:
            if form and form.fields:
                tell(form, refusal)
                return self._ask(request, row, button, form)
            messages.error(request, str(refusal))
        else:
            if answer := self.pressed(request, row, result):
                return answer
            messages.success(request, f"{row}: {button.done}.")
        return HttpResponseRedirect(self.with_filters(request, self.address_of(row)))

    def _ask(
        self, request: HttpRequest, row: Any, button: Button, form: Answers | None
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": button.label,
            "opts": self.opts,
            "original": row,
            "button": button,
            "form": form,
            "media": self.media + form.media if form else "",
            "back": self.with_filters(request, self.address_of(row)),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/confirm.html", context)

    def pressed(self, request: HttpRequest, row: Any, result: Any) -> HttpResponse | None:
        """Return the page that shows what a button gave, None where it gave nothing to show."""
        return None

    def render_change_form(self, request: HttpRequest, context: Any, **kwargs: Any) -> Any:
        """Show the row's buttons that fit it, and what hangs on it."""
        row = kwargs.get("obj")
        context["makes"] = self.makes if row is None else ""
        context["show_history"] = self.has_history
        if set(context["adminform"].form.errors) == {NON_FIELD_ERRORS}:
            # The sentence stands above the form; that something is wrong need not be said twice.
            context["errors"] = None
        context["show_save_and_continue"] = context["show_save_and_add_another"] = self.saves_on
        if row is not None:
            context["actions_detail"] = open_links(request, self.links(request, row))
            context["related"] = open_tables(request, self.related(request, row))
        return super().render_change_form(request, context, **kwargs)

    def links(self, request: HttpRequest, row: Any) -> list[dict[str, Any]]:
        """Return what stands above a row's page, as Unfold draws it."""
        return [
            {
                "title": button.label,
                "icon": button.icon,
                "variant": ActionVariant.DANGER if button.danger else ActionVariant.DEFAULT,
                "path": self.with_filters(request, self._address_of(button, row)),
            }
            for button in self.buttons
            if button.one and button.fits(row) and self.may_act(request, button)
        ]

    def related(self, request: HttpRequest, row: Any) -> list[dict[str, Any]]:
        """Return tables of what hangs on a row."""
        return []

    # --- Small things ---------------------------------------------------------------------------

    def _address_of(self, button: Button, row: Any) -> str:
        return reverse(f"{self.admin_site.name}:{self._name_of(button)}", args=[row.pk])

    def address_of(self, row: Any) -> str:
        name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_change"
        return reverse(name, args=[row.pk])

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponse:
        """Send to the list, in the same words for what is not and for what is another company's."""
        messages.warning(request, _("There is no %(name)s here.") % {"name": opts.verbose_name})
        name = f"{self.admin_site.name}:{opts.app_label}_{opts.model_name}_changelist"
        return HttpResponseRedirect(reverse(name))

    def get_action_choices(
        self,
        request: HttpRequest,
        default_choices: Any = None,
        action_location: ActionLocation = ActionLocation.CHANGE_LIST,
    ) -> list[Any]:
        """Name the choices as Unfold does, under the signature that Django has now."""
        return admin.ModelAdmin.get_action_choices(
            self, request, default_choices or [("", _("Choose what to do"))], action_location
        )


class CompanyPages(Pages):
    """Pages of rows that belong to a company: those of the session's company."""

    def get_queryset(self, request: Any) -> Any:
        return self.model.objects.visible_to(request.actor).order_by(*self.get_ordering(request))
