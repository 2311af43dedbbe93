"""Compresses responses of the API for clients that accept gzip."""

import gzip
import re
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.cache import patch_vary_headers

# In bytes: a shorter response fits into one packet without compression.
SHORTEST = 1400
# The fastest level: it makes JSON ten times smaller; higher levels gain little and are much slower.
LEVEL = 1
# The suffix of ETags of compressed responses: a strong ETag must identify the exact bytes.
MARK = "-gzip"

_GZIP_FORMAT = 31
_NOT_AT_ALL = re.compile(r"\s*q=0(\.0*)?\s*")


def compress(request: Any, response: Any) -> None:
    """Compress a response if the client accepts gzip; the caller checks SHORTEST."""
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
    """Whether Accept-Encoding has gzip or * with a weight above zero."""
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
