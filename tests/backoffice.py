"""A browser for the back-office: it opens pages, and sends their forms as the pages show them."""

from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.template.response import TemplateResponse
from django.test import Client

from config.access.models import Staff
from config.access.signing_in.factors import METHOD
from config.changes.expressions import type_of
from config.changes.models import Change
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for

# The session keys in which allauth stores the methods of authentication.
METHODS = "account_authentication_methods"
METHODS_OF = "account_authentication_methods_user"


class Browser:
    """A signed-in staff member, who works in `company`, or else in their first company.

    The second factor counts as verified unless `has_shown_factor` is False.
    """

    def __init__(
        self, staff: Staff, company: Company | None = None, *, has_shown_factor: bool = True
    ) -> None:
        self.client = Client(SERVER_NAME="localhost")
        self.client.force_login(staff)
        if has_shown_factor:
            session = self.client.session
            session[METHODS] = [{"method": METHOD, "at": 0}]
            session[METHODS_OF] = str(staff.pk)
            session.save()
        if company is not None:
            self.switch_to(company)

    def switch_to(self, company: Company) -> Any:
        return self.post("/admin/company/", company=company.pk)

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(path, query)

    def post(self, path: str, **fields: Any) -> Any:
        return self.client.post(path, fields)

    def send(self, path: str, **changes: Any) -> Any:
        """Open a page, fill in some fields of its form, and send the form as a browser does."""
        form = self.form(path)
        assert changes.keys() <= form.names | {"_continue", "_addanother"}, form.names
        return self.client.post(path, form.values | changes)

    def form(self, path: str) -> "Form":
        """Return the form of a page that adds or changes a row, with the values that it shows."""
        page = self.get(path)
        assert page.status_code == 200, (path, page.status_code)
        return Form(page.text, f"{path.split('/')[3]}_form")

    def press(self, path: str, button: str, **answers: Any) -> Any:
        """Press a button on a row's page, fill in the form that follows, and confirm it."""
        return self.post(path.removesuffix("change/") + f"{button}/", **answers)

    def choose(self, path: str, action: str, *rows: Any) -> Any:
        """Select rows of a list and run an action on them."""
        return self.post(path, action=action, index=0, _selected_action=[row.pk for row in rows])


@contextmanager
def unrendered() -> Iterator[None]:
    """Run views without rendering their templates, for tests that do not read the page."""

    def leave(answer: Any) -> Any:
        if isinstance(answer, TemplateResponse):
            answer.content = ""
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("config.admin.site._rendered", leave)
        yield


class Form(HTMLParser):
    """The fields of a form on a page: their `names`, and the `values` a browser would send."""

    def __init__(self, page: str, form: str) -> None:
        super().__init__()
        self.form, self.is_inside = form, False
        self.names: set[str] = set()
        self.values: dict[str, Any] = {}
        self.typed_into = self.chosen_from = ""
        self.has_first = False
        self.feed(page)
        assert self.names, f"The page has no form “{form}”."

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        given = {"name": "", "type": "text", "value": "", **dict(attrs)}
        if tag == "form":
            self.is_inside = given.get("id") == self.form
        if not self.is_inside:
            return
        name = given["name"]
        if name:
            self.names.add(name)
        if tag == "textarea":
            self.typed_into, self.values[name] = name, ""
        elif tag == "select":
            self.chosen_from, self.has_first = name, "multiple" in given
            self.values[name] = ""
        elif tag == "option":
            # If no option of a select is selected, browsers send the first one.
            if "selected" in given or not self.has_first:
                self.values[self.chosen_from] = given["value"]
            self.has_first = True
        elif tag == "input" and given["type"] in ("checkbox", "radio"):
            if "checked" in given:
                self.values.setdefault(name, []).append(given["value"] or "on")
        elif tag == "input" and given["type"] == "hidden" and name in self.values:
            before = self.values[name]
            self.values[name] = [
                *(before if isinstance(before, list) else [before]),
                given["value"],
            ]
        elif tag == "input" and name:
            self._put(name, given["value"])

    def handle_data(self, data: str) -> None:
        if self.typed_into:
            self._put(self.typed_into, data.removeprefix("\n"))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.typed_into = ""
        elif tag == "form":
            self.is_inside = False

    def _put(self, name: str, text: str) -> None:
        """Store the text with the line endings that browsers send."""
        self.values[name] = text.replace("\r\n", "\n").replace("\n", "\r\n")


def said(response: Any) -> list[str]:
    """Return the messages that the next page will show."""
    return [str(message) for message in get_messages(response.wsgi_request)]


def shown_once(answer: Any) -> dict[str, str]:
    """Return the secrets that a page shows once, by label."""
    assert answer.status_code == 200, answer
    return {str(label): value for label, value in answer.context["values"]}


def page_of(row: Any) -> str:
    """Return the URL of a row's page."""
    return f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/"


def form_of(customer: Any) -> str:
    """Return the URL of a customer's form; the customer's page itself is read-only."""
    return page_of(customer).replace("change", "edit")


def fresh(row: Any) -> Any:
    """Return a row as it is in the database now."""
    with acting_for(row.company_id):
        return type(row).objects.get(pk=row.pk)


def only(model: Any, company: Company) -> Any:
    """Return a company's only row of a model."""
    with acting_for(company.id):
        return model.objects.get()


def count(model: Any, company: Company) -> int:
    """Return how many rows of a model a company has."""
    with acting_for(company.id):
        return model.objects.count()


def staff_changes() -> list[Change]:
    """Return the changes by staff, company by company, oldest first, with their types."""
    found: list[Change] = []
    for company in Company.objects.order_by("id"):
        with acting_for(company.id):
            rows = Change.objects.filter(actor_kind="staff").annotate(type=type_of())
            found += rows.oldest_first()
    return found


def errors(answer: Any) -> dict[str, list[str]]:
    """Return the errors of a form's fields."""
    return dict(answer.context["adminform"].form.errors)
