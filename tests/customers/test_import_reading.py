"""How an import reads headings, CSV and NDJSON of every kind, and refuses to guess."""

import codecs
import json
import os
from pathlib import Path
from typing import Any

import pytest

from config.errors import Refusal
from customers.imports import guess_mapping, left_out, open_table
from customers.imports.columns import plain
from customers.imports.errors import InvalidRow, UnreadableFile
from customers.imports.fields import EITHER_NAME, HEADINGS
from customers.imports.foreign_headings import FIRST_NAMES, LAST_NAMES
from customers.imports.names import split_name
from customers.imports.records import RecordReader

TEXT = "Id,First Name,E-mail,Zip\n1,José,jose@x.org,00171\n2,Ann,ann@x.org,E1\n"


@pytest.fixture
def read(tmp_path: Path) -> Any:
    """Read bytes or text as a file; return each row's line with its values or its refusal."""

    def rows(data: bytes | str, name: str = "given.csv", encoding: str | None = None) -> Any:
        file = tmp_path / name
        file.write_bytes(data.encode() if isinstance(data, str) else data)
        table = open_table(file, encoding=encoding)
        reader, found = RecordReader(guess_mapping(table.headings)), []
        for row in table.rows():
            try:
                record = reader.read(row)
                found.append((row.line, record.customer | record.address))
            except InvalidRow as refusal:
                found.append((row.line, str(refusal)))
        assert table.count == len(found)
        return found

    return rows


JOSE = {
    "external_id": "1", "first_name": "José", "email": "jose@x.org", "postal_code": "00171"
}  # fmt: skip
ANN = {"external_id": "2", "first_name": "Ann", "email": "ann@x.org", "postal_code": "E1"}


def test_csv_of_every_make_is_read(read: Any) -> None:
    for data in (
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        TEXT.encode("utf-16"),
        TEXT.encode("utf-32"),
        TEXT.replace(",", ";").encode(),
        TEXT.replace(",", "\t").encode(),
        TEXT.replace(",", "|").encode(),
        TEXT.replace(",", ", ").replace("José", '"José"').encode(),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
        TEXT.replace("Zip\n", "Zip,,\n").replace("E1\n", "E1,,\n").encode(),
        TEXT.strip().encode(),
    ):
        assert read(data) == [(2, JOSE), (3, ANN)], data
    assert read("sep=;\r\n" + TEXT.replace(",", ";")) == [(3, JOSE), (4, ANN)]


def test_quoted_newlines_and_blank_lines_count_as_lines(read: Any) -> None:
    found = read('\nfirst,street\nAnn,"1 High St\nLeeds"\n\n , \nBob,"a ""b"""\n')
    assert found == [
        (3, {"first_name": "Ann", "street": "1 High St\nLeeds"}),
        (7, {"first_name": "Bob", "street": 'a "b"'}),
    ]


def test_a_named_encoding_is_taken_at_its_word(read: Any) -> None:
    for name in ("latin-1", "cp1252"):
        assert read(TEXT.encode(name), encoding=name)[0] == (2, JOSE)
    with pytest.raises(Refusal, match="There is no encoding “klingon”; try utf-8"):
        read(TEXT, encoding="klingon")
    with pytest.raises(Refusal, match="There is no encoding “base64”"):
        read(TEXT, encoding="base64")
    with pytest.raises(Refusal, match=r"Line 2 of given\.csv is not utf-8\."):
        read(TEXT.encode("latin-1"), encoding="utf-8")


NO_HEADINGS = "The first line of given.csv has no column headings. Save the file as CSV."
NOT_QUOTED = "A quotation mark is not closed, or stands inside a cell without being doubled."


def test_a_file_that_cannot_be_read_is_refused_whole(read: Any) -> None:
    for data, sentence in (
        (b"", "given.csv is empty."),
        (b"\n \r\n", "given.csv is empty."),
        (
            TEXT.encode("latin-1"),
            "Line 2 of given.csv is not UTF-8. Save the file as UTF-8, or name its encoding:"
            " latin-1 or cp1252, for example.",
        ),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "given.csv is not a text file."),
        (
            b"PK\x03\x04",
            "given.csv is a workbook that cannot be opened. Save it again as XLSX, or as CSV.",
        ),
        (b'"first\n', NO_HEADINGS),
        (b"x" * 10_000_000, NO_HEADINGS),
        (
            b'[{"email": "a@x.org"}]',
            "given.csv is one JSON list: write each customer's object on a line of its own.",
        ),
    ):
        with pytest.raises(UnreadableFile) as refusal:
            read(data)
        assert str(refusal.value) == sentence
    with pytest.raises(UnreadableFile, match=r"Line 20002 of given\.csv is not UTF-8"):
        read(b"first\n" + b"Ann\n" * 20_000 + b"Jos\xe9\n")


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, sentence in (
        ("none.csv", f"There is no file {tmp_path}/none.csv."),
        ("", f"{tmp_path} is a folder, not a file."),
        ("pipe", f"{tmp_path}/pipe is not an ordinary file: save what it gives to one."),
        ("n" * 300, f"{tmp_path}/{'n' * 300} cannot be read: File name too long."),
    ):
        with pytest.raises(UnreadableFile) as refusal:
            open_table(tmp_path / name)
        assert str(refusal.value) == sentence


def test_a_broken_row_is_refused_and_the_others_are_read(read: Any) -> None:
    heading, first, second = TEXT.splitlines()
    for row, reason in (
        ("1", "The row has 1 column where the heading has 4."),
        ("1,Ann,,,5", "The row has 5 columns where the heading has 4."),
        ("1,A\0nn,,", "First Name: Null characters are not allowed."),
        ("1," + "A" * 300 + ",,", "First Name: Must have at most 200 characters; got 300."),
        ('1,"Ann,,', NOT_QUOTED),
        ('1,"A"nn,,', NOT_QUOTED),
        (
            '1,"' + "x" * 140_000 + '",,',
            "A cell is longer than 131,072 characters, or a quotation mark is not closed.",
        ),
        ("1," + "x" * 10_000_000 + ",,", "The line is longer than 1,048,576 characters."),
        ('1,"\n' + "x" * 10_000_000 + '",,', "The line is longer than 1,048,576 characters."),
    ):
        found = read("\n".join((heading, first, row, second)))
        assert found == [(2, JOSE), (3, reason), (4 + row.count("\n"), ANN)]


def test_ndjson_is_read_line_by_line(read: Any) -> None:
    lines = [
        {"id": 1, "firstName": "José", "Email": "jose@x.org", "address": {"zip": "00171"}},
        {"id": "2", "first_name": "Ann", "E-mail": "ann@x.org", "address": {"zip": "E1"}},
        {"id": "3", "name": None, "first": "NULL", "city": "NULL", "fax": "1"},
    ]
    text = "\ufeff" + "\n\n".join(map(json.dumps, lines))
    assert read(text, "given.jsonl") == read(text) == [
        (1, JOSE), (3, ANN), (5, {"external_id": "3"})
    ]  # fmt: skip


def test_a_broken_line_of_ndjson_is_refused(read: Any) -> None:
    for line, reason in (
        ("not json", "The line is not JSON: Expecting value at character 1."),
        ("[1]", "The line is not a JSON object."),
        ('{"email": "a@x.org", "email": "b@x.org"}', "The line gives a name twice."),
        ('{"email": NaN}', "The line holds NaN, which is not a number in JSON."),
        ('{"email": ' + "[" * 100_000, "The line cannot be read."),
        ('{"email": ' + "9" * 5000 + "}", "The line cannot be read."),
        ('{"email": true}', "email: Must be text; got “true”."),
        ('{"zip": ["E1"]}', 'zip: Must be text; got “["E1"]”.'),
        ('{"full name": ["E1"]}', 'full name: Must be text; got “["E1"]”.'),
        ('{"first_name": "\\ud800"}', "first_name: Surrogate characters are not allowed: U+D800."),
        (
            '{"firstName": "Ann", "first_name": "Bob"}',
            "Two columns give first_name, and not the same.",
        ),
        ('{"preferences": 5}', "preferences: Must be an object; got “5”."),
        ('{"active": "perhaps"}', "active: Must be true or false; got “perhaps”."),
    ):
        assert read(f'{{"id": "1"}}\n{line}\n{{"id": "2"}}', "given.ndjson")[1] == (2, reason)


def test_usual_headings_are_recognised_and_each_stands_for_one_field() -> None:
    every = [heading for headings in HEADINGS.values() for heading in headings]
    every += EITHER_NAME
    assert len(set(every)) == len(every)
    assert all(plain(heading) == heading for heading in every)
    assert set(every) >= FIRST_NAMES | LAST_NAMES
    for headings, fields in (
        ("CustomerId,FirstName,last_name,Company", "external_id,first_name,last_name,name"),
        ("id,given name,Surname,companyName", "external_id,first_name,last_name,name"),
        ("External ID,id,Mobile,Phone", "external_id,,phone,phone"),
        ("CustomerID,CompanyName,ContactName,ContactTitle", "external_id,name,full_name,"),
        ("CustomerName,ContactName,Region,PostalCode", "name,full_name,state,postal_code"),
        ("customerName,contactFirstName,addressLine2", "name,first_name,sub_premise"),
        ("Name,E-Mail Address,Town,County", "full_name,email,city,state"),
        ("Name,Company,Post code", "full_name,name,postal_code"),
        ("Name,First,Last,Company", "full_name,first_name,last_name,name"),
        ("line,reason,zip", ",,postal_code"),
        ("Notes,,Lead Source", "note,,"),
    ):
        names = headings.split(",")
        pairs = zip(names, fields.split(","), strict=True)
        wanted = {name: field for name, field in pairs if field}
        assert guess_mapping(names) == wanted
        assert set(left_out(names, wanted)) == set(names) - wanted.keys() - {"line", "reason"}


def test_a_whole_name_is_split() -> None:
    for whole, first, last in (
        ("Maria Anders", "Maria", "Anders"),
        ("José Pedro Freyre", "José Pedro", "Freyre"),
        ("Isabel de Castro", "Isabel", "de Castro"),
        ("Ludwig van der Rohe", "Ludwig", "van der Rohe"),
        ("de Castro", "de", "Castro"),
        ("Castro, Isabel", "Isabel", "Castro"),
        ("Cher", "Cher", ""),
        ("Tom Null", "Tom", "Null"),
    ):
        assert split_name(whole) == (first, last)


def test_null_is_absent_and_a_person_may_be_called_so(read: Any) -> None:
    found = read("first,last,company,city,zip\nNULL,Null,NULL,null,'NULL\n")
    person = {"first_name": "NULL", "last_name": "Null", "postal_code": "NULL"}
    assert found == [(2, person)]
    # A name that repeats the person's name is no organisation.
    found = read("Name,First,Last\nANN SMITH,Ann,Smith\nAcme,Ann,Smith\nAcme,,\n")
    assert [row.get("name") for _, row in found] == [None, "Acme", "Acme"]
    assert read("Company,First,Last\nAnn Smith,Ann,Smith\n")[0][1]["name"] == "Ann Smith"
