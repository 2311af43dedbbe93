"""The documented surfaces, each a declaration: its envelope, its pages, its errors."""

from dataclasses import dataclass

from .error_bodies import (
    ErrorBody,
    InOAuthsWords,
    InOneSentence,
    WithFieldLists,
    WithFields,
    WithType,
)
from .pages import CursorPages, NumberedPages, Pages, linked


@dataclass(frozen=True)
class Surface:
    """How one of the documented dialects speaks.

    `one` is the envelope of a single object. `missing` and `invalid` are the statuses for a body
    that lacks a required field and for one that parses but is not valid.
    """

    name: str
    title: str
    prefixes: tuple[str, ...]
    one: str
    pages: Pages
    error: ErrorBody
    missing: int
    invalid: int


m2m = Surface(
    name="m2m",
    title="M2M",
    prefixes=("/customer/", "/token"),
    one='{"data":%s}',
    pages=NumberedPages(
        number="page",
        size="pageSize",
        first=0,
        default=30,
        beside=lambda page: {
            "total": page.total,
            "page": page.number,
            "pageSize": page.size,
        },
    ),
    error=InOneSentence(),
    missing=400,
    invalid=400,
)

v1 = Surface(
    name="v1",
    title="v1",
    prefixes=("/v1/",),
    one="%s",
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
    ),
    error=WithType(),
    missing=400,
    invalid=422,
)

accounts = Surface(
    name="accounts",
    title="Accounts",
    prefixes=("/customers",),
    one="%s",
    pages=CursorPages(),
    error=WithFields(),
    missing=422,
    invalid=422,
)

credits = Surface(
    name="credits",
    title="Credits",
    prefixes=("/customers/customers/",),
    one='{"data":%s}',
    pages=NumberedPages(
        number="page",
        size="per_page",
        first=1,
        default=15,
        caps=True,
        beside=linked,
    ),
    error=WithFieldLists(),
    missing=422,
    invalid=422,
)

oauth = Surface(
    name="oauth",
    title="Getting in",
    prefixes=("/oauth/",),
    one="%s",
    pages=CursorPages(),
    error=InOAuthsWords(),
    missing=400,
    invalid=400,
)

SURFACES = (m2m, v1, accounts, credits, oauth)


def surface_of(path: str) -> Surface:
    """Return the surface that answers for a path, the v1 one where none claims it."""
    claims = ((prefix, surface) for surface in SURFACES for prefix in surface.prefixes)
    fitting = [(len(prefix), surface) for prefix, surface in claims if path.startswith(prefix)]
    return max(fitting, key=lambda claim: claim[0])[1] if fitting else v1
