"""The back-office's URLs, the kind of row that each parameter names, and rows of every kind."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from config.admin.companies import FORM_FIELD
from config.jobs.models import Job, StoredFile
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from config.webhooks.models import WebhookAttempt
from tests.api_routes import by_model, every_row
from tests.backoffice import Browser, said
from tests.factories import make_api_client, make_api_key, make_staff
from tests.jobs import a_job

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>[^)]*\)")
# Random values that differ each time the same page is requested.
CHANCE = re.compile(r'((?:csrfmiddlewaretoken" value=|nonce=|name="once" value=)")[^"]*')
# Parameters that name no row of a company, but an account, an app or any text.
NO_ROWS = ("uidb64", "token", "app_label", "url")
# Parameters that name a row of another kind than the page's own model.
OTHER_ROWS = {
    "jobs_job_file file_id": "made file",
    "customers_customer_columns file_id": "given file",
    "customers_customer_run_import job_id": "checked job",
    "customers_customer_overwrite job_id": "checked job",
}
# Models whose rows belong to no company: superusers see all rows, other staff see none.
ABOVE = ("access.company", "access.staff")


@dataclass(frozen=True)
class Route:
    """A URL pattern of the back-office, with its parameters."""

    path: str
    name: str

    @property
    def parameters(self) -> dict[str, str]:
        """The kind of row that each parameter names; raises KeyError for an unknown one."""
        return {parameter: self._kind(parameter) for parameter in self.names}

    @property
    def names(self) -> list[str]:
        """The names of the parameters that name rows."""
        found = ("".join(pair) for pair in PARAMETER.findall(self.path))
        return [parameter for parameter in found if parameter not in NO_ROWS]

    def _kind(self, parameter: str) -> str:
        if parameter != "object_id":
            return OTHER_ROWS[f"{self.name} {parameter}"]
        return self.model

    @property
    def model(self) -> str:
        """The label of the page's model."""
        _, app, model, *_ = self.path.split("/")
        return f"{app}.{model}"

    @property
    def model_or_none(self) -> str | None:
        """The label of the page's model; None for pages without a model."""
        parts = self.path.split("/")
        return self.model if len(parts) > 3 and self.model in PAGES else None

    @property
    def has_form(self) -> bool:
        """Whether the page has a form other than the checkboxes of a list."""
        verbs = ("changelist", "export", "history", "delete", "progress", "refused", "file")
        return self.model_or_none is not None and not self.name.endswith(verbs)

    @property
    def signs_out(self) -> bool:
        return self.name == "logout"

    def fill(self, ids: Mapping[str, str]) -> str:
        """Return the URL, with the id of the right kind in place of each parameter."""
        kinds = self.parameters
        return "/" + PARAMETER.sub(lambda found: ids[kinds[found[1] or found[2]]], self.path)


def _walk(patterns: Any, before: str = "") -> Iterator[Route]:
    for one in patterns:
        path = before + str(one.pattern).strip("^$")
        if isinstance(one, URLResolver):
            yield from _walk(one.url_patterns, path)
        elif isinstance(one, URLPattern):
            yield Route(path, one.name or "")


ROUTES = [one for one in _walk(get_resolver().url_patterns) if one.path.startswith("admin/")]
WITH_ROWS = [one for one in ROUTES if one.names]
WITHOUT_ROWS = [one for one in ROUTES if not PARAMETER.search(one.path)]
PAGES: dict[str, Any] = {
    model._meta.label_lower: pages for model, pages in admin.site._registry.items()
}


def make_rows(company: Company, mark: str = "") -> dict[str, Any]:
    """Make a row of every kind in a company, `mark` in every name; return them by model label."""
    mark = mark or company.slug
    rows = by_model(every_row(company, mark))
    colleague = make_staff(company, email=f"colleague@{mark.lower()}.example")
    colleague.first_name = mark
    colleague.save()
    with acting_for(company.id):
        WebhookAttempt.objects.create(
            company=company, delivery=rows["changes.webhookdelivery"], began_at=timezone.now(),
            milliseconds=12, status=500, answer=f"{mark} is broken",
        )  # fmt: skip
    credential: dict[str, Any] = {"company": company, "scopes": ["customers:read"]}
    return {
        **{kind: row for kind, row in rows.items() if kind in PAGES},
        "jobs.job": a_job(company, f"{mark} work"),
        "access.membership": colleague.memberships.get(),
        "access.apiclient": make_api_client(**credential, name=f"{mark} app")[0],
        "access.apikey": make_api_key(**credential, name=f"{mark} site")[0],
    }


def ids_of(company: Company, rows: Mapping[str, Any], mark: str) -> dict[str, str]:
    """Return the ids of rows by kind, including the ids of a finished job and of stored files."""
    staff = rows["jobs.job"].staff
    own: dict[str, Any] = {"company": company, "staff": staff}
    csv = {"content_type": "text/csv", "is_whole": True}
    about = {"rows": 1, "headings": [mark], "samples": [[mark]], "guess": {"0": "name"}}
    with acting_for(company.id):
        given = StoredFile.objects.create(**own, **csv, name=f"{mark} list.csv", about=about)
        checked = Job.objects.create(
            **own,
            kind="check_customers",
            title=f"{mark} check",
            state=Job.DONE,
            parameters={"file": str(given.pk), "name": given.name, "fields": {"0": "name"}},
        )
        made = StoredFile.objects.create(**own, **csv, job=rows["jobs.job"], name=f"{mark}.csv")
    made_for = {"made file": made, "given file": given, "checked job": checked}
    made_for |= {"access.company": company, "access.staff": staff, "access.workplace": company}
    return {kind: str(row.pk) for kind, row in (rows | made_for).items()}


def answer_of(browser: Browser, method: str, address: str, /, **fields: Any) -> Any:
    """Send a request without pending messages from earlier ones, and return the response."""
    browser.client.cookies.pop("messages", None)
    return getattr(browser.client, method.lower())(address, fields)


def text_of(answer: Any) -> str:
    """Return the text of a response: the body, the redirect's target and pending messages."""
    parts = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return "\n".join([parts.decode(), answer.headers.get("Location", ""), *said(answer)])


def told(answer: Any, *ids: str) -> list[str]:
    """Return the status and the lines of a response, without the given ids and random values."""
    text = text_of(answer)
    for one in ids:
        text = text.replace(one, "…")
    text = CHANCE.sub(r"\1", text)
    return [str(answer.status_code), *filter(None, map(str.strip, text.splitlines()))]


def sent_for(company: Company) -> dict[str, str]:
    """Return form values that confirm everything and name the company."""
    return {FORM_FIELD: str(company.pk), "sure": "1", "post": "yes", "reason": "So it is."}
