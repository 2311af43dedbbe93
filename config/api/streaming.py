"""Lists of everything, in constant memory."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.http import StreamingHttpResponse

from .cursors import Cursors
from .rows import Rows


def stream(rows: Rows, company: UUID) -> StreamingHttpResponse:
    """Answer with every row; the first batch is read at once, while an error can still be told."""
    batches = rows.every(company)
    return StreamingHttpResponse(
        _chunks(Cursors(rows.place), next(batches), batches), content_type="application/json"
    )


def _chunks(cursors: Cursors, batch: Any, batches: Iterator[Any]) -> Iterator[str]:
    start = cursors.write(batch[0][1]) if batch else None
    end, separator = None, '{"data":['
    while batch is not None:
        yield separator + ",".join(document for document, _ in batch)
        end, separator = cursors.write(batch[-1][1]) if batch else end, ","
        batch = next(batches, None)
    beside = {
        "start_cursor": start,
        "end_cursor": end,
        "has_next_page": False,
        "has_previous_page": False,
    }
    yield f"],{json.dumps(beside)[1:]}"
