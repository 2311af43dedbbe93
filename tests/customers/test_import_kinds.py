"""Each kind of damage and habit in exports, tested on small files."""

from pathlib import Path
from typing import Any

import pytest
from rest_framework.exceptions import ValidationError

from customers.imports import guess_mapping, left_out, open_table
from customers.imports.fields import MANY
from customers.imports.limits import ImportedCustomer, Limits


def test_a_column_of_accounts_or_owners_or_one_that_repeats_is_no_id(read: Any) -> None:
    for heading in ("Account ID", "OwnerId", "company_id", "Sales Rep Contact Id", "Household ID"):
        assert guess_mapping([heading, "Email"]) == {"Email": "email"}, heading
    for heading in ("Some Shop Customer ID", "crm_contact_id", "Kundennr.", "Code client"):
        assert guess_mapping([heading, "Email"])[heading] == "external_id", heading
    text = (
        "Customer ID,Client No,First,Email\n7,A1,Ann,a@x.org\n7,A2,Bob,b@x.org\n8,A3,Cy,c@x.org\n"
    )
    assert [row["external_id"] for row in read(text)] == ["A1", "A2", "A3"]
    text = "Customer ID,First,Email\n7,Ann,a@x.org\n7,Ann,a@x.org\n8,Cy,c@x.org\n"
    assert [row["external_id"] for row in read(text)] == ["7", "7", "8"]


def test_the_first_filled_phone_and_email_is_the_main_one_and_the_others_are_kept(
    read: Any,
) -> None:
    (row,) = read(
        "Name,Email,Email 2,Work Email,Phone,Mobile,Home Phone\n"
        "Ann Lee,,a@x.org,A@X.org; w@x.org,,07700 900123,020 7946 0001 / 020 7946 0002\n"
    )
    assert (row["email"], row["phone"]) == ("a@x.org", "07700 900123")
    assert row["contact_points"] == [
        ["email", "w@x.org", "work"],
        ["phone", "020 7946 0001", "home"],
        ["phone", "020 7946 0002", "home"],
    ]


def test_a_number_that_a_spreadsheet_has_held_is_read_where_no_digit_is_lost(read: Any) -> None:
    rows = read(
        "Customer ID,First,Phone,Zip\n"
        "1001.0,A,2079460123.0,'02134\n"
        '="00017",B,"=""02079460123""",="02134"\n'
        "'0018,C,'+442079460123,2134.0\n"
        "1.001E+03,D,4.47911123456E+11,8901\n"
    )
    assert [(row["external_id"], row["phone"]) for row in rows] == [
        ("1001", "2079460123"), ("00017", "02079460123"), ("0018", "+442079460123"),
        ("1001", "447911123456"),
    ]  # fmt: skip
    assert [row["address"]["postal_code"] for row in rows] == ["02134", "02134", "2134", "8901"]
    (row,) = read('First,Email,Phone\nAnn,a@x.org,"4,4791E+11"\n')
    assert "phone" not in row
    assert row["left"] == [
        "Phone: “4,4791E+11” is a number of which a spreadsheet kept only 5 of 12 digits."
        " Copy the whole number from where it came."
    ]
    (refused,) = read("Customer ID,First\n1.23E+11,Ann\n")
    assert refused.startswith("Customer ID: “1.23E+11” is a number of which")


def test_whoever_declines_anywhere_has_declined(read: Any) -> None:
    for heading, cell, wish in (
        ("Email Opt-In", "Subscribed", True),
        ("Newsletter", "ja", True),
        ("Accepts Marketing", "x", True),
        ("Marketing Consent", "never subscribed", False),
        ("Email Subscription Status", "UNSUBSCRIBED", False),
        ("HasOptedOutOfEmail", "1", False),
        ("HasOptedOutOfEmail", "0", None),
        ("Do Not Email", "yes", False),
        ("Unsubscribed At", "2024-03-01 10:00", False),
        ("Unsubscribed", "", None),
        ("Désabonné", "oui", False),
        ("Status", "Unsubscribed", False),
        ("Subscription Status", "cancelled", None),
        ("Email Promotions", "No", False),
        ("Has unsubscribed from e-mails", "TRUE", False),
        ("Unsubscribe reason", "too many", None),
        ("Opt-in date", "2024-03-01", None),
    ):
        (row,) = read(f"First,{heading}\nAnn,{cell}\n")
        assert row.get("preferences", {}).get("marketing_opt_in") is wish, (heading, cell)
    (row,) = read("First,Newsletter,Do Not Email,SMS Opt Out,Do Not Call\nAnn,yes,yes,yes,1\n")
    assert row["preferences"] == {
        "marketing_opt_in": False,
        "sms_marketing_opt_in": False,
        "phone_marketing_opt_in": False,
    }
    for heading, cell in (("Newsletter", "2024-03-01"), ("Opt Out", "perhaps")):
        (refused,) = read(f"First,{heading}\nAnn,{cell}\n")
        assert refused == (
            f"{heading}: “{cell}” does not say whether this customer agrees to be sent offers."
            " Write yes or no."
        )


def test_a_bad_email_does_not_cost_the_row(read: Any) -> None:
    row, refused, numbered = read("Id,First,Email\n,Ann,ann@\n,,bob\n7,,bob\n")
    assert numbered == refused
    assert row == {
        "first_name": "Ann", "left": ["Email: “ann@” is not an e-mail address and was left out."]
    }  # fmt: skip
    assert refused == "Email: “bob” is not an e-mail address and was left out."


def test_placeholders_are_absent_and_people_may_be_called_so(read: Any) -> None:
    for text in ("N/A", "-", "none", "TBC", "#N/A", "null", "unknown"):
        (row,) = read(f"First,Last,Email,Phone,City\nAnn,Null,{text},{text},{text}\n")
        assert row == {"first_name": "Ann", "last_name": "Null"}, text
    (row,) = read("First,Last,Phone,Email\nNone,-,0000000000,n/a\n")
    assert row == {"first_name": "None"}


def test_titles_totals_and_repeated_headings_are_no_customers(read: Any, tmp_path: Path) -> None:
    text = (
        "Studio Nine\nAll clients, by name\n\nFirst,Last,Phone,Phone\nAnn,Lee,1,2\n"
        "First,Last,Phone,Phone\nBob,Ray,3,\nTotal,,2,\nTotal clients: 2,,,\nPage 1 of 1,,,\n"
    )
    ann, bob, total, *footers = read(text)
    assert footers == [total, total]
    assert (ann["phone"], ann["contact_points"]) == ("1", [["phone", "2", ""]])
    assert bob == {"first_name": "Bob", "last_name": "Ray", "phone": "3"}
    assert total == "This line is a total or a footer, not a customer."
    table = open_table(tmp_path / "given.csv")
    assert table.headings == ("First", "Last", "Phone", "Phone (2)")
    assert table.notices == ["The 3 lines above the headings were left out."]


def test_rows_of_other_widths_are_read_where_their_cells_are_sure(read: Any) -> None:
    short, beyond, shifted, cut = read(
        "First,Last,Email,Phone,,\nAnn,Lee,a@x.org\nBob,Ray,b@x.org,1,extra,\n"
        "Cy,Fox,c@x.org,1,2,3,4\nDi\n"
    )
    assert short == {"first_name": "Ann", "last_name": "Lee", "email": "a@x.org"}
    assert beyond["left"] == ["“extra” stands under no heading and was left out."]
    assert shifted == "The row has 7 columns where the heading has 4."
    assert cut == "The row has 1 column where the heading has 4."
    bare, escaped, open_ = read(
        'First,Company\nAnn,"Joe "JJ" Spa"\nBob,"The \\"Best\\" Spa"\nCy,"Open\n'
    )
    assert (bare["name"], escaped["name"]) == ('Joe "JJ" Spa', 'The "Best" Spa')
    assert open_.startswith("A quotation mark is not closed")


LANGUAGES = {
    "Kundennr.;Vorname;Name;Straße;PLZ;Ort;Land;Telefon;E-Mail;Geburtsdatum;Bemerkung": "de",
    "N° client;Prénom;Nom;Adresse;Code postal;Ville;Pays;Téléphone;Courriel;Date de naissance;"
    "Remarques": "fr",
    "ID cliente;Nombre;Apellidos;Dirección;Código postal;Ciudad;País;Teléfono;Correo electrónico;"
    "Fecha de nacimiento;Observaciones": "es",
    "Codice cliente;Nome;Cognome;Indirizzo;CAP;Città;Paese;Telefono;E-mail;Data di nascita;"
    "Note": "it",
    "Klantnummer;Voornaam;Achternaam;Straat;Postcode;Plaats;Land;Telefoonnummer;E-mailadres;"
    "Geboortedatum;Opmerkingen": "nl",
    "ID cliente;Nome;Sobrenome;Morada;Código postal;Cidade;País;Telemóvel;E-mail;"
    "Data de nascimento;Observações": "pt",
}


@pytest.mark.parametrize("headings", LANGUAGES)
def test_headings_of_seven_languages_are_known(read: Any, headings: str) -> None:
    cells = "7;Zoé;Lefèvre;1 rue X;01000;Bourg;France;01 23 45 67 89;z@x.org;04.03.1990;amie"
    (row,) = read(f"{headings}\n{cells}\n")
    assert row == {
        "external_id": "7", "first_name": "Zoé", "last_name": "Lefèvre", "email": "z@x.org",
        "phone": "01 23 45 67 89", "birthday": "1990-03-04", "note": "amie",
        "address": {
            "street": "1 rue X", "postal_code": "01000", "city": "Bourg", "country": "France"
        },
    }  # fmt: skip


def test_names_are_read_as_their_languages_have_them(read: Any) -> None:
    for whole, first, last in (
        ("Dr. Jane Goodall", "Jane", "Goodall"),
        ("Frau Müller", "", "Müller"),
        ("Mme Zoé Lefèvre", "Zoé", "Lefèvre"),
        ("Martin Luther King Jr.", "Martin Luther", "King Jr."),
        ("Ray Ellis III", "Ray", "Ellis III"),
        ('"King, Martin Luther, Jr."', "Martin Luther", "King Jr."),
        ('"Moe Hall, DTM"', "Moe", "Hall"),
        ("山田 太郎", "太郎", "山田"),
        ("김민수", "민수", "김"),
        ("남궁민", "민", "남궁"),
        ("황보라", "보라", "황"),
        ("선우은숙", "은숙", "선우"),
        ("스튜디오", "스튜디오", ""),
        ("王小明", "小明", "王"),
        ("张伟", "伟", "张"),
        ("張偉", "偉", "張"),
        ("欧阳娜娜", "娜娜", "欧阳"),
        ("歐陽修", "修", "歐陽"),
        ("田中太郎", "太郎", "田中"),
        ("高橋誠", "誠", "高橋"),
        ("佐々木希", "希", "佐々木"),
        ("未知某", "未知某", ""),
        ("Kovács Zoltán", "Zoltán", "Kovács"),
        ("Jean-Luc  Picard", "Jean-Luc", "Picard"),
        ("Zoé LEFEVRE", "Zoé", "LEFEVRE"),
        ("ANN LEE", "ANN", "LEE"),
        ("JD Vance", "JD", "Vance"),
        ("Mr & Mrs Smith", "", "Smith"),
        ("O'Brien PhD", "O'Brien", ""),
    ):
        (row,) = read(f"Full Name,Email\n{whole},a@x.org\n")
        assert (row.get("first_name", ""), row.get("last_name", "")) == (first, last), whole
    for heading in ("Nom et prénom", "Last name, first name"):
        rows = read(f'"{heading}";Email\nLEFEVRE Zoé;\nDE LA TOUR Jean;\nLee Ann;\n')
        assert [(row["first_name"], row["last_name"]) for row in rows] == [
            ("Zoé", "LEFEVRE"), ("Jean", "DE LA TOUR"), ("Ann", "Lee")
        ]  # fmt: skip
    (row,) = read("Full Name,Country\nSzentgyörgyvölgyi Boldizsár,Hungary\n")
    assert (row["first_name"], row["last_name"]) == ("Boldizsár", "Szentgyörgyvölgyi")
    (row,) = read("Name,Email\nProf. Dr. Ann Lee,a@x.org\n")
    assert row["left"] == [
        "Name: “Prof.” was taken for a title and left out.",
        "Name: “Dr.” was taken for a title and left out.",
    ]  # fmt: skip


def test_organisations_are_known_by_column_flag_or_ending(read: Any) -> None:
    for name in (
        *("Müller GmbH", "Cool Cars Ltd", "Aurora S.r.l.", "Bakker B.V.", "Dupont SARL", "Lee LLC"),
        *('"Acme, Inc."', "Price & Co", "Sol S.L.", "Rio Lda", "株式会社田中"),
    ):
        (row,) = read(f"Name,Email\n{name},a@x.org\n")
        assert row["name"] == name.strip('"')
        assert "first_name" not in row
    company, person = read("Name,Customer Type\nAurora Shelves,Company\nAnn Ltd,Individual\n")
    assert company == {"name": "Aurora Shelves"}
    assert person == {"first_name": "Ann", "last_name": "Ltd"}
    (row,) = read("Name,Company,Business Name\nCool Cars,Cool Cars,Other Cars\n")
    assert row == {
        "name": "Cool Cars",
        "left": ["Business Name: “Other Cars” was left out: the organisation is “Cool Cars”."],
    }


def test_further_addresses_are_kept_and_repeated_ones_are_not(read: Any) -> None:
    heading = "First,Home Street,Home City,Work Street,Work City,Billing Street,Billing City"
    (row,) = read(f"{heading}\nAnn,1 High St,Leeds,2 Low St,York,1 High St,Leeds\n")
    assert row["address"] == {"street": "1 High St", "city": "Leeds"}
    assert row["addresses"] == [{"street": "2 Low St", "city": "York", "label": "work"}]
    (row,) = read("First,Post Town,Country Code\nAnn,Leeds,+44\n")
    assert row["address"] == {"city": "Leeds"}
    assert row["left"] == ["Country Code: “+44” is not a country and was left out."]
    (row,) = read('First,Address\nAnn,"1 High St\nFlat 2\nLeeds\nLS1 1AA"\n')
    assert row["address"] == {
        "street": "1 High St", "sub_premise": "Flat 2", "city": "Leeds", "postal_code": "LS1 1AA"
    }  # fmt: skip


def test_headings_name_an_address_or_a_number_before_or_behind_them(read: Any) -> None:
    (row,) = read(
        "Vorname;Straße privat;Ort privat;Rechnungs-PLZ;Straße (Work);Night Phone;Telefon privat;"
        "Emergency Phone;E-Mail geschäftlich\n"
        "Jörg;Weg 1;Dresden;01067;Markt 2;0351 1234567;0351 7654321;112;j@x.org\n"
    )
    assert row == {
        "first_name": "Jörg", "email": "j@x.org", "phone": "0351 7654321",
        "address": {"street": "Weg 1", "city": "Dresden"},
        "addresses": [
            {"postal_code": "01067", "label": "billing"}, {"street": "Markt 2", "label": "work"}
        ],
        "contact_points": [["phone", "0351 1234567", ""]],
    }  # fmt: skip


def test_headings_name_whose_they_are_and_objects_hold_values(read: Any) -> None:
    (row,) = read(
        "Guest Name,Guest Email,Student Phone,PLZ/Ort\nAnn Lee,a@x.org,12,01067 Dresden\n"
    )
    assert row == {
        "first_name": "Ann", "last_name": "Lee", "email": "a@x.org", "phone": "12",
        "address": {"postal_code": "01067", "city": "Dresden"},
    }  # fmt: skip
    (row,) = read(
        '{"name": {"first": "Ann", "last": "Lee"}, "emails": ["a@x.org", "b@x.org"],'
        ' "phones": [{"number": "12"}], "tags": ["x", "y"]}',
        "given.ndjson",
    )
    assert row == {
        "first_name": "Ann", "last_name": "Lee", "email": "a@x.org", "phone": "12",
        "contact_points": [["email", "b@x.org", ""]], "tags": ["x", "y"],
    }  # fmt: skip


def test_a_birthday_is_read_where_its_order_can_be_known(read: Any) -> None:
    for text, birthday in (
        ("1988-02-29", "1988-02-29"), ("29/02/1988", "1988-02-29"), ("2/29/1988", "1988-02-29"),
        ("4 Mar 1990", "1990-03-04"), ("04.03.1990", "1990-03-04"), ("06/21", "--06-21"),
        ("1604-02-29", "--02-29"), ("19880229", "1988-02-29"), ("1988-02-29 0:00", "1988-02-29"),
    ):  # fmt: skip
        (row,) = read(f"First,DOB\nAnn,{text}\n")
        assert row["birthday"] == birthday, text
    for text in ("03/04/1990", "30/02/1990", "spring", "3/4/90"):
        (row,) = read(f"First,DOB\nAnn,{text}\n")
        assert "birthday" not in row
        assert row["left"][0].startswith(f"DOB: “{text}”"), text


def test_one_date_says_of_its_column_whether_the_day_or_the_month_comes_first(read: Any) -> None:
    def births(*texts: str, heading: str = "DOB") -> list[str]:
        rows = read("\n".join([f"First,{heading}", *(f"Ann,{text}" for text in texts), ""]))
        return [row.get("birthday", "") for row in rows]

    assert births("03/04/1990", "25/12/1991") == ["1990-04-03", "1991-12-25"]
    assert births("12/25/1991", "03/04/1990", "1/2") == ["1991-12-25", "1990-03-04", "--01-02"]
    assert births("03/04/1990", "1991-12-25", "5.6.1992", "7/7/1993") == [
        "", "1991-12-25", "1992-06-05", "1993-07-07"
    ]  # fmt: skip
    assert births("03/04/1990", "25/12/1991", "12/25/1991") == ["", "1991-12-25", "1991-12-25"]
    assert births("03/04/1990", "13/13/1991") == ["", ""]
    assert births("03/04/1990", heading="DOB (dd/mm/yyyy)") == ["1990-04-03"]
    assert births("03/04/1990", heading="Date of Birth MM-DD-YYYY") == ["1990-03-04"]
    far = ["03/04/1990", *["1991-12-25"] * 1_500, "25/12/1991"]
    assert births(*far)[0] == "1990-04-03", "the one that decides may stand anywhere"


def test_tags_and_notes_are_read(read: Any) -> None:
    (row,) = read('First,Tags,Labels,Notes,Memo\nAnn,"""VIP"",""Blog""",vip ::: * myContacts,a,b\n')
    assert (row["tags"], row["note"]) == (["VIP", "Blog"], "a\nb")


def test_nothing_that_is_recognised_is_dropped_without_a_word() -> None:
    headings = ["First Name", "First", "Email", "Mail", "City", "Home City", "Fax", "Phone"]
    mapping = guess_mapping(headings)
    assert left_out(headings, mapping) == ["First", "Fax"]
    assert {field for field in mapping.values() if [*mapping.values()].count(field) > 1} <= MANY


def test_invisible_letters_markup_and_misread_letters_are_mended(read: Any) -> None:
    (row,) = read(
        "First,Last,Email,Phone\n"
        "\u200b<b>ZoÃ«</b>,O&#39;Neil,\u200bz@x.org\u00a0,\u202d020 7946\u202c\n"
    )
    assert row == {
        "first_name": "Zoë", "last_name": "O'Neil", "email": "z@x.org", "phone": "020 7946"
    }  # fmt: skip


def test_long_cells_are_read_in_no_time(read: Any) -> None:
    """A backtracking regular expression would take exponential time on such a cell."""
    headings = "First,Email,Phone,Address,Tags,DOB,Company,Notes"
    for cell in (" " * 60_000, "<" + "@" * 60_000, "1" + " " * 60_000 + "x", "a\n" * 30_000):
        for text in (f"1{cell}1", f"a@{cell}", f"01/{cell}"):
            (row,) = read(headings + "\nAnn" + f',"{text}"' * 7 + "\n")
            assert row
    (row,) = read(f'First,Company\nAnn,"{"x " * 50_000}" y"\n')
    assert row.startswith("A quotation mark is not closed")


def test_a_row_that_looks_ordinary_is_held_to_the_same_limits() -> None:
    shape, limits = ImportedCustomer(), Limits(ImportedCustomer())
    for given in (
        {"first_name": "Ann", "street": "1 High St", "address_label": "home", "is_active": True},
        {"phone": "4111111111111111", "preferences": {"marketing_opt_in": False}},
        {"note": "two\nlines", "name": "Æther & Söhne", "country": "GB"},
        {"name": "4111 1111 1111 1111"},
        {"first_name": "A" * 201},
        {"city": "null\0"},
        {"preferences": {"a": {"b": "c"}}},
        {"archived": "perhaps"},
        {"zip": ["E1"]},
    ):
        found = []
        for hold in (shape.run_validation, limits.hold):
            try:
                found.append(str(hold(given)))
            except ValidationError as error:
                found.append(str(error.detail))
        assert found[0] == found[1], given
