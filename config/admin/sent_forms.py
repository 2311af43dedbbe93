"""Makes each form of the back-office take effect at most once (threat 62).

Each form has a token that is new whenever the form is opened. The token is stored in the same
transaction as the changes of the form. If the form is sent again, by a double click or by Back
and Submit, the user sees the result of the first time. The token is stored like an
Idempotency-Key.
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
    """Another request with the same form is still in progress after the lock timeout."""


def take_effect_once(request: Any, answer: Callable[[], HttpResponse]) -> HttpResponse:
    """Return the response of `answer()`, or repeat the result if the form took effect before.

    Runs in the transaction of the active company. Raises StillBeingSent.
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
    """Mark the form as successful although no redirect follows; `address` shows the result."""
    request.result_address = address


def _taken(caller: str, token: UUID) -> tuple[str, str] | None:
    """Lock the token; return the redirect address and the message of an earlier request."""
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
    """Return the address with the result of the form, None if it was refused or not final."""
    if any(one.level == messages.ERROR for one in _queued(request)):
        return None
    if response.status_code == 302:
        return response["Location"]
    return getattr(request, "result_address", None)


def _queued(request: Any) -> list[Any]:
    """Return the messages that this request adds for the next page."""
    return list(getattr(request._messages, "_queued_messages", ()))
