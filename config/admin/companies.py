"""The company that a staff session works for."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.http import HttpRequest
from django.urls import Resolver404, resolve, reverse

from config.tenancy.companies import Company
from config.tenancy.ids import read_id
from config.tenancy.scoping import active_company

from .tables import page_name

SESSION_KEY = "company"

# The hidden form field with the id of the company for which the form was opened.
FORM_FIELD = "_company"

# The number of companies in the menu that switches companies; a superuser may have more.
MOST_COMPANIES = 30

_at_work: ContextVar[Company | None] = ContextVar("regulars_at_work", default=None)


@contextmanager
def working_in(company: Company) -> Iterator[None]:
    """Cache the company for the duration of a page, so that it is read once."""
    token = _at_work.set(company)
    try:
        yield
    finally:
        _at_work.reset(token)


def at_work() -> Company:
    """Return the active company, from the cache of the page or else from the database."""
    return _at_work.get() or Company.objects.get(pk=active_company())


def company_of(request: Any) -> Company | None:
    """Return the company of a staff session, None if the user may work in no company.

    The company is saved in the session at once: if the user joins another company later, that one
    must not replace it while a form is open.
    """
    kept = request.session.get(SESSION_KEY, "")
    nearest = list(request.user.workplaces()[: MOST_COMPANIES + 2])
    request.workplaces = nearest
    company = next((one for one in nearest if str(one.id) == kept), None)
    if company is None and len(nearest) > MOST_COMPANIES:
        company = find(request, kept)
    company = company or next(iter(nearest), None)
    if company is not None and kept != str(company.id):
        enter(request, company)
    return company


def enter(request: HttpRequest, company: Company) -> None:
    """Save a company as that of the session."""
    request.session[SESSION_KEY] = str(company.id)


def same_place(request: Any, company: Company) -> str:
    """Return the address of the user's current list in another company, if they may see it there.

    The page of a row leads to its list, since the row belongs to the company that they leave. All
    other pages lead to the home page.
    """
    home = reverse("admin:index")
    try:
        view = resolve(request.POST.get("from", home)).func
    except Resolver404:
        return home
    pages = getattr(view, "model_admin", None)
    request.user.role = company.role
    if pages is None or not pages.has_view_permission(request):
        return home
    return reverse(page_name(pages.model, "changelist"))


def others(request: HttpRequest, company: Company) -> list[Company]:
    """Return the companies to switch to; one more than MOST_COMPANIES shows that there are more."""
    nearest: list[Company] = request.workplaces  # type: ignore[attr-defined]
    return [one for one in nearest if one != company][: MOST_COMPANIES + 1]


def find(request: Any, wanted: str) -> Company | None:
    """Return a company that the staff member may work in, by its id; None for anything else."""
    key = read_id("", wanted)
    return request.user.workplaces().filter(pk=key).first() if key else None
