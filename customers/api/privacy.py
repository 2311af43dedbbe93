"""A person's data: export and erasure (v1)."""

from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase

from config.api.files import send
from config.api.filtering import Choice, Filters
from config.api.resource import Resource
from config.api.surfaces import v1
from config.api.verbs import Verb

from .. import actions
from ..models import Customer, Erasure
from ..privacy.exporting import CONTENT_TYPES
from ..shapes import outputs
from ..shapes.erasures import ErasureRecord, NewErasure
from .parts import of_customer

PRIVACY = {"read": "privacy:read", "write": "privacy:write"}


class PersonExportOptions(Filters):
    """The query parameters of an export of a person."""

    format = Choice(
        *CONTENT_TYPES, help_text="`json` for a program, `html` to read and to print. Absent: json."
    )


class PersonExports(Resource):
    """Everything that is held about one person."""

    surface = v1
    scopes = {"read": "privacy:read"}
    queryset = Customer.objects.newest_first()
    query_options = {"retrieve": PersonExportOptions}
    shows = {"*": outputs.CustomerSummary}
    sends_file = tuple(one.partition(";")[0] for one in CONTENT_TYPES.values())

    def retrieve(self, request: Any, **path: str) -> HttpResponseBase:  # type: ignore[override]
        """Download everything that is held about a person, to hand it over.

        The file has every row of the customer and of the records that were merged into it, with the
        recorded changes. `kept_after_an_erasure` names what an erasure leaves, and why. The log of
        data exports says who downloaded it.
        """
        form = self.filters.get("format") or "json"
        file = actions.export_person(self.get_object(), format=form, actor=self.actor)
        return send(file.name, file.content_type, file.pieces())


class Erasures(Resource):
    """Erasures of a person, newest first."""

    surface = v1
    scopes = PRIVACY
    queryset = Erasure.objects.newest_first()
    parent = of_customer
    shows = {"*": ErasureRecord}
    accepts = {"create": NewErasure}
    verbs = {"cancel": Verb(actions.cancel_erasure, "Cancel an erasure that waits.")}

    def create(self, request: Any, **path: str) -> HttpResponse:
        """Request the erasure of a person, which is done once the waiting time is over.

        With `dry_run=true` the `report` is a preview: which rows and fields would be erased, and
        which are kept. 409 `erasure_waiting` where one is requested already, `customer_erased`
        where the person was erased.
        """
        asked = self.accepted()
        return self.show(
            actions.request_erasure(self.parent_object, **asked, actor=self.actor), status=201
        )
