"""Likely duplicates on the v1 surface: the check of new customers, and the list of pairs."""

from typing import Any

from config.access.models import clients
from config.api.idempotency import GUARD
from config.api.problems import bad_request, quoted
from config.api.resource import Resource
from config.api.surfaces import v1
from config.api.verbs import Verb

from .. import actions
from ..filters import DuplicateFilters
from ..models import Duplicate
from ..shapes.duplicates import DuplicateRecord


def refuses_duplicates(resource: Any) -> bool:
    """Return whether the request refuses likely duplicates; raises a 400 for an invalid header.

    Without the header, the setting of the client or key applies.
    """
    asked = resource.request.headers.get(GUARD)
    if asked is None:
        return clients.refuses_duplicates(resource.actor)
    words = {"true": True, "1": True, "false": False, "0": False}
    if (word := asked.strip().lower()) not in words:
        sentence = f"Must be true or false; got {quoted(asked)}."
        raise bad_request(f"{GUARD}: {sentence}", {GUARD: sentence})
    return words[word]


class Duplicates(Resource):
    """Pairs of customers who are likely one person, the likeliest first.

    A background task finds them within minutes of a change. A pair leaves the list when one of the
    two is archived or merged, or when they are alike no more.
    """

    surface = v1
    scopes = {"read": "customers:read", "write": "customers:write"}
    queryset = Duplicate.objects.best_first()
    filterset_class = DuplicateFilters
    shows = {"*": DuplicateRecord}
    verbs = {
        "dismiss": Verb(
            actions.dismiss_duplicate, "Remember that the two customers are not the same."
        ),
        "reopen": Verb(
            actions.reopen_duplicate, "Take back that the two customers are not the same."
        ),
    }
