"""Signs in to the back-office step by step, as a browser does."""

import re
from collections.abc import Iterator
from typing import Any

from allauth.mfa.totp.internal import auth as totp
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.factories import PASSWORD

LOGIN, CODE, SET_UP = "/admin/login/", "/admin/login/code/", "/admin/second-factor/set-up/"
CODES = "/admin/second-factor/recovery-codes/"


def code_of(secret: str, ahead: int = 0) -> str:
    """Return the code that an authenticator app shows now, or some time steps later."""
    now = list(totp.yield_hotp_counters_from_time())[settings.MFA_TOTP_TOLERANCE]
    return totp.format_hotp_value(totp.hotp_value(secret, now + ahead))


def visit() -> Client:
    return Client(SERVER_NAME="localhost")


def sign_in(client: Client, email: str = "olive@studio.example", password: str = PASSWORD) -> Any:
    return client.post(f"{LOGIN}?next=/admin/customers/", {"username": email, "password": password})


def set_up(client: Client) -> tuple[str, list[str]]:
    """Set up a second factor; return its secret and the recovery codes."""
    page = client.get(SET_UP)
    secret = page.context["form"].secret
    answer = client.post(SET_UP, {"code": code_of(secret), "next": "/admin/customers/"})
    assert answer.status_code == 302, answer.context["form"].errors
    shown = client.get(answer["Location"])
    return secret, shown.context["unused_codes"]


def enrol(email: str = "olive@studio.example") -> tuple[str, list[str]]:
    """Sign in and set up a second factor; return its secret and the recovery codes."""
    client = visit()
    sign_in(client, email)
    return set_up(client)


def admin_addresses(inside: Any = None, start: str = "") -> Iterator[str]:
    """Yield every URL below /admin/, with "x" in place of each parameter."""
    for one in (inside or get_resolver()).url_patterns:
        path = start + str(one.pattern)
        if isinstance(one, URLResolver):
            if path.startswith("admin/"):
                yield from admin_addresses(one, path)
        elif isinstance(one, URLPattern) and path.startswith("admin/"):
            plain = re.sub(r"<[^>]*>|\(\?P.*?\)", "x", path)
            yield "/" + re.sub(r"[\^$\\]|\(.*\)", "", plain)
