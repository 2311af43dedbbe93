"""Hooks that Schemathesis calls in its own process (SCHEMATHESIS_HOOKS)."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import schemathesis
from schemathesis.core.failures import AcceptedNegativeData

# A file of JSON lines is sent as the text that it is, like CSV.
schemathesis.serializer.alias("application/x-ndjson", "text/plain")


@schemathesis.hook
def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
    """Drop the failure of an empty e-mail address, or of empty query parameters alone.

    "" means no e-mail address, which the description says and the format cannot. An empty
    parameter counts as absent, whatever the schema of its values says (contract, "Leniency").
    Every other invalid value has to be refused.
    """
    if not isinstance(failure, AcceptedNegativeData):
        return True
    if isinstance(case.body, dict) and case.body.get("email") == "":
        return False
    data = case.meta.phase.data
    invalid = {one.parameter for one in data.mutations} or {data.parameter}
    sent = parse_qs(urlsplit(response.request.url).query, keep_blank_values=True)
    return any(sent.get(name) != [""] for name in invalid)
