"""The one company that a staff session works for."""

from typing import cast

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import Resolver404, resolve, reverse

from config.access.ids import read_id
from config.access.models import Company, Staff

from .tables import page_name

SESSION_KEY = "company"

# Where a page's form says which company it was made for.
FORM_FIELD = "_company"


def company_of(request: HttpRequest) -> Company | None:
    """Return the company of a staff session, None for staff who may work in none.

    It is written into the session at once, so that a company that somebody gains later does not
    become theirs in the middle of a form.
    """
    kept = request.session.get(SESSION_KEY, "")
    company = find(request, kept) or workplaces(request).first()
    if company is not None and kept != str(company.id):
        enter(request, company)
    return company


def enter(request: HttpRequest, company: Company) -> None:
    """Make a company the session's."""
    request.session[SESSION_KEY] = str(company.id)


def same_place(request: HttpRequest, company: Company) -> str:
    """Return the list that somebody looked at, or a row of, where they may see it there too.

    The row itself belongs to the company that they leave; of any other page, their home page.
    """
    home = reverse("admin:index")
    try:
        view = resolve(request.POST.get("from", home)).func
    except Resolver404:
        return home
    pages = getattr(view, "model_admin", None)
    cast(Staff, request.user).role = company.role
    if pages is None or not pages.has_view_permission(request):
        return home
    return reverse(page_name(pages.model, "changelist"))


def find(request: HttpRequest, wanted: str) -> Company | None:
    """Return a company that the staff member may work in, by its id; None for anything else."""
    key = read_id("", wanted)
    return workplaces(request).filter(pk=key).first() if key else None


def workplaces(request: HttpRequest) -> QuerySet[Company]:
    return cast(Staff, request.user).workplaces()
