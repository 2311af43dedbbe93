"""The surfaces of the API: each declares its envelope, pagination and error format."""

from dataclasses import dataclass
from typing import Any

from . import error_bodies
from .numbered_pages import NumberedPage, NumberedPages
from .pages import CursorPages, Pages


@dataclass(frozen=True)
class Surface:
    """The conventions of one documented surface.

    `about`: the description in the OpenAPI document. `one`: the envelope of a single object.
    `missing`, `invalid`: the HTTP statuses for a missing required field and for an invalid body.
    `misuse`: the status for an action without effect, such as archiving an archived row.
    `is_lenient`: unknown fields and parameters are ignored and named in a header, not refused.
    `has_dry_runs`: whether writes accept `dry_run`.
    """

    name: str
    title: str
    about: str
    prefixes: tuple[str, ...]
    one: bytes
    pages: Pages
    error: error_bodies.ErrorBody
    missing: int
    invalid: int
    misuse: int = 400
    is_lenient: bool = False
    has_dry_runs: bool = False


_TOTAL = "How many objects the whole list has, on all pages."


def linked(page: NumberedPage) -> dict[str, Any]:
    """Return links to other pages of a list, and the numbers of this page."""
    last = max(page.last, 1)
    start = (page.number - 1) * page.size
    is_empty = start >= page.total
    return {
        "links": {
            "first": page.address(1),
            "last": page.address(last),
            "prev": page.address(page.number - 1) if page.number > 1 else None,
            "next": page.address(page.number + 1) if page.number < last else None,
        },
        "meta": {
            "current_page": page.number,
            "from": None if is_empty else start + 1,
            "to": None if is_empty else min(start + page.size, page.total),
            "total": page.total,
            "per_page": page.size,
            "last_page": last,
        },
    }


m2m = Surface(
    name="m2m",
    title="M2M",
    about="A customer's profile, bookings, passes, videos, subscriptions, appointments and notes.",
    prefixes=("/customer/", "/token"),
    one=b'{"data":%b}',
    pages=NumberedPages(
        number="page",
        size="pageSize",
        first=0,
        default=30,
        beside=lambda page: {"total": page.total, "page": page.number, "pageSize": page.size},
        words={
            "total": _TOTAL,
            "page": "The number of this page. The first page is 0.",
            "pageSize": "How many objects a full page has.",
        },
    ),
    error=error_bodies.InOneSentence(),
    missing=400,
    invalid=400,
    is_lenient=True,
)

v1 = Surface(
    name="v1",
    title="v1",
    about="Everything that the software can do: customers, bookings, invoices, credits, webhooks.",
    prefixes=("/v1/",),
    one=b"%b",
    pages=NumberedPages(
        number="page",
        size="per_page",
        first=1,
        default=25,
        beside=lambda page: {
            "pagination": {
                "page": page.number,
                "per_page": page.size,
                "total": page.total,
                "total_pages": page.last,
            }
        },
        words={
            "pagination": "Where this page is in the list.",
            "page": "The number of this page. The first page is 1.",
            "per_page": "How many objects a full page has.",
            "total": _TOTAL,
            "total_pages": "How many pages the list has; 0 if the list is empty.",
        },
    ),
    error=error_bodies.WithType(),
    missing=400,
    invalid=422,
    has_dry_runs=True,
    misuse=409,
)

accounts = Surface(
    name="accounts",
    title="Accounts",
    about="Customers as business accounts, their users and their payment methods.",
    prefixes=("/customers",),
    one=b"%b",
    pages=CursorPages(
        about_after="A cursor: the page begins after it. Send the `end_cursor` of a page to read "
        "the next page. If it is empty, the answer is the first page.",
        ends_at_limit=True,
    ),
    error=error_bodies.WithFields(),
    missing=422,
    invalid=422,
    is_lenient=True,
)

credits = Surface(
    name="credits",
    title="Credits",
    about="Credits of a customer: list, issue, read and revoke.",
    prefixes=("/customers/customers/",),
    one=b'{"data":%b}',
    pages=NumberedPages(
        number="page",
        size="per_page",
        first=1,
        default=15,
        caps=True,
        beside=linked,
        words={
            "links": "URLs of other pages of the same list, with the same filters.",
            "first": "The URL of the first page.",
            "last": "The URL of the last page.",
            "prev": "The URL of the page before this one; null on the first page.",
            "next": "The URL of the page after this one; null on the last page.",
            "meta": "Where this page is in the list.",
            "current_page": "The number of this page. The first page is 1.",
            "from": "The position in the list of the first object of this page, counted from 1; "
            "null if the page is empty.",
            "to": "The position in the list of the last object of this page; null if the page is "
            "empty.",
            "total": _TOTAL,
            "per_page": "How many objects a full page has.",
            "last_page": "The number of the last page; 1 if the list is empty.",
        },
    ),
    error=error_bodies.WithFieldLists(),
    missing=422,
    invalid=422,
    is_lenient=True,
)

oauth = Surface(
    name="oauth",
    title="Getting in",
    about="Access tokens by OAuth 2.0 client credentials.",
    prefixes=("/oauth/",),
    one=b"%b",
    pages=CursorPages(),
    error=error_bodies.InOAuthsWords(),
    missing=400,
    invalid=400,
)

SURFACES = (m2m, v1, accounts, credits, oauth)


def surface_of(path: str) -> Surface:
    """Return the surface of a path, by the longest prefix; v1 if no prefix matches."""
    claims = ((prefix, surface) for surface in SURFACES for prefix in surface.prefixes)
    fitting = [(len(prefix), surface) for prefix, surface in claims if path.startswith(prefix)]
    return max(fitting, key=lambda claim: claim[0])[1] if fitting else v1
