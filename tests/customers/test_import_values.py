"""Values of exports that the import once read wrongly or dropped silently."""

import json
from typing import Any
from uuid import uuid4

import pytest

from config.tenancy.ids import show_id
from customers.imports.columns import find_field
from customers.imports.contact_values import split_emails, split_phones
from customers.imports.shown_cells import as_shown
from customers.models.contact_points import MOST_POINTS


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


def test_names_and_initials_behind_a_comma_are_first_names(read: Any) -> None:
    for whole, first, last in (
        ("de Vries, J.P.", "J.P.", "de Vries"),
        ("de Vries, M.D.", "M.D.", "de Vries"),
        ("García López, M.", "M.", "García López"),
        ("van der Berg, ANNE", "ANNE", "van der Berg"),
        ("van den Berg, A.B.", "A.B.", "van den Berg"),
        ("van den Berg, Jr.", "van", "den Berg Jr."),
        ("Bob Smith, M.D.", "Bob", "Smith"),
        ("Bob Smith, LPC", "Bob", "Smith"),
        ("Bob Smith, PhD", "Bob", "Smith"),
    ):
        (row,) = read(f'Full Name,Email\n"{whole}",a@x.org\n')
        assert (row["first_name"], row["last_name"]) == (first, last), whole
    for whole in ("Jr. " * 20_000, "x, Jr" * 20_000, "Ann" + ", PhD" * 20_000):
        (row,) = read(f'Full Name,Email\n"{whole}",a@x.org\n')
        assert row.startswith("Full Name: "), whole[:9]


def test_a_number_of_a_workbook_that_has_lost_digits_is_no_id(read: Any) -> None:
    assert as_shown(123456789012345.0, "General") == "123456789012345"
    for number in (1234567890123460.0, 1e15, 1.2345678901234568e19):
        (refused,) = read(f"Customer ID,First\n{as_shown(number, 'General')},Ann\n")
        assert "is a number of which a spreadsheet kept only 15 of" in refused, number


def test_a_year_at_the_edge_of_the_calendar_is_in_no_birthday(read: Any) -> None:
    days = ("0001-01-01", "1900-01-00", "1900-01-01", "1900-12-31", "3000-01-01", "9999-12-31")
    for text in (*days, "01/01/0001", "31/12/9999", "31.12.9999", "31 Dec 9999", "-infinity"):
        (row,) = read(f"Email,Birthday\nbob@x.org,{text}\n")
        assert row["email"] == "bob@x.org", text
        # A placeholder year means that the year is unknown.
        assert row.get("birthday", "--")[:2] == "--", text
    (row,) = read("Email,Birthday\nbob@x.org,1901-01-01\n")
    assert row["birthday"] == "1901-01-01"


def test_six_digits_are_no_birthday(read: Any) -> None:
    for text in ("200175", "1990413", "1990 04 1"):
        (row,) = read(f"First,DOB\nAnn,{text}\n")
        assert "birthday" not in row, text
        assert row["left"][0].startswith(f"DOB: “{text}” is no date"), text


def test_a_row_with_a_cell_too_many_is_refused_though_its_last_cell_is_blank(read: Any) -> None:
    shifted, whole, longer = read(
        "First,Street,City,Email,\nAnn,1 High St, Flat 2,Leeds,ann@x.org,\nBob,,,b@x.org,\n"
        "Cy,,,c@x.org,,,\n"
    )
    assert shifted == "The row has 5 columns where the heading has 4."
    assert whole == {"first_name": "Bob", "email": "b@x.org"}
    assert longer == {"first_name": "Cy", "email": "c@x.org"}


def test_more_numbers_than_a_customer_can_have_are_counted_and_left_out(read: Any) -> None:
    numbers = [f"0{number:09}" for number in range(1, 3_001)]
    emails = [f"a{number}@x.org" for number in range(3_000)]
    given = json.dumps({"first_name": "Ann", "phone": numbers, "email": emails})
    (row,) = read(given + "\n", "given.ndjson")
    assert len(row["contact_points"]) == 2 * (MOST_POINTS - 1)
    told = f"2,950 more were left out: a customer has at most {MOST_POINTS}."
    assert row["left"] == [f"email: {told}", f"phone: {told}"]


def test_a_rounded_number_of_our_own_export_is_left_out_and_told(read: Any) -> None:
    rounded, whole = read(
        "regulars_id,external_id,first_name,phone,other_phones\n"
        f"{show_id('cust_', uuid4())},7.21045E+12,Ann,4.47911E+11,\n"
        f"{show_id('cust_', uuid4())},10.0,Bob,4.47911123456E+11,1.5E+3\n"
    )
    assert {*rounded} == {"first_name", "known_as", "left"}
    assert [one.split(" is a number")[0] for one in rounded["left"]] == [
        "external_id: “7.21045E+12”", "phone: “4.47911E+11”"
    ]  # fmt: skip
    assert (whole["external_id"], whole["phone"]) == ("10.0", "447911123456")
    assert whole["contact_points"] == [["phone", "1.5E+3", "other"]]


def test_usual_headings_of_further_languages_are_read(read: Any) -> None:
    for text in (
        "Förnamn;Efternamn;E-post;Postnummer\nÅsa;Öberg;a@x.org;111 22\n",
        "Fornavn;Etternavn;E-postadresse;Postnr\nÅsa;Öberg;a@x.org;111 22\n",
        "Imię;Nazwisko;Adres e-mail;Kod pocztowy\nÅsa;Öberg;a@x.org;111 22\n",
        "Имя;Фамилия;Эл. почта;Индекс\nÅsa;Öberg;a@x.org;111 22\n",
        "名;姓;メールアドレス;郵便番号\nÅsa;Öberg;a@x.org;111 22\n",
        "이름;이메일;우편번호\nÅsa Öberg;a@x.org;111 22\n",
        "姓名;邮箱;邮编\nÅsa Öberg;a@x.org;111 22\n",
    ):
        assert read(text) == [
            {
                "first_name": "Åsa", "last_name": "Öberg", "email": "a@x.org",
                "address": {"postal_code": "111 22"},
            }
        ], text  # fmt: skip


def test_headings_with_a_channel_in_brackets_or_two_words_are_read(read: Any) -> None:
    (row,) = read(
        "First,Mobile/Cell,City,ZIP / Postal,Marketing (Email),Marketing (SMS)\n"
        "Ann,07700 900001,Leeds,LS1 1AA,Opted in,Opted out\n"
    )
    assert row == {
        "first_name": "Ann", "phone": "07700 900001",
        "address": {"city": "Leeds", "postal_code": "LS1 1AA"},
        "preferences": {"marketing_opt_in": True, "sms_marketing_opt_in": False},
    }  # fmt: skip
