"""Import of workbooks (XLSX) and contact cards (vCard): readers, limits and copies."""

import io
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from customers.imports import open_table, recognise_columns, xlsx_limits, xlsx_table
from customers.imports.errors import UnreadableFile
from customers.imports.records import RecordReader
from customers.imports.tables import LONGEST_LINE, Table
from tests.customers.test_import_files import as_shown


def workbook(path: Path, *sheets: tuple[str, list[list[Any]]]) -> Path:
    """Write a workbook; a cell is a value, or a value with its number format."""
    with xlsxwriter.Workbook(path, {"strings_to_numbers": False}) as book:
        for name, rows in sheets:
            sheet = book.add_worksheet(name)
            for line, row in enumerate(rows):
                for at, cell in enumerate(row):
                    value, form = cell if isinstance(cell, tuple) else (cell, "")
                    style = book.add_format({"num_format": form}) if form else None
                    if isinstance(value, date):
                        sheet.write_datetime(line, at, value, style)
                    elif value is not None:
                        sheet.write(line, at, value, style)
    return path


def read(table: Table) -> list[dict[str, Any]]:
    reader = RecordReader(recognise_columns(table))
    return [as_shown(reader.read(row)) for row in table.rows()]


def test_a_sheet_is_read_as_its_cells_are_shown(tmp_path: Path) -> None:
    rows = [
        ["Clients of Studio Nine"],
        [],
        ["First", "Last", "Phone", "Zip", "Birthday", "Customer ID", "Newsletter"],
        [
            "Ann",
            "Lee",
            447911123456,
            (2134, "00000"),
            (datetime(1988, 2, 29), "dd/mm/yyyy"),
            1001,
            True,
        ],
        [],
        ["Bo", "Ray", (2065550143, "(000) 000-0000"), "SW1A 1AA", "1990-04-13", 1002.0, False],
        ["Total", 2],
    ]
    table = open_table(workbook(tmp_path / "clients.xlsx", ("Clients", rows)))
    assert (table.count, table.notices) == (3, ["The 2 lines above the headings were left out."])
    *people, total = table.rows()
    assert (total.line, total.problem) == (7, "This line is a total or a footer, not a customer.")
    reader = RecordReader(recognise_columns(table))
    assert [as_shown(reader.read(row)) for row in people] == [
        {
            "line": 4, "external_id": "1001", "first_name": "Ann", "last_name": "Lee",
            "phone": "447911123456", "birthday": "1988-02-29", "address": {"postal_code": "02134"},
            "preferences": {"marketing_opt_in": True},
        },
        {
            "line": 6, "external_id": "1002", "first_name": "Bo", "last_name": "Ray",
            "phone": "(206) 555-0143", "birthday": "1990-04-13",
            "address": {"postal_code": "SW1A 1AA"}, "preferences": {"marketing_opt_in": False},
        },
    ]  # fmt: skip


def test_the_first_sheet_with_customers_is_read_and_the_others_are_named(tmp_path: Path) -> None:
    sheets = [
        ("Read me", [["This workbook holds our clients."]]),
        ("Invoices", [["Invoice", "Customer", "Amount"], ["1", "Ann", "9"]]),
        ("Clients", [["First", "Email"], ["Ann", "a@x.org"]]),
        ("Old", [["First", "Email"], ["Bob", "b@x.org"]]),
    ]
    table = open_table(workbook(tmp_path / "clients.xlsx", *sheets))
    assert [row["first_name"] for row in read(table)] == ["Ann"]
    assert table.notices == [
        "The sheet “Clients” was read. Sheets left out: “Read me”, “Invoices”, “Old”."
    ]


def archive(path: Path, **parts: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in parts.items():
            out.writestr(name.replace("__", "/").replace("_xml", ".xml"), data)
    return path


def test_an_archive_that_is_no_workbook_or_a_damaged_one_is_refused(tmp_path: Path) -> None:
    cut = workbook(tmp_path / "whole.xlsx", ("A", [["First"], ["Ann"]])).read_bytes()[:2000]
    for data, words in (
        (b"PK\x03\x04xxxx", "cannot be opened"),
        (cut, "cannot be opened"),
        (archive(tmp_path / "a.zip", readme=b"x").read_bytes(), "is an archive, not a workbook"),
        (archive(tmp_path / "b.zip", xl__workbook_xml=b"<x").read_bytes(), "cannot be opened"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "of an old format or has a password"),
    ):
        file = tmp_path / "given.xlsx"
        file.write_bytes(data)
        with pytest.raises(UnreadableFile, match=words) as refusal:
            open_table(file)
        assert str(refusal.value).startswith("given.xlsx ")


def test_a_workbook_that_would_be_too_large_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*given: Any, **options: Any) -> None:
        raise AssertionError("it is opened")

    monkeypatch.setattr(xlsx_table, "load_workbook", never)
    bomb = archive(
        tmp_path / "bomb.xlsx", xl__workbook_xml=b"<x/>", xl__sheet_xml=b"\0" * (51 << 20)
    )
    assert bomb.stat().st_size < 200_000
    with pytest.raises(UnreadableFile, match=r"bomb\.xlsx is 51 MB when it is unpacked, more than"):
        open_table(bomb)


def test_an_archive_that_lies_about_its_size_unpacks_to_no_more_than_it_says(
    tmp_path: Path,
) -> None:
    """The reader stops at the size that the archive declares, so a false size bypasses no limit."""
    whole = workbook(tmp_path / "whole.xlsx", ("A", [["First"], *[["Ann"]] * 20_000]))
    data = bytearray(whole.read_bytes())
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as parts:
        size = parts.getinfo("xl/worksheets/sheet1.xml").file_size
    shrunk = data.replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    lying = tmp_path / "lying.xlsx"
    lying.write_bytes(shrunk)
    with zipfile.ZipFile(lying) as parts:
        assert parts.getinfo("xl/worksheets/sheet1.xml").file_size == 1000
    with pytest.raises(UnreadableFile, match="cannot be opened"):
        open_table(lying)


def test_a_copy_of_a_workbook_has_the_same_rows_without_card_numbers(tmp_path: Path) -> None:
    rows = [
        ["Clients"],
        ["First", "Notes", "Phone", "Street;\nand;number"],
        [],
        ["Ann", "4111 1111 1111 1111", 447911123456, "", "beside"],
        ["Bo", 'Likes tea.\nRings "twice".', "", "1 High St"],
        [],
        ["Cy", "=1+1"],
    ]
    table = open_table(workbook(tmp_path / "clients.xlsx", ("Clients", rows)))
    copy = tmp_path / "copy.csv"
    table.copy_masked(copy, recognise_columns(table))
    again = open_table(copy)
    assert again.headings == table.headings
    row, second, third = again.rows()
    assert [second.values, third.values] == [one.values for one in [*table.rows()][1:]]
    assert (second.line, third.line) == (5, 7)
    assert second.values["Notes"] == 'Likes tea.\nRings "twice".'
    assert '"Likes tea.\nRings ""twice""."' in again.report(second, "Because.")
    assert row.left == ("“beside” stands under no heading and was left out.",)
    assert (row.line, row.values["Phone"]) == (4, "447911123456")
    assert row.values["Notes"] == "•••• •••• •••• ••••"
    line = table.report(table.masked(next(table.rows()), {"Phone": "phone"}), "Because.")
    assert line == "4,Because.,Ann,•••• •••• •••• ••••,447911123456,\r\n"


def rows_of(path: Path, sheet: str, *, strings: str = "", form: str = "") -> Path:
    """Write a workbook from parts given as XML: short texts, to which many cells refer."""
    whole = workbook(path.with_name("whole.xlsx"), ("A", [["First", "Email"], [("1", "00")]]))
    with zipfile.ZipFile(whole) as parts, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name in parts.namelist():
            data = parts.read(name).decode()
            if name.endswith("sheet1.xml"):
                before, after = data.split("</sheetData>")
                data = f"{before}{sheet}</sheetData>{after}"
            elif name.endswith("sharedStrings.xml"):
                data = data.replace("</sst>", f"{strings}</sst>")
            elif form:
                data = data.replace('formatCode="00"', f'formatCode="{form}"')
            out.writestr(name, data)
    return path


def test_a_workbook_that_names_the_same_text_too_often_is_refused(tmp_path: Path) -> None:
    row = '<row><c t="s"><v>3</v></c></row>'
    bomb = rows_of(
        tmp_path / "bomb.xlsx", row * 2_000, strings="<si><t>%s</t></si>" % ("x" * 32_000)
    )
    with pytest.raises(UnreadableFile, match=r"bomb\.xlsx holds more cells or text than is read"):
        open_table(bomb)


def test_a_number_format_that_no_spreadsheet_takes_is_not_followed(tmp_path: Path) -> None:
    row = '<row r="3"><c r="A3" s="1"><v>7</v></c></row>'
    for length, shown in ((200, "7".zfill(200)), (300, "7")):
        table = open_table(rows_of(tmp_path / "long.xlsx", row, form="0" * length))
        assert [one.values["First"] for one in table.rows()][-1] == shown


def test_rows_behind_many_blank_ones_are_not_looked_for(tmp_path: Path) -> None:
    for line, count in ((9_000, 2), (1_048_576, 1)):
        row = f'<row r="{line}"><c r="A{line}"><v>7</v></c></row>'
        assert open_table(rows_of(tmp_path / "far.xlsx", row)).count == count


def test_a_row_of_millions_of_cells_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx_table, "load_workbook", None)
    monkeypatch.setattr(xlsx_limits, "MOST_TAGS", 1_000_000)
    wide = rows_of(tmp_path / "wide.xlsx", f"<row>{'<c/>' * 800_000}</row>")
    many = rows_of(tmp_path / "many.xlsx", "<row/>" * 1_000_000)
    for file in (wide, many):
        with pytest.raises(UnreadableFile, match="holds more cells or text than is read"):
            open_table(file)


CARDS = """BEGIN:VCARD\r
VERSION:3.0\r
N:Muster;Mara;Lena;Dr.;\r
FN:Dr. Mara Lena Muster\r
ORG:Muster GmbH;Sales\r
EMAIL;TYPE=WORK:work@x.org\r
EMAIL;TYPE=HOME,PREF:mara@x.org\r
TEL;TYPE=CELL:+49 151 555\r
 00099\r
item1.TEL:+49 30 123456\r
item1.X-ABLabel:_$!<Reception>!$_\r
TEL;TYPE=FAX:+49 30 999\r
ADR;TYPE=HOME:;;Hauptstr. 5;Dresden;;01067;Germany\r
ADR;TYPE=WORK:;2. OG;Am Markt 1;Dresden;;01067;Germany\r
NOTE:Likes tea\\, not coffee.\\nRings twice.\r
BDAY:1988-02-29\r
CATEGORIES:VIP,Blog\r
UID:urn:uuid:1\r
END:VCARD\r
\r
BEGIN:VCARD\r
VERSION:4.0\r
FN:Wei Li\r
TEL;VALUE=uri;TYPE="cell,voice":tel:+852-5555-0101\r
BDAY:--0413\r
END:VCARD\r
BEGIN:VCARD\r
VERSION:2.1\r
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Gro=C3=9F;J=C3=BC=\r
 rgen;;;\r
ORG:Groß GmbH\r
ORG:Groß AG\r
TEL;HOME;VOICE:0351 4567890\r
END:VCARD\r
BEGIN:VCARD\r
VERSION:3.0\r
FN:Cut\r
"""


def test_cards_of_three_versions_are_read(tmp_path: Path) -> None:
    file = tmp_path / "cards.vcf"
    file.write_text(CARDS, "utf-8", newline="")
    table = open_table(file)
    assert table.count == 4
    *cards, cut = table.rows()
    assert (cut.line, cut.problem) == (35, "The card has no END:VCARD.")
    reader = RecordReader(recognise_columns(table))
    mara, li, gross = (as_shown(reader.read(row)) for row in cards)
    assert mara == {
        "line": 1, "first_name": "Mara Lena", "last_name": "Muster", "name": "Muster GmbH",
        "email": "mara@x.org", "phone": "+49 151 55500099", "birthday": "1988-02-29",
        "tags": ["VIP", "Blog"], "note": "Likes tea, not coffee.\nRings twice.",
        "address": {
            "street": "Hauptstr. 5", "city": "Dresden", "postal_code": "01067",
            "country": "Germany", "label": "home",
        },
        "addresses": [{
            "street": "Am Markt 1", "sub_premise": "2. OG", "city": "Dresden",
            "postal_code": "01067", "country": "Germany", "label": "work",
        }],
        "contact_points": [
            ["email", "work@x.org", "work"], ["phone", "+49 30 123456", "Reception"]
        ],
    }  # fmt: skip
    assert li == {
        "line": 21, "first_name": "Wei", "last_name": "Li", "phone": "+852-5555-0101",
        "birthday": "--04-13",
    }  # fmt: skip
    assert gross == {
        "line": 27,
        "first_name": "Jürgen",
        "last_name": "Groß",
        "phone": "0351 4567890",
        "name": "Groß GmbH",
        "left": ["Company (2): “Groß AG” was left out: the organisation is “Groß GmbH”."],
    }
    left = set(table.headings) - recognise_columns(table).keys()
    assert left == {"Name Prefix", "Department", "Fax"}
    assert table.report(table.masked(cut, {}), "Why.").startswith("35,Why.,")


def test_a_copy_of_cards_keeps_phones_and_masks_the_rest(tmp_path: Path) -> None:
    file, copy = tmp_path / "cards.vcf", tmp_path / "copy.vcf"
    card = "BEGIN:VCARD\nFN:Ann\nTEL:4111111111111111\nNOTE:4111111111111111\nEND:VCARD\n"
    file.write_text(card, "utf-8")
    table = open_table(file)
    table.copy_masked(copy, recognise_columns(table))
    assert copy.read_text("utf-8") == card.replace("NOTE:4111111111111111", "NOTE:" + "•" * 16)


def test_a_card_with_a_line_that_is_too_long_is_refused_and_the_others_are_read(
    tmp_path: Path,
) -> None:
    file, copy = tmp_path / "cards.vcf", tmp_path / "copy.vcf"
    photo = f"PHOTO:{'x' * LONGEST_LINE}"
    cards = [
        "BEGIN:VCARD", "FN:Ann Lee", photo, "END:VCARD", photo, "BEGIN:VCARD", "FN:Bo Ek",
        "END:VCARD",
    ]  # fmt: skip
    file.write_text("\n".join([*cards, ""]), "utf-8")
    table = open_table(file)
    table.copy_masked(copy, recognise_columns(table))
    for one in (table, open_table(copy)):
        ann, outside, bo = one.rows()
        assert (ann.line, ann.problem) == (1, "The line is longer than 1,048,576 characters.")
        assert (outside.line, outside.problem) == (5, ann.problem)
        assert (bo.line, "Bo Ek" in bo.values.values(), bo.problem) == (6, True, "")
