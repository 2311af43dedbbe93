"""Hooks that Schemathesis calls in its own process (SCHEMATHESIS_HOOKS)."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import schemathesis
from schemathesis.core.failures import AcceptedNegativeData

# Send a file of JSON lines as text, like CSV.
schemathesis.serializer.alias("application/x-ndjson", "text/plain")


@schemathesis.hook
def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
    """Ignore two failures: an empty e-mail address, and query parameters that are all empty.

    An empty string means no e-mail address; the description says so, but `format` cannot say it.
    An empty parameter counts as absent, whatever its schema says (contract, "Leniency"). The server
    has to refuse every other invalid value.
    """
    if not isinstance(failure, AcceptedNegativeData):
        return True
    if isinstance(case.body, dict) and case.body.get("email") == "":
        return False
    data = case.meta.phase.data
    invalid = {one.parameter for one in data.mutations} or {data.parameter}
    sent = parse_qs(urlsplit(response.request.url).query, keep_blank_values=True)
    return any(sent.get(name) != [""] for name in invalid)
