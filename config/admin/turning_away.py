"""The error pages of the back-office."""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from unfold.sites import UnfoldAdminSite

from config.tenancy.permissions import Role, holders


class TurnsAway(UnfoldAdminSite):
    """The part of the admin site that shows error pages."""

    def _made_elsewhere(self, request: HttpRequest) -> HttpResponse:
        """Refuse a form that was opened before the session switched to another company."""
        return self.say(
            request,
            _("Nothing was saved"),
            _(
                "This form was opened in another company. Switch back to that company "
                "to save it, or open the form again."
            ),
            status=409,
        )

    def _still_being_sent(self, request: HttpRequest) -> HttpResponse:
        """Respond to a form that was sent again while the first request is still in progress."""
        return self.say(
            request,
            _("This form is being saved"),
            _("You sent it a moment ago. Open the page again to see what it did."),
            status=409,
        )

    def _turned_away(self, request: HttpRequest, error: Exception) -> HttpResponse:
        match error:
            case Http404():
                title, status = _("Page not found"), 404
                text = _("There is no page at this address. Check it, or go to the home page.")
            case PermissionDenied():
                title, status = _("You are not allowed to do this"), 403
                text = _("You may not open this page or use it.") + f" {who_may(request)}"
            case _other:
                title, status = _("This request is not valid"), 400
                text = _("The address or the form contains something that is not valid here.")
        return self.say(request, title, text, status=status)

    def say(self, request: HttpRequest, title: str, text: str, *, status: int) -> HttpResponse:
        """Return an error page with a title and a text."""
        context = {**self.each_context(request), "title": title, "text": text}
        code = HTTPStatus(status)
        return TemplateResponse(request, "admin/sentence.html", context, status=code).render()


def who_may(request: Any) -> str:
    """Return a sentence on which roles have the permission that the user was refused last."""
    company, refused = getattr(request, "company", None), request.user.refused
    if company is None or not refused:
        return ""
    able = [role for role in Role if role in holders(refused)]
    facts = {"company": company, "yours": Role(company.role).label}
    if not able:
        return _("Your role in %(company)s is “%(yours)s”; only a superuser may do it.") % facts
    facts["able"] = _(" or ").join(f"“{role.label}”" for role in able)
    return (
        _("Your role in %(company)s is “%(yours)s”. Ask somebody with the role %(able)s.") % facts
    )
