"""Answers are compressed for clients that accept gzip."""

import gzip
import zlib

import pytest

from config.api.compression import SHORTEST
from config.tenancy.companies import Company
from customers.models import Customer
from tests.callers import Answer, Caller
from tests.factories import ACustomer

PATH = "/v1/customers?per_page=100"


@pytest.fixture
def customers(studio: Company) -> list[Customer]:
    return [ACustomer(company=studio, first_name=f"Zoë {n}") for n in range(9)]


def ask(caller: Caller, path: str, accepts: str) -> Answer:
    """Send a request without validating the answer, as compressed bytes do not match the schema."""
    return Answer(caller.client.get(path, headers=caller.headers | {"Accept-Encoding": accepts}))


def test_an_answer_is_compressed_where_the_caller_accepts_gzip(
    integrator: Caller, customers: list[Customer]
) -> None:
    plain = ask(integrator, PATH, "identity")
    assert "Content-Encoding" not in plain.headers
    for accepts in ("gzip", "br;q=1.0, GZIP;q=0.5", "*", "deflate, gzip"):
        packed = ask(integrator, PATH, accepts)
        assert packed.headers["Content-Encoding"] == "gzip", accepts
        assert packed.headers["Content-Length"] == str(len(packed.raw))
        assert gzip.decompress(packed.raw) == plain.raw
        assert len(packed.raw) < len(plain.raw) / 3
    for accepts in ("", "br", "gzip;q=0", "gzip;q=0.000", "*;q=0", "*, gzip;q=0"):
        assert ask(integrator, PATH, accepts).raw == plain.raw, accepts
    for answer in (plain, packed):
        assert "Accept-Encoding" in answer.headers["Vary"]


def test_a_stream_and_the_document_are_compressed(
    integrator: Caller, customers: list[Customer]
) -> None:
    assert ask(integrator, "/docs/", "gzip").headers["Content-Encoding"] == "gzip"
    for path in ("/customers", "/openapi.json"):
        packed = ask(integrator, path, "gzip")
        assert packed.headers["Content-Encoding"] == "gzip", path
        unpacked = zlib.decompressobj(31)
        assert unpacked.decompress(packed.raw) == ask(integrator, path, "identity").raw, path
        assert unpacked.eof, path


def test_a_compressed_answer_has_an_etag_of_its_own_which_every_condition_takes(
    integrator: Caller, customers: list[Customer]
) -> None:
    notes = {"notes": "".join(f"{n} " for n in range(SHORTEST))}
    path = f"/v1/customers/{customers[0].pk}"
    assert integrator.patch(path, {"preferences": notes}).status == 200
    tag = ask(integrator, path, "identity").headers["ETag"]
    packed = ask(integrator, path, "gzip").headers["ETag"]
    assert packed == tag[:-1] + '-gzip"'
    for seen in (tag, packed, f"W/{packed}"):
        assert integrator.get(path, If_None_Match=seen).status == 304, seen
    assert integrator.patch(path, {"first_name": "Zoe"}, If_Match=packed).status == 200
    assert integrator.patch(path, {"first_name": "Zoey"}, If_Match=packed).status == 412


def test_a_short_answer_is_left_as_it_is(integrator: Caller) -> None:
    answer = ask(integrator, "/v1/me", "gzip")
    assert len(answer.raw) < SHORTEST
    assert "Content-Encoding" not in answer.headers
