"""Factories of entries in the log of API requests."""

from time import monotonic
from typing import Any

import factory

from config.requests.actions import NotedRequest, record_requests
from config.requests.models import ApiRequest
from config.tenancy.actors import Actor
from config.tenancy.ids import new_id

from .people import Through


class AnApiRequest(Through):
    """A refused request of an API client that was deleted since."""

    class Meta:
        model = ApiRequest

    request_id = factory.Sequence(lambda n: f"request-{n}")
    operation = "v1_customers_read"
    method = "GET"
    path = "/v1/customers/{id}"
    status = 404
    error_code = "not_found"
    milliseconds = 5
    credential_kind = "client"
    credential_id = factory.LazyFunction(new_id)
    credential_name = "App"

    @classmethod
    def act(cls, actor: Actor, **fields: Any) -> ApiRequest:
        one = NotedRequest(
            id=new_id(), company_id=actor.company_id, answered_at=monotonic(), **fields
        )
        record_requests(actor.company_id, [one], {})
        return ApiRequest.objects.get(pk=one.id)
