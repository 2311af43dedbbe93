"""Answers of the API, compressed for callers that accept gzip."""

import gzip
import re
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.cache import patch_vary_headers

# A shorter answer is one packet, compressed or not.
SHORTEST = 1400
# The fastest: JSON shrinks to a tenth, and higher levels take several times as long for little.
LEVEL = 1
# Ends the ETag of a compressed answer: a strong ETag stands for the same bytes every time.
MARK = "-gzip"

_GZIP_FORMAT = 31
_NOT_AT_ALL = re.compile(r"\s*q=0(\.0*)?\s*")


def compress(request: Any, response: Any) -> None:
    """Compress an answer, of at least SHORTEST bytes, if the caller accepts gzip."""
    patch_vary_headers(response, ["Accept-Encoding"])
    if not _accepts_gzip(request.META.get("HTTP_ACCEPT_ENCODING", "")):
        return
    if response.streaming:
        response.streaming_content = _compressed(response.streaming_content)
    else:
        response.content = gzip.compress(response.content, LEVEL, mtime=0)
    response.headers["Content-Encoding"] = "gzip"
    if tag := response.headers.get("ETag"):
        response.headers["ETag"] = f'{tag[:-1]}{MARK}"'


def _accepts_gzip(header: str) -> bool:
    """Say whether an Accept-Encoding names gzip, or everything, with a weight above zero."""
    codings = (coding.partition(";") for coding in header.lower().split(","))
    weights = {name.strip(): weight for name, _, weight in codings}
    weight = weights.get("gzip", weights.get("*"))
    return weight is not None and not _NOT_AT_ALL.fullmatch(weight)


def _compressed(chunks: Iterable[bytes]) -> Iterator[bytes]:
    compressor = zlib.compressobj(LEVEL, wbits=_GZIP_FORMAT)
    for chunk in chunks:
        if data := compressor.compress(chunk):
            yield data
    yield compressor.flush()
