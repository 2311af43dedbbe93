"""The admin site: Unfold's site, where each page works for one company."""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any, cast

from allauth.account.decorators import secure_admin_login
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.core.paginator import Paginator
from django.db import InternalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from psycopg.errors import ReadOnlySqlTransaction

from config.tenancy.authors import Author
from config.tenancy.ids import new_id
from config.tenancy.permissions import may_change
from config.tenancy.scoping import acting_for

from . import companies, sent_forms
from .filters import searchable
from .find import MOST_IN_BOX, MOST_ON_PAGE, find
from .menu import menu
from .pages import Pages
from .paging import Ahead
from .sent_forms import StillBeingSent, take_effect_once
from .turning_away import TurnsAway

View = Callable[..., HttpResponse]

# The order of the app list; the menu has its own order.
APPS = ("customers", "bookings", "billing", "credits", "jobs", "changes", "requests", "access")


class CompanySite(TurnsAway):
    """Run and render each page inside a transaction of its company.

    Django would render a TemplateResponse after the view has returned, when no company is active.
    """

    index_title = gettext_lazy("Today")
    logout_template = "admin/signed_out.html"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # allauth's login view is at this address; also protect the admin's own login view, so that
        # it cannot be used to skip the second factor.
        self.login: View = secure_admin_login(super().login)

    def register(
        self, model_or_iterable: Any, admin_class: type[ModelAdmin] | None = None, **options: Any
    ) -> None:
        """Register only our own pages, not the ModelAdmins of packages, such as those of tokens."""
        if admin_class is not None and issubclass(admin_class, Pages):
            super().register(model_or_iterable, admin_class, **options)

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        return super().admin_view(self._for_company(view), cacheable)

    def _for_company(self, view: View) -> View:
        @wraps(view)
        def in_company(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            if view != self.logout and (way := self.way_in(request)):
                return way
            company = request.company = companies.company_of(request)
            if company is None:
                return self._without_company(request, view, *args, **kwargs)
            if request.POST.get(companies.FORM_FIELD, str(company.id)) != str(company.id):
                return self._made_elsewhere(request)
            role = request.user.role = company.role
            request.actor = request.user.actor_in(company, role)
            look_only = not may_change(role) and view not in self._own_account()
            try:
                author = Author.of(request.actor, request.id)
                with (
                    acting_for(company.id, author=author, look_only=look_only),
                    timezone.override(company.timezone),
                    companies.working_in(company),
                ):
                    answer = partial(view, request, *args, **kwargs)
                    return take_effect_once(request, lambda: _rendered(answer()))
            except StillBeingSent:
                return self._still_being_sent(request)
            except InternalError as error:
                if not (look_only and isinstance(error.__cause__, ReadOnlySqlTransaction)):
                    raise
                return self._turned_away(request, PermissionDenied())
            except (Http404, PermissionDenied, BadRequest, SuspiciousOperation) as error:
                return self._turned_away(request, error)

        return in_company

    def way_in(self, request: HttpRequest) -> HttpResponse | None:
        """Return a redirect to a page that the user must complete first, None if there is none."""
        return None

    def _without_company(
        self, request: HttpRequest, view: View, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Respond to users without a company: they may only sign out and change their password."""
        if view in self._own_account():
            return _rendered(view(request, *args, **kwargs))
        context = {**self.each_context(request), "title": _("No company")}
        return TemplateResponse(request, "admin/no_company.html", context, status=403).render()

    def _own_account(self) -> tuple[View, ...]:
        """Return the views for the user's own account, which need no role."""
        return (self.logout, self.password_change, self.password_change_done)

    def get_urls(self) -> list[Any]:
        """Return the URLs, with our own search instead of those of Unfold and Django."""
        left_out = ("view_on_site", "search")
        urls = [url for url in super().get_urls() if getattr(url, "name", "") not in left_out]
        return [
            path("company/", self.admin_view(self.switch_company), name="company"),
            path("find/", self.admin_view(self.find), name="find"),
            path("find/options/", self.admin_view(self.find_options), name="find_options"),
            *urls,
        ]

    def switch_company(self, request: HttpRequest) -> HttpResponse:
        """Switch the session to another company, if the user works there."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        company = companies.find(request, request.POST.get("company", ""))
        if company is None:
            raise Http404
        companies.enter(request, company)
        messages.success(request, _("You now work in %(company)s.") % {"company": company})
        return redirect(companies.same_place(request, company))

    def each_context(self, request: Any) -> dict[str, Any]:
        context = super().each_context(request)
        company = getattr(request, "company", None)
        context |= {
            "company": company,
            "company_field": companies.FORM_FIELD,
            "form_field": sent_forms.FIELD,
            "form_token": new_id,
        }
        # The colours are in colors.css: Unfold's <style> element has no CSP nonce.
        context["colors"] = None
        if company is not None:
            context["other_companies"] = companies.others(request, company)
        return context

    def get_app_list(self, request: Any, app_label: str | None = None) -> list[Any]:
        """Return the apps in the order of APPS, with their models in the order of registration."""
        company = getattr(request, "company", None)
        if company is None:
            return []
        # Cached per request: a page needs the list twice, and it has about a hundred addresses.
        kept = request.__dict__.setdefault("apps_by_label", {})
        if (company.pk, app_label) not in kept:
            apps = self._build_app_dict(request, app_label).values()
            kept[company.pk, app_label] = sorted(apps, key=lambda app: APPS.index(app["app_label"]))
        return kept[company.pk, app_label]

    def get_sidebar_list(self, request: HttpRequest) -> list[dict[str, Any]]:
        models = [model for app in self.get_app_list(request) for model in app["models"]]
        opened = {model["model"]._meta.label_lower: model["admin_url"] for model in models}
        return menu(self._registry, opened, request.path)

    def find(self, request: HttpRequest) -> HttpResponse:
        """Show the search results; redirect to the page of a single result that is no guess."""
        wanted = searchable(request.GET.get("q", ""))
        found = find(self, request, wanted, MOST_ON_PAGE)
        if len(found) == 1 and not found[0].is_similar:
            return redirect(found[0].address)
        context = {
            **self.each_context(request),
            "title": _("Found") if found else _("Find"),
            "find_query": wanted,
            "wanted": wanted,
            "found": found,
            "may_list": request.user.has_perm("customers.view_customer")
            and not any(one.is_similar for one in found),
        }
        return TemplateResponse(request, "admin/find/page.html", context)

    def find_options(self, request: HttpRequest) -> HttpResponse:
        """Show search results below the search box while the user types."""
        wanted = searchable(request.GET.get("q", ""))
        context = {"found": find(self, request, wanted, MOST_IN_BOX), "in_box": True}
        return TemplateResponse(
            request, "admin/find/options.html", context, headers={"Cache-Control": "no-store"}
        )

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        return cast(HttpResponse, Choices.as_view(admin_site=self)(request))


class Choices(AutocompleteJsonView):
    """The autocomplete choices of a foreign key: rows that are not archived."""

    def get_paginator(self, *args: Any, **kwargs: Any) -> Paginator:
        return Ahead(*args, **kwargs)

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        return rows.live() if hasattr(rows, "live") else rows

    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        found = super().serialize_result(obj, to_field_name)
        pages = cast(Pages, self.model_admin)
        return found | {"text": pages.describe(obj)}


def _rendered(response: HttpResponse) -> HttpResponse:
    return response.render() if isinstance(response, TemplateResponse) else response
