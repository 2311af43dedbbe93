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

# Where a page's form says which company it was made for.
FORM_FIELD = "_company"

# As many are named where one switches; a superuser may work in more.
MOST_COMPANIES = 30

_at_work: ContextVar[Company | None] = ContextVar("regulars_at_work", default=None)


@contextmanager
def working_in(company: Company) -> Iterator[None]:
    """Cache the company of a page, so that its parts need not read it again."""
    token = _at_work.set(company)
    try:
        yield
    finally:
        _at_work.reset(token)


def at_work() -> Company:
    """Return the active company; read it from the database outside of a page."""
    return _at_work.get() or Company.objects.get(pk=active_company())


def company_of(request: Any) -> Company | None:
    """Return the company of a staff session, None for staff who may work in none.

    The company is saved in the session at once, so that a company that the staff member joins later
    does not replace it in the middle of a form.
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
    """Make a company the session's."""
    request.session[SESSION_KEY] = str(company.id)


def same_place(request: Any, company: Company) -> str:
    """Return the list that somebody looked at, or a row of, where they may see it there too.

    The row itself belongs to the company that they leave; of any other page, their home page.
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
    """Return the companies that one may switch to, one more than are named if there are more."""
    nearest: list[Company] = request.workplaces  # type: ignore[attr-defined]
    return [one for one in nearest if one != company][: MOST_COMPANIES + 1]


def find(request: Any, wanted: str) -> Company | None:
    """Return a company that the staff member may work in, by its id; None for anything else."""
    key = read_id("", wanted)
    return request.user.workplaces().filter(pk=key).first() if key else None
