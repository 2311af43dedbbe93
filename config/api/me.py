"""The credential of the request and its company (v1)."""

from typing import Any

from django.conf import settings
from django.db import models
from django.http import HttpResponse
from rest_framework import serializers

from config.access.scopes import SCOPES
from config.statements.compiling import Param
from config.statements.lookups import Lookup
from config.tenancy.companies import Company
from config.tenancy.ids import show_id

from .resource import Resource, compiled_read
from .surfaces import v1

# The id prefix is defined here because no other response has the id of a company.
_PREFIX = "comp_"

_company: Lookup[Company] = Lookup(
    lambda: Company.objects.order_by().filter(id=Param("company_id", models.UUIDField()))
)


class CredentialLimits(serializers.Serializer):
    """How much a credential and its company may ask for."""

    requests_per_minute = serializers.IntegerField(
        help_text="How many requests this client or key may send in a minute."
    )
    company_requests_per_minute = serializers.IntegerField(
        help_text="How many requests all clients and keys of the company may send in a minute."
    )
    concurrent_requests = serializers.IntegerField(
        help_text="How many requests of the company are answered at the same time."
    )


class CredentialInUse(serializers.Serializer):
    """The API client or API key of a request."""

    schema_name = "Credential"

    id = serializers.UUIDField(
        help_text="The id of the client or key, as `actor.credential_id` has it in changes."
    )
    kind = serializers.ChoiceField(
        ["client", "key"], help_text="`client` for an access token, `key` for an API key."
    )
    name = serializers.CharField(help_text="The name that staff gave the client or key.")
    scopes = serializers.ListField(
        child=serializers.ChoiceField(list(SCOPES)),
        help_text="What this request may do. A token may have fewer scopes than its client.",
    )
    limits = CredentialLimits(help_text="The limits as they are now; staff can change them.")


class CompanyOfCredential(serializers.Serializer):
    """The company whose data a credential opens."""

    schema_name = "Company"

    id = serializers.CharField(help_text="The company's id, `comp_` and 32 hexadecimal digits.")
    name = serializers.CharField(help_text="The company's name, as its staff see it.")
    currency = serializers.CharField(
        help_text="The ISO 4217 currency of prices that name no other, such as `GBP`."
    )
    time_zone = serializers.CharField(
        help_text="The IANA time zone that the company's days and clocks go by."
    )
    country = serializers.CharField(
        help_text="The ISO 3166-1 country in whose notation phone numbers are read, such as `GB`."
    )


class Myself(serializers.Serializer):
    """The credential of the request, and its company."""

    schema_name = "Me"

    credential = CredentialInUse(help_text="The API client or API key of the request.")
    company = CompanyOfCredential(help_text="The company whose data the credential opens.")


class Me(Resource):
    """The credential of the request."""

    surface = v1
    scopes = {"read": ""}
    ids = {}
    shows = {"*": Myself}

    @compiled_read
    def retrieve(self, request: Any, **path: str) -> HttpResponse:
        """Show which credential the request was sent with, its limits, and its company.

        Use it to check a new credential and to learn the company's currency and time zone.
        """
        company = self._found(_company)
        assert self.authentication is not None
        client, company_quota = self.authentication.quotas
        return self.show_document(
            {
                "credential": {
                    "id": str(self.actor.credential_id),
                    "kind": self.actor.kind,
                    "name": self.actor.name,
                    "scopes": [scope for scope in SCOPES if scope in self.actor.scopes],
                    "limits": {
                        "requests_per_minute": client.quota,
                        "company_requests_per_minute": company_quota.quota,
                        "concurrent_requests": settings.AT_ONCE,
                    },
                },
                "company": {
                    "id": show_id(_PREFIX, company.id),
                    "name": company.name,
                    "currency": company.currency,
                    "time_zone": company.timezone,
                    "country": company.country,
                },
            }
        )
