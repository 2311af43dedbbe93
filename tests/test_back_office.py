"""The back-office never shows or changes a row of another company (threat 2).

The cases come from the URL table, the forms as pages show them, and the filters of lists: a new URL
or field is tested here, or fails because no row exists for it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest
from django import forms
from django.urls import reverse

from config.access.models import Staff
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from tests.admin_routes import (
    ABOVE,
    PAGES,
    ROUTES,
    WITH_ROWS,
    WITHOUT_ROWS,
    Route,
    answer_of,
    ids_of,
    make_rows,
    sent_for,
    text_of,
    told,
)
from tests.backoffice import Browser, unrendered
from tests.factories import make_staff
from tests.jobs import finish_all
from tests.shares import undone
from tests.test_two_companies import UNKNOWN, everything

MARK = "Rivalmark"
# A search for this text finds every marked row, but the text does not contain the mark.
SOUGHT = MARK.lower()[:-1]


class Office(NamedTuple):
    """Two companies with rows of every kind, and two browsers of staff in the first company."""

    studio: Company
    rival: Company
    own: dict[str, str]
    foreign: dict[str, str]
    browsers: dict[str, Browser]
    subtests: pytest.Subtests
    before: list[str]

    @contextmanager
    def trying(self, name: str, *, reads: bool = False) -> Iterator[None]:
        """Run one case, check that the rival's rows are unchanged, and roll back."""
        with self.subtests.test(name), undone():
            yield
            assert reads or everything(self.rival) == self.before, "nothing was written"

    def leaks(self, text: str, *asked: str) -> list[str]:
        """Return the rival's ids and marks that a text contains, without the requested ids."""
        ids = {id for kind, id in self.foreign.items() if kind not in ABOVE}
        return [one for one in [MARK, *(ids - {*asked, str(self.rival.pk)})] if one in text]


@pytest.fixture
def office(studio: Company, rival: Company, owner: Staff, subtests: pytest.Subtests) -> Office:
    root = make_staff(studio, email="root@studio.example", superuser=True)
    own = ids_of(studio, make_rows(studio), "Own")
    foreign = ids_of(rival, make_rows(rival, MARK), MARK)
    browsers = {"owner": Browser(owner, studio), "superuser": Browser(root, studio)}
    return Office(studio, rival, own, foreign, browsers, subtests, everything(rival))


def test_every_parameter_of_every_address_names_a_kind_of_row(office: Office) -> None:
    kinds = {kind for route in ROUTES for kind in route.parameters.values()}
    assert kinds == office.own.keys() == office.foreign.keys()
    assert {*PAGES} == {kind for kind in kinds if "." in kind}


def test_what_is_looked_for_is_there_for_its_own_company(office: Office) -> None:
    """The rival sees its mark in its own lists; otherwise the other tests could not find a leak."""
    browser = Browser(make_staff(office.rival, email="rita@rival.example"), office.rival)
    for route in WITHOUT_ROWS:
        if route.name.endswith("_changelist") and route.model not in (*ABOVE, "access.workplace"):
            assert MARK in text_of(browser.get(route.fill({}))), route


# The suite sends these requests as a superuser, who has the most rights. A superuser may see all
# rows of the models in ABOVE, so an owner requests those; the long tests request the rest as owner.
@pytest.mark.parametrize("turn", ["widest", pytest.param("owner", marks=pytest.mark.long)])
def test_a_row_of_another_company_is_as_one_that_is_not_there(office: Office, turn: str) -> None:
    for route, browser in tried_by(office, WITH_ROWS, turn):
        with office.trying(route.path):
            for parameter in route.parameters.values():
                foreign = ask(office, browser, "POST", route, parameter, office.foreign[parameter])
                assert foreign == ask(office, browser, "POST", route, parameter, UNKNOWN)
                shown = ask(office, browser, "GET", route, parameter, office.foreign[parameter])
                # Most views answer GET and POST alike; request the unknown id only if they differ.
                if shown != foreign:
                    assert shown == ask(office, browser, "GET", route, parameter, UNKNOWN)


def tried_by(office: Office, routes: list[Route], turn: str) -> Iterator[tuple[Route, Browser]]:
    """Yield the routes, each with the browser that requests it in this turn."""
    for route in routes:
        is_above = route.model_or_none in ABOVE
        if turn == "widest":
            yield route, office.browsers["owner" if is_above else "superuser"]
        elif not is_above:
            yield route, office.browsers["owner"]


def ask(
    office: Office, browser: Browser, method: str, route: Route, parameter: str, key: str
) -> set[str]:
    """Request a URL with one foreign id, which must fail without a leak; return its lines."""
    sent = sent_for(office.studio) if method == "POST" else {}
    answer = answer_of(browser, method, route.fill(office.own | {parameter: key}), **sent)
    # Superusers may switch to the rival, so their menu names it.
    lines = told(answer, key, str(office.rival.pk))
    assert not office.leaks("\n".join(lines))
    assert answer.status_code != 200
    return set(lines)


@pytest.mark.parametrize("turn", ["widest", pytest.param("owner", marks=pytest.mark.long)])
def test_no_page_shows_a_row_of_another_company(office: Office, turn: str) -> None:
    for route, browser in tried_by(office, WITHOUT_ROWS, turn):
        with office.trying(route.path):
            address, is_list = route.fill({}), route.name.endswith("_changelist")
            # A search hides rows, so request a list without a search too.
            queries: list[dict[str, str]] = [{"q": SOUGHT}, {}] if is_list else [{"q": SOUGHT}]
            if route.model_or_none is None:
                queries = [{"q": SOUGHT, "s": SOUGHT, "term": SOUGHT}]
            for query in queries:
                assert not office.leaks(text_of(answer_of(browser, "GET", address, **query)))
            # A POST to a list runs an action on many rows, which another test covers.
            if not (route.signs_out or is_list):
                said = answer_of(browser, "POST", address, **sent_for(office.studio))
                assert not office.leaks(text_of(said))


def related(model: Any) -> dict[str, str]:
    """Return the models that the foreign keys of a model refer to, by the names of the keys."""
    keys = [one for one in model._meta.get_fields() if one.many_to_one and one.concrete]
    return {one.name: one.related_model._meta.label_lower for one in keys}


def test_no_list_or_form_takes_a_row_of_another_company_from_its_address(office: Office) -> None:
    browser = office.browsers["superuser"]
    by_name = {kind.rpartition(".")[2]: key for kind, key in office.foreign.items()}
    for kind in sorted(PAGES):
        if kind in ABOVE:
            continue
        pages, name = PAGES[kind], kind.replace(".", "_")
        listed, adding = (reverse(f"admin:{name}_{page}") for page in ("changelist", "add"))
        keys = {name: kind for name, kind in related(pages.model).items() if kind in office.foreign}
        asked = [{one: office.foreign[kind]} for one, kind in keys.items()]
        asked += [{f"{one}__id__exact": office.foreign[kind]} for one, kind in keys.items()]
        with unrendered():
            shown = list_in(browser.get(listed))
        for spec in shown.filter_specs if shown else ():
            for one in spec.expected_parameters():
                if (wanted := one.partition("__")[0]) in by_name:
                    asked.append({one: by_name[wanted]})
        # Most filters use the same parameters as a foreign key; try each query once.
        for query in [query for at, query in enumerate(asked) if query not in asked[:at]]:
            with office.trying(f"{listed} {query}", reads=True):
                foreign = answer_of(browser, "GET", listed, **query)
                assert not office.leaks(text_of(foreign), *query.values())
                with unrendered():
                    unknown = answer_of(browser, "GET", listed, **dict.fromkeys(query, UNKNOWN))
                seen = [
                    (one.status_code, list_in(one) and len(list_in(one).result_list))
                    for one in (foreign, unknown)
                ]
                assert seen[0] == seen[1]
        with office.trying(adding, reads=True):
            answer = answer_of(browser, "GET", adding, **by_name)
            assert not office.leaks(text_of(answer), *by_name.values())
        for field in pages.autocomplete_fields:
            with office.trying(f"{kind} {field} as one types", reads=True):
                where = {"app_label": kind.split(".")[0], "model_name": kind.split(".")[1]}
                for term in ("", SOUGHT):
                    answer = answer_of(
                        browser, "GET", "/admin/autocomplete/", **where, field_name=field, term=term
                    )
                    assert answer.status_code == 200
                    assert not office.leaks(text_of(answer))


def list_in(answer: Any) -> Any:
    """Return the list that a page shows, or None."""
    return (getattr(answer, "context_data", None) or {}).get("cl")


def form_in(answer: Any) -> Any:
    """Return the form that a page shows, or None."""
    context = answer.context or {}
    if context.get("adminform"):
        return context["adminform"].form
    found = context.get("form") if "form" in context else None
    return found if isinstance(found, forms.BaseForm) else None


def pointing(form: Any) -> dict[str, str]:
    """Return the models whose rows the fields of a form refer to, by field name."""
    if form is None:
        return {}
    fields = {
        name: field
        for name, field in form.fields.items()
        if isinstance(field, forms.ModelChoiceField) and not field.disabled
    }
    return {form.add_prefix(n): f.queryset.model._meta.label_lower for n, f in fields.items()}


def test_no_form_takes_a_row_of_another_company(office: Office) -> None:
    browser = office.browsers["superuser"]
    for route in ROUTES:
        if not route.has_form or route.model_or_none in ABOVE:
            continue
        address, sent = route.fill(office.own), sent_for(office.studio)
        if "/many/" in address:
            sent |= {"ids": office.own[route.model], "once": UNKNOWN}
            form = form_in(browser.post(address, **sent | {"sure": ""}))
        else:
            form = form_in(browser.get(address))
        fields = pointing(form)
        if not fields:
            continue
        with office.trying(route.path):
            unknown = refused(office, browser, address, sent | dict.fromkeys(fields, UNKNOWN))
            for field, kind in fields.items():
                key = office.foreign[kind]
                foreign = refused(office, browser, address, sent | {field: key}, key)
                assert foreign[field], field
                assert foreign[field] == unknown[field], field


def refused(
    office: Office, browser: Browser, address: str, sent: dict[str, str], *keys: str
) -> dict[str, list[str]]:
    """Send a form that the server must refuse without a leak; return the errors of its fields."""
    answer = answer_of(browser, "POST", address, **sent)
    assert not office.leaks(text_of(answer), *keys)
    assert answer.status_code == 200
    return dict(form_in(answer).errors)


def test_nothing_is_done_to_many_rows_of_another_company(office: Office) -> None:
    browser = office.browsers["superuser"]
    for route in [one for one in WITHOUT_ROWS if "/many/" in one.path]:
        if route.model in ABOVE:
            continue
        action = route.path.split("/")[-2]
        listed = route.fill({}).replace(f"many/{action}/", "")
        with office.trying(route.path):
            key = office.foreign[route.model]
            chosen = answer_of(
                browser, "POST", listed, action=action, index=0, _selected_action=key
            )
            assert not office.leaks(text_of(chosen), key)
            sent = sent_for(office.studio) | {"ids": key, "once": key}
            done = answer_of(browser, "POST", route.fill({}), **sent)
            assert not office.leaks(text_of(done), key)
            for job in finish_all(office.studio, "bulk"):
                with acting_for(office.studio.id):
                    assert not job.result.get("done")
                    told_of = f"{job.message} {list(job.refusals.values())}"
                    assert not office.leaks(told_of, office.foreign[route.model])
