"""A form of the back-office takes effect once (threat 62).

Each form carries a token that is new whenever the form is opened. The token is spent in the
transaction of what the form does, so that a double click, or Back and Submit, does it once; the
second is told what the first did. The record of it is that of an Idempotency-Key.
"""

from collections.abc import Callable
from html import unescape
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import OperationalError, connection
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from psycopg.errors import LockNotAvailable

from config.tenancy.answers import HOURS_KEPT, KeptAnswer
from config.tenancy.ids import read_id

# The hidden field of a form (templates/admin/form_fields.html).
FIELD = "_form"

_TAKE = "SELECT headers::jsonb ->> 'Location', body FROM access_take_key(%s, %s, %s)"


class StillBeingSent(Exception):
    """The same form is being worked on at this moment, and takes long."""


def take_effect_once(request: Any, answer: Callable[[], HttpResponse]) -> HttpResponse:
    """Answer a request; a form that took effect before is told so and changes nothing.

    It runs in the transaction of the company at work. Raises StillBeingSent.
    """
    token = read_id("", request.POST.get(FIELD, "")) if request.method == "POST" else None
    if token is None:
        return answer()
    caller = f"staff {request.user.pk}"
    if before := _taken(caller, token):
        return _repeat_answer(request, *before)
    response = answer()
    if (address := _took_effect(request, response)) is not None:
        KeptAnswer.objects.create(
            company_id=request.actor.company_id,
            caller=caller,
            key=str(token),
            status=response.status_code,
            headers={"Location": address},
            body=" ".join(str(one.message) for one in _queued(request)),
        )
    return response


def shows_result(request: Any, address: str) -> None:
    """Note that a page, and not a redirect, shows what a form did; `address` is where to see it."""
    request.result_address = address


def _taken(caller: str, token: UUID) -> tuple[str, str] | None:
    """Take the token for this transaction; return where an earlier one led, and what it said."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(_TAKE, [caller, str(token), HOURS_KEPT])
            return cursor.fetchone()
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise StillBeingSent
        raise


def _repeat_answer(request: Any, address: str, said: str) -> HttpResponse:
    text = _("This form was sent before, so nothing was done again.")
    said = "" if said == KeptAnswer.ERASED else said
    messages.warning(request, " ".join(filter(None, [text, unescape(strip_tags(said))])))
    return HttpResponseRedirect(address)


def _took_effect(request: Any, response: HttpResponse) -> str | None:
    """Return where to see what a form did, None where it was refused or only asked more."""
    if any(one.level == messages.ERROR for one in _queued(request)):
        return None
    if response.status_code == 302:
        return response["Location"]
    return getattr(request, "result_address", None)


def _queued(request: Any) -> list[Any]:
    """Return the messages that this request leaves for the next page."""
    return list(getattr(request._messages, "_queued_messages", ()))
