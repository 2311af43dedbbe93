"""Streams whole lists in constant memory."""

import json
from collections.abc import Iterator
from itertools import chain
from uuid import UUID

from django.http import StreamingHttpResponse

from .cursors import Cursors
from .rendered_list import CursorSlice, RenderedList


def stream(rows: RenderedList, company: UUID) -> StreamingHttpResponse:
    """Stream all rows; the first batch is read before the status is sent, to report errors."""
    batches = rows.every(company)
    return StreamingHttpResponse(
        _chunks(Cursors(rows.cursor_scope), next(batches), batches), content_type="application/json"
    )


def _chunks(cursors: Cursors, first: CursorSlice, others: Iterator[CursorSlice]) -> Iterator[str]:
    start = end = first.first
    yield '{"data":['
    separator = ""
    for batch in chain([first], others):
        # The remaining rows may be deleted before their batch is read.
        if batch.documents:
            yield f"{separator}{batch.documents}"
            end, separator = batch.last, ","
    beside = {
        "start_cursor": start and cursors.write(start),
        "end_cursor": end and cursors.write(end),
        "has_next_page": False,
        "has_previous_page": False,
    }
    yield f"],{json.dumps(beside)[1:]}"
