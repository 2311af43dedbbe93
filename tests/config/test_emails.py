"""E-mail addresses of any alphabet, the same at every door."""

import pytest
from django.core.exceptions import ValidationError
from django.forms import modelform_factory

from config.emails import validate_email
from customers.models import Customer
from tests.callers import Caller

GOOD = ["a@b.com", "stanisław.wójcik@wp.pl", "jörg@müller.de", "अजय@डाटा.भारत", "o'neill+1@x.co"]
BAD = [
    "a",
    "@b.com",
    "a@b",
    "a b@c.com",
    "a..b@c.com",
    "a\u00a0b@c.com",
    "\u202ea@b.com",
    "a,b@c.de",
]


@pytest.mark.parametrize("email", GOOD)
def test_letters_of_any_alphabet_are_an_address(integrator: Caller, email: str) -> None:
    validate_email(email)
    made = integrator.post("/customers", {"email": email})
    assert (made.status, made.body["email"]) == (201, email)
    assert modelform_factory(Customer, fields=["email"])({"email": email}).is_valid()


@pytest.mark.parametrize("email", BAD)
def test_what_is_no_address_is_refused(integrator: Caller, email: str) -> None:
    with pytest.raises(ValidationError):
        validate_email(email)
    assert integrator.post("/customers", {"email": email}).status == 422
    assert not modelform_factory(Customer, fields=["email"])({"email": email}).is_valid()
