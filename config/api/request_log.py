"""The log of API requests (v1)."""

import re
from typing import Any

import django_filters
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Value
from django.db.models.functions import Cast, Replace

from config.requests.models import ApiRequest

from .filter_fields import ExactField
from .filtering import Bindable, Exact, Filters, Key, Moment
from .pages import CursorPages
from .problems import quoted
from .resource import Resource
from .shapes import Id, Instant, Number, OneOf, Part, Shape, Text, TextOrNull, Uuid
from .surfaces import v1


class RequestCredential(Shape):
    """The API client or API key that sent a request."""

    kind = OneOf(
        "credential_kind",
        choices=ApiRequest.CredentialKind.values,
        help_text="`client` for an API client, `key` for an API key.",
    )
    id = Uuid("credential_id", help_text="Id of the API client or API key.")
    name = Text("credential_name", help_text="Its name when it sent the request.")


class LoggedRequest(Shape):
    """A request that wrote something or was refused, without its body and its query."""

    schema_name = "Request"

    id = Id(ApiRequest.id_prefix, help_text="Id of the entry in the log.")
    created_at = Instant(help_text="When the request was answered.")
    request_id = Text(
        help_text="The `Request-Id` of the answer; a client that sends its own can repeat it."
    )
    operation = TextOrNull(
        help_text="The `operationId` of this document; null if the path does not take the method."
    )
    method = Text(help_text="The HTTP method.")
    path = Text(
        help_text="The path with its ids. `{id}` stands for a value that is not an id of ours."
    )
    status = Number(help_text="The HTTP status of the answer.")
    error_code = TextOrNull(
        help_text="The code of the error, on every surface; null for a request that succeeded, and "
        "for a refusal that was replayed under an `Idempotency-Key`."
    )
    duration_milliseconds = Number(
        "milliseconds",
        help_text="How long the server worked on the answer, without the time it waited for the "
        "body or for a free thread. Of a streamed answer: until the stream began.",
    )
    credential = Part(RequestCredential, help_text="The API client or API key that sent it.")


class StatusField(ExactField):
    """An HTTP status such as `404`, or a class of statuses such as `4xx`."""

    pattern = r"[1-5](xx|[0-9]{2})"

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not re.fullmatch(self.pattern, text):
            raise ValidationError(
                f"Must be a status such as 404, or a class such as 4xx; got {quoted(text)}."
            )
        return text


class Status(Bindable, django_filters.Filter):
    """Filter by an HTTP status or a class of statuses."""

    field_class = StatusField
    output = models.TextField()
    schema = {"type": "string", "pattern": f"^{StatusField.pattern}$"}

    def filter(self, qs: Any, value: Any) -> Any:
        lowest, highest = (Replace(value, Value("x"), Value(digit)) for digit in "09")
        return qs.filter(
            status__gte=Cast(lowest, models.SmallIntegerField()),
            status__lte=Cast(highest, models.SmallIntegerField()),
        )


class RequestFilters(Filters):
    """The filters of the request log."""

    request_id = Exact(
        longest=128, help_text="Only requests that were answered with this `Request-Id`."
    )
    status = Status(
        help_text="Only requests answered with this HTTP status, `404`, or with a status of this "
        "class, `4xx`."
    )
    operation = Exact(
        longest=100,
        help_text="Only requests for this `operationId` of this document, such as "
        "`v1_customers_create`.",
    )
    credential_id = Key(
        prefix="", help_text="Only requests that this API client or API key sent, by its id."
    )
    created_after = Moment(
        "created_at", "gte", help_text="Only requests answered at this moment or later."
    )
    created_before = Moment(
        "created_at", "lt", help_text="Only requests answered before this moment."
    )


class Requests(Resource):
    """List the writes and the refusals of your API clients and API keys, newest first.

    The log has each request with a valid credential that wrote something or was answered with a
    status of 400 or above. It is written some seconds after the answer and kept for 30
    days. Of requests in a row that are refused with 429, it has only some.
    """

    surface = v1
    scopes = {"read": "audit:read", "write": "audit:read"}
    queryset = ApiRequest.objects.newest_first()
    filterset_class = RequestFilters
    pages = CursorPages()
    shows = {"*": LoggedRequest}
