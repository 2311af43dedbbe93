"""Values of exports that were once read wrongly, or dropped without a word."""

from typing import Any

import pytest

from customers.imports.columns import find_field
from customers.imports.contact_values import split_emails, split_phones


@pytest.mark.parametrize(
    "text",
    [
        *("+49 (0)351/4567890", "+49 2151/987654", "0043 662/123456", "035204/123456"),
        *("+49 2151 / 987654", "0049 (0)35204/123456", "0351/4567890", "+49 351/4567890-12"),
    ],
)
def test_a_slash_behind_an_area_code_is_a_part_of_the_number(text: str) -> None:
    assert split_phones(text) == [(text, "")]


def test_a_slash_between_two_numbers_parts_them() -> None:
    for text in (
        *("07700 900141/020 7946 0141", "+49 351/4567890/+49 170 1234567", "555-1234 / 555-9876"),
        *("030 1234567/0171 2345678", "602-555-0111/602-555-0112", "0351/4567890 / 0171/1234567"),
        "+1 602 555 0111/602 555 0112",
    ):
        found = [number for number, _label in split_phones(text)]
        assert len(found) == 2, text
        assert sorted("".join(found)) == sorted(text.replace(" / ", "/").replace("/", "", 1)), text


def test_an_address_in_angle_brackets_is_no_markup(read: Any) -> None:
    for letter in ("a", "b", "i", "p", "u", "em"):
        for text in (
            f"Bob Smith <{letter}.smith@x.org>",
            f"<{letter}-s@x.org>",
            f"<{letter}@x.org>",
        ):
            (row,) = read(f"First,Email\nBob,{text}\n")
            assert row == {"first_name": "Bob", "email": text.split("<")[1].strip(">")}, text
    (row,) = read('First,Email\n<b>Bob</b><br/>,"<a href=""mailto:b@x.org"">b@x.org</a>"\n')
    assert row == {"first_name": "Bob", "email": "b@x.org"}


def test_addresses_with_and_without_brackets_are_all_read() -> None:
    assert split_emails("Ann <ann@x.org>; bob@y.org") == ["ann@x.org", "bob@y.org"]
    assert split_emails("bob@y.org, Ann @ Work <mailto:ann@x.org>") == ["bob@y.org", "ann@x.org"]


def test_every_consent_to_a_newsletter_is_read(read: Any) -> None:
    for heading, cell, wish in (
        ("Newsletter opt out", "yes", False),
        ("Unsubscribed from newsletter", "yes", False),
        ("Newsletter opt in", "yes", True),
        ("Acme Newsletter", "no", False),
        ("Newsletter subscription status", "subscribed", True),
        ("Marketing permission", "granted", True),
        ("Studio Nine opt-in", "no", False),
        ("Receive promotions", "no", False),
        ("Accepts promotions and offers", "yes", True),
        ("Opt in to marketing emails", "yes", True),
        ("Client email promotions", "no", False),
    ):
        (row,) = read(f"First,{heading}\nAnn,{cell}\n")
        assert row.get("preferences") == {"marketing_opt_in": wish}, heading
    assert find_field("Letter opt out") is None


def test_what_only_sounds_like_a_consent_is_none(read: Any) -> None:
    for heading in (
        *("Promotions Used", "Email Campaigns Received", "Adopting", "Adopted in", "Shop TIN"),
        *(
            "Newsletters Received",
            "Promotions redeemed",
            "Email offers count",
            "SMS Campaigns Sent",
        ),
        *("Promotions code", "Newsletter opt in date", "Email Marketing Campaigns"),
    ):
        assert find_field(heading) is None, heading
        for cell in ("1", "0", "5"):
            (row,) = read(f"First,{heading}\nAnn,{cell}\n")
            assert row == {"first_name": "Ann"}, heading
