"""The header that names ignored fields, and the detection of typing errors (config.api.unknown)."""

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework import serializers

from config.api.input_fields import Accepted, TextField
from config.api.unknown import HEADER, MOST_BYTES, MOST_NAMES, UnknownNames, near_miss
from tests.callers import Caller


class Nested(Accepted):
    street = TextField()
    label = TextField()  # type: ignore[assignment]


class Whole(Accepted):
    name = TextField(required=True)
    nested = Nested(required=False)
    listed = Nested(many=True, required=False)


def look_at(body: Any) -> UnknownNames:
    unknown = UnknownNames(is_lenient=True)
    Whole(data=body, context={"unknown": unknown}).is_valid(raise_exception=True)
    return unknown


def test_nested_objects_are_looked_through() -> None:
    body = {"name": "x", "nested": {"a": 1}, "listed": [{}, {"b": 2, "street": "y"}]}
    assert look_at(body).ignored == ["nested.a", "listed.1.b"]
    for wrong in ({"nested": {"streat": 1}}, {"listed": [{"steet": 1}]}):
        with pytest.raises(serializers.ValidationError, match="Did you mean street"):
            look_at({"name": "x"} | wrong)


def test_a_field_that_is_needed_guards_nothing() -> None:
    """A missing required field is refused anyway, and clients send both `name` and `names`."""
    assert look_at({"name": "x", "names": ["x"]}).ignored == ["names"]
    with pytest.raises(serializers.ValidationError):
        look_at({"names": ["x"]})


def test_a_name_is_made_safe_for_a_header(integrator: Caller) -> None:
    for name, header in (
        ("a\r\nSet-Cookie: x=1", "a%0D%0ASet-Cookie%3A%20x%3D1"),
        ("a, b", "a%2C%20b"),
        ("filter[status]", "filter[status]"),
        ("größe", "gr%C3%B6%C3%9Fe"),
        ("\x00\x7f", "%00%7F"),
        ("\ud800", "%3F"),
        ("x" * 5_000, "x" * 64),
    ):
        answer = integrator.post("/customers", {"name": "Acme", name: 1})
        assert (answer.status, answer.headers[HEADER]) == (201, header)
        assert "Set-Cookie" not in answer.headers


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.text(), max_size=60))
def test_the_header_is_short_and_printable_whatever_the_names(names: list[str]) -> None:
    unknown = UnknownNames(is_lenient=True)
    unknown.find(names, ())
    header = unknown.header
    assert header.isascii()
    assert header.isprintable() or not header
    assert len(header) <= MOST_BYTES
    assert header.count(",") < MOST_NAMES
    assert [quote(name[:64], safe="[]") for name in dict.fromkeys(names) if name][:1] == (
        header.split(", ")[:1] if header else []
    )


def test_a_letter_put_in_left_out_changed_or_swapped_is_an_edit() -> None:
    for name in ("stat", "statee", "stale", "satte"):
        assert near_miss(name, ["state"]) == "state", name
    for name in ("status", "stal", "at"):
        assert near_miss(name, ["state"]) is None, name
    assert near_miss("id", ["ein"]) is None
    for name, other in (("mobil_", "mobile"), ("mobi__", "mobile"), ("mob___", None)):
        assert near_miss(name, ["mobile"]) == other, name
