"""A messy workbook in a real browser: 300 rows become 299 customers; the user reads no help.

The test checks each page for accessibility and layout, as test_front_desk does.
"""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from playwright.sync_api import expect

from tests.servers import started
from tests.studios import Studio
from tests.visiting import NEEDS_CHROMIUM, Visitor

pytestmark = NEEDS_CHROMIUM
FIRST = ("Ada", "Zoë", "José", "Noor", "Siân", "Łukasz", "Mei", "Oluwaseun", "Ilker", "Anne-Marie")
LAST = ("Lee", "O’Hara", "Núñez", "van der Berg", "Ng", "Šimić", "Müller", "Smith-Jones", "Kaya")
HEADINGS = (
    *("Client ID", "First Name", "Surname", "E-mail", "Mobile", "Street", "Town", "Postcode"),
    *("Birthday", "Newsletter", "Fax"),
)
RIGHT, REFUSED, LEFT, TWIN = 260, 27, 12, 300
# The line of the first row, and the number of the row that the last row repeats.
FIRST_LINE, TWIN_OF = 4, 8
TOLD_OF_TWIN = f"This is the same customer as in line {FIRST_LINE + TWIN_OF}."


def person(number: int) -> dict[str, Any]:
    """Return the correct values of a customer."""
    first, last = FIRST[number % 10], LAST[number // 10 % 9]
    return {
        "external_id": f"C-{1000 + number}",
        "first_name": first,
        "last_name": f"{last} {'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[number % 26]}",
        "email": f"client{number}@mail.example",
        "phone": f"07700 900{number:03}",
        "street": f"{number} High Street",
        "city": "Leeds" if number % 2 else "York",
        "postal_code": f"LS{number % 9 + 1} 4AB",
        "birthday": f"19{60 + number % 40}-{number % 12 + 1:02}-{number % 28 + 1:02}",
        "marketing_opt_in": bool(number % 3),
    }


def cells_of(one: dict[str, Any]) -> list[Any]:
    """Return a customer's cells as people write them in a spreadsheet."""
    number = int(one["external_id"].removeprefix("C-")) - 1000
    year, month, day = one["birthday"].split("-")
    wish = ("Yes", "ja", "TRUE", "x") if one["marketing_opt_in"] else ("No", "nein", "FALSE", "0")
    return [
        one["external_id"],
        f"  {one['first_name']} ",
        one["last_name"],
        one["email"].upper() if number % 7 == 0 else one["email"],
        one["phone"] if number % 5 else float(one["phone"].replace(" ", "")),
        one["street"],
        one["city"],
        one["postal_code"],
        one["birthday"] if number % 2 else f"{day}.{month}.{year}",
        wish[number % 4],
        "N/A",
    ]


# Unreadable cells by column: some refuse the whole row, others lose only their value.
SPOILT = ((0, "1.23E+12"), (9, "perhaps"), (5, "4111 1111 1111 1111"), (7, "LS1 4AB" * 9))
LOST = ((3, "nobody@"), (4, "4.477E+11"), (8, "31.02.1990"))


def rows() -> Iterator[list[Any]]:
    """Yield the 300 rows: two are the same person, and 39 others have one bad cell each."""
    for number in range(RIGHT):
        yield cells_of(person(number))
    for number in range(RIGHT, TWIN - 1):
        cells = cells_of(person(number))
        kinds = SPOILT if number < RIGHT + REFUSED else LOST
        column, text = kinds[number % len(kinds)]
        cells[column] = text
        yield cells
    twin = person(TWIN_OF)
    yield ["", twin["first_name"].upper(), twin["last_name"], twin["email"], *[""] * 7]


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook with a title, a second sheet, and the rows of a studio."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Clients"
    sheet.append(["Clients of Studio Nine"])
    sheet.append([])
    sheet.append(HEADINGS)
    for cells in rows():
        sheet.append(cells)
    book.create_sheet("Prices").append(["Class", "Price"])
    path = tmp_path_factory.mktemp("office") / "clients.xlsx"
    book.save(path)
    return path


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    data = tmp_path_factory.mktemp("imports") / "data"
    with started(data, "--no-demo", "--workers", "1") as server:
        yield Studio(server)


def feed(visitor: Visitor, path: Path, told: str, name: str = "") -> None:
    """Upload a file, press the coloured button on each page, and import the valid rows."""
    page = visitor.page
    page.get_by_label("File", exact=True).set_input_files(path)
    page.get_by_role("button", name="Read the file").click()
    expect(page.get_by_text("What is in each column?")).to_be_visible()
    if name:
        visitor.look_over(f"{name}-columns")
    page.get_by_role("button", name="Check every row").click()
    button = page.get_by_role("button", name=told)
    expect(button).to_be_visible()
    if name:
        visitor.look_over(f"{name}-checked")
    button.click()
    expect(page.get_by_text("What next")).to_be_visible()
    if name:
        visitor.look_over(f"{name}-imported")


def download(visitor: Visitor, button: str, folder: Path) -> Path:
    with visitor.page.expect_download() as given:
        visitor.page.get_by_role("link", name=button).click()
    path = folder / given.value.suggested_filename
    given.value.save_as(path)
    return path


def correct(path: Path) -> None:
    """Correct the bad cells of a report, like staff with the paper forms at hand."""
    with path.open(encoding="utf-8-sig", newline="") as handle:
        heading, *given = csv.reader(handle)
    own = heading.index(HEADINGS[0])
    assert heading[:2] == ["line", "reason"]
    kept = [heading]
    for line, reason, *cells in given:
        assert reason, "each row says why"
        # Remove the row of a customer who exists already.
        if reason != TOLD_OF_TWIN:
            corrected = map(str, cells_of(person(int(line) - FIRST_LINE)))
            kept.append([line, reason, *cells[: own - 2], *corrected])
    out = io.StringIO()
    csv.writer(out).writerows(kept)
    path.write_text(out.getvalue(), "utf-8-sig")


def stored(studio: Studio) -> list[dict[str, Any]]:
    """Return the studio's customers; e-mail addresses and phone numbers are normalised."""
    with studio.server.owner() as owner:
        found = owner.execute(
            "SELECT external_id, first_name, last_name, lower(email),"
            " ltrim(regexp_replace(phone, '\\D', '', 'g'), '0'), street, city,"
            " postal_code, birthday, (preferences ->> 'marketing_opt_in')::boolean"
            " FROM customers_customer AS customer LEFT JOIN customers_address AS home"
            " ON home.customer_id = customer.id AND home.is_default"
            " ORDER BY external_id"
        ).fetchall()
    return [dict(zip(person(0), one, strict=True)) for one in found]


def right(number: int) -> dict[str, Any]:
    one = person(number)
    return one | {"phone": one["phone"].replace(" ", "").lstrip("0")}


@pytest.mark.long
def test_a_messy_workbook_becomes_customers_and_the_rest_is_corrected_and_fed_again(
    studio: Studio, workbook: Path, tmp_path: Path
) -> None:
    with studio.at_work("front_desk") as visitor:
        page = visitor.page
        visitor.open("/admin/customers/customer/")
        page.get_by_role("link", name="Import").click()
        visitor.look_over("upload")
        feed(visitor, workbook, f"Import: {RIGHT + LEFT} new, 0 changed", "workbook")
        made = stored(studio)
        assert [one for one in made if right_of(one) == one] == [right(at) for at in range(RIGHT)]
        assert len(made) == RIGHT + LEFT
        refused = download(visitor, f"Download {REFUSED + 1} refused rows", tmp_path)
        left = download(visitor, f"Download {LEFT} rows to complete", tmp_path)
        correct(refused)
        correct(left)
        page.get_by_role("link", name="Import the corrected file").click()
        feed(visitor, refused, f"Import: {REFUSED} new, 0 changed")
        page.get_by_role("link", name="Import another file").click()
        feed(visitor, left, f"Import: 0 new, {LEFT} changed")
    assert stored(studio) == [right(at) for at in range(TWIN - 1)]


def right_of(one: dict[str, Any]) -> dict[str, Any] | None:
    number = one["external_id"].removeprefix("C-")
    return right(int(number) - 1000) if number.isdecimal() else None
