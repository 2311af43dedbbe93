"""Pairs of records of one person, and pairs of two people who look alike.

Each side of a pair is written `first name | last name | e-mail | phone | birthday | street; postal
code | organisation`; empty values at the end are left out.
"""

from typing import Any, NamedTuple

from customers.models import Customer

FIELDS = ("first_name", "last_name", "email", "phone", "birthday", "place", "name")


class Side(NamedTuple):
    """One side of a pair: an unsaved customer and the default address."""

    customer: Customer
    address: dict[str, str]


def side(text: str) -> Side:
    """Return the unsaved customer and address that one side of a pair describes."""
    parts = [part.strip() for part in text.split("|")]
    fields: dict[str, Any] = dict(zip(FIELDS, parts, strict=False))
    street, _, postal_code = fields.pop("place", "").partition(";")
    address = {"street": street.strip(), "postal_code": postal_code.strip()} if street else {}
    return Side(Customer(**fields), address)


# Each pair is two records of one person.
SAME = (
    # The same values, written differently.
    ("Anna | Kowalczyk | anna.k@post.example", "ANNA | KOWALCZYK | Anna.K@Post.example"),
    ("Anna | Kowalczyk | anna.k@post.example", "Anna | Kowalczyk | anna.k+yoga@post.example"),
    ("Ben | Okafor | ben.okafor@gmail.com", "Ben | Okafor | benokafor@googlemail.com"),
    ("Ben | Okafor | | 020 7946 0018", "Ben | Okafor | b@work.example | +44 20 7946 0018"),
    ("José | Núñez | jose@post.example", "Jose | Nunez | jose@post.example"),
    ("Zoë | O'Brien | | 07700 900123", "Zoe | OBrien | | +447700900123"),
    ("Dr. Ivan | Petrov | ivan@post.example", "Ivan | Petrov | ivan@post.example"),
    ("Mary-Jane | Watson | mj@post.example", "Mary Jane | Watson | mj@post.example"),
    ("Jürgen | Müller | | 07700 900124", "Jurgen | Mueller | | 07700 900124"),
    # Swapped names, or both names in one field.
    ("Minh | Nguyen | minh@post.example", "Nguyen | Minh | minh@post.example"),
    ("Minh | Nguyen | | | 1991-03-14", "Nguyen | Minh | | | 1991-03-14"),
    ("Wei | Zhang | | 07700 900125", "Zhang | Wei | | 07700 900125"),
    ("Wei | Zhang | | 07700 900126", "Wei Zhang | | | 07700 900126"),
    ("Wei | Zhang | | | | 4 Mill Lane; N1 7GU", "Zhang | Wei | | | | 4 Mill Ln; n17gu"),
    # One letter is wrong.
    ("Anna | Kowalczyk | a@post.example", "Anna | Kowalczik | a@post.example"),
    ("Thi | Nguyen | | 07700 900127", "Thi | Ngyen | | 07700 900127"),
    ("Katarzyna | Nowak | | | 1984-11-02", "Katarzyna | Nowack | | | 1984-11-02"),
    ("Amber | Hughes | | | | 12 High Street; N1 9AG", "Ambre | Hughes | | | | 12 High St; N1 9AG"),
    ("Steven | Clarke | s.c@post.example", "Stevan | Clarke | s.c@post.example"),
    ("Philip | Green | | 07700 900128", "Phillip | Green | | 07700 900128"),
    ("Sarah | Cohen | | 07700 900129", "Sara | Cohen | | 07700 900129"),
    ("Ahmed | Khan | khan.a@post.example", "Ahmed | Khna | khan.a@post.example"),
    # One record has only a part of the name.
    ("J | Fernandez | jf@post.example", "Julia | Fernandez | jf@post.example"),
    ("Alex | Novak | | 07700 900130", "Alexander | Novak | | 07700 900130"),
    ("Julia | | julia@post.example", "Julia | Fernandez | julia@post.example"),
    ("Anna Maria | Rossi | | | 1970-01-31", "Anna | Rossi | | | 1970-01-31"),
    ("Inès | Dupont-Martin | | 07700 900131", "Ines | Dupont | | 07700 900131"),
    (" | | | 07700 900132 | | | Hallo Kiosk", " | | | 07700 900132 | | | Hallo Kiosk"),
    ("Luca | Moretti | luca.moretti@post.example", " | | luca.moretti@post.example"),
    # The person married and changed the last name.
    ("Emma | Taylor | emma.t@post.example", "Emma | Fischer | emma.t@post.example"),
    ("Emma | Taylor | | 07700 900133", "Emma | Fischer | | 07700 900133"),
    # The same name with the same address or birthday.
    ("Olga | Ivanova | | | 1979-07-07", "Olga | Ivanova | o@new.example | | 1979-07-07"),
    (
        "Ravi | Patel | | | | 7 Elm Road; LS1 4AP",
        "Ravi | Patel | r@x.example | | | 7 Elm Rd; LS14AP",
    ),
    (
        "Marta | Silva | | | | Flat 3, 9 Bow Road; E3 2SJ",
        "Marta | Silva | | | | 9 Bow Rd, flat 3; E3 2SJ",
    ),
    # A typing error in the e-mail address, phone number or birthday.
    ("Nina | Holm | nina.holm@post.example", "Nina | Holm | nina.hlom@post.example"),
    ("Nina | Holm | | 07700 900134", "Nina | Holm | | 07700 900143"),
    ("Nina | Holm | n@post.example | | 1990-05-04", "Nina | Holm | n@post.example | | 1990-04-05"),
    # Organisations.
    (" | | office@acme.example | | | | Acme Ltd", " | | office@acme.example | | | | ACME Limited"),
    (" | | | 020 7946 0991 | | | Blue Lotus GmbH", " | | | 020 7946 0991 | | | Blue Lotos"),
    ("Anna | Kowalczyk | ak@post.example", " | | ak@post.example | | | | Anna Kowalczyk"),
)  # fmt: skip

# Each pair is two different people.
DIFFERENT = (
    # Parents and children, who share a last name, phone, e-mail address or home.
    ("Robert | Hall | | 07700 900201", "Daniel | Hall | | 07700 900201"),
    ("Robert | Hall | hall@home.example", "Lucy | Hall | hall@home.example"),
    ("Robert | Hall | | | | 3 Oak Road; N1 1AA", "Daniel | Hall | | | | 3 Oak Road; N1 1AA"),
    (
        "Robert | Hall | hall@home.example | 07700 900202 | 1960-01-01 | 3 Oak Road; N1 1AA",
        "Daniel | Hall | hall@home.example | 07700 900202 | 1990-02-02 | 3 Oak Road; N1 1AA",
    ),
    ("John | Smith Sr | | 07700 900203", "John | Smith Jr | | 07700 900203"),
    (
        "John | Smith | | | 1950-03-03 | 8 Elm Road; N1 1AB",
        "John | Smith | | | 1980-04-14 | 8 Elm Road; N1 1AB",
    ),
    (
        "John | Smith | js@home.example | | 1950-03-03",
        "John | Smith | js@home.example | | 1980-04-14",
    ),
    ("Mei | Chen | chen@home.example", "Lin | Chen | chen@home.example"),
    ("Fatima | Ali | | 07700 900204", "Yusuf | Ali | | 07700 900204"),
    (
        "Grace | Wood | | 07700 900205 | | 1 Bay Road; N1 1AC",
        "Henry | Wood | | 07700 900205 | | 1 Bay Road; N1 1AC",
    ),
    # Twins.
    ("Lena | Braun | | | 2001-06-06", "Paula | Braun | | | 2001-06-06"),
    (
        "Lena | Braun | braun@home.example | 07700 900206 | 2001-06-06 | 5 Kiel Street; N1 1AD",
        "Paula | Braun | braun@home.example | 07700 900206 | 2001-06-06 | 5 Kiel Street; N1 1AD",
    ),
    ("Mario | Costa | | 07700 900207 | 2003-08-08", "Maria | Costa | | 07700 900207 | 2003-08-08"),
    (
        "Paul | Weber | w@home.example | | 2004-09-09",
        "Paula | Weber | w@home.example | | 2004-09-09",
    ),
    (
        "Tom | Weber | w2@home.example | | 2004-09-10",
        "Tim | Weber | w2@home.example | | 2004-09-10",
    ),
    (
        "Andrea | Bruni | | 07700 900208 | 2002-02-02",
        "Andreo | Bruni | | 07700 900208 | 2002-02-02",
    ),
    # A common name and nothing else, or values that are no evidence.
    ("Maria | Garcia", "Maria | Garcia"),
    ("Maria | Garcia | mg1@post.example", "Maria | Garcia | mg2@post.example"),
    ("Maria | Garcia | | 07700 900209", "Maria | Garcia | | 07911 123456"),
    ("John | Smith | | | 1970-05-05", "John | Smith | | | 1983-12-24"),
    ("John | Smith | | | | 1 High Street; N1 1AE", "John | Smith | | | | 9 High Street; N1 1AE"),
    ("John | Smith | | | | 1 High Street; N1 1AE", "John | Smith | | | | 1 High Street; SW1 2AA"),
    ("David | Jones | david.jones1@post.example", "David | Jones | david.jones2@post.example"),
    ("Ana | Silva | | | --05-04", "Ana | Silva | | | --06-04"),
    ("Jon | Smith", "John | Smith"),
    ("J | Smith | | | | 2 Elm Road; N1 1AF", "John | Smith | | | | 2 Elm Road; N1 1AF"),
    # Different people who live together, or were born on the same day.
    ("Amy | Ross | | | | 6 Bow Road; E3 1AA", "Sam | Blake | | | | 6 Bow Road; E3 1AA"),
    ("Amy | Ross | | | | 6 Bow Road; E3 1AA", "Amy | Blake | | | | 6 Bow Road; E3 1AA"),
    ("Amy | Ross | | 07700 900210", "Sam | Blake | | 07700 900210"),
    ("Amy | Ross | | | 1999-10-10", "Sam | Blake | | | 1999-10-10"),
    ("Amy | Ross | | | 1999-10-10", "Amy | Blake | | | 1999-10-10"),
    ("Amy | Ross | pair@home.example", "Sam | Blake | pair@home.example"),
    # An organisation and its people.
    (
        "Anna | Kowalczyk | ak@acme.example | 020 7946 0992 | | | Acme Ltd",
        "Anna | Kowalczyk | ak@acme.example | 020 7946 0992",
    ),
    (" | | info@acme.example | 020 7946 0993 | | | Acme Ltd", "Eva | Lang | info@acme.example"),
    (
        " | | | 020 7946 0994 | | 1 Dock Road; E1 1AA | Acme Ltd",
        "Eva | Lang | | 020 7946 0994 | | 1 Dock Road; E1 1AA",
    ),
    (
        "Anna | Kowalczyk | ak@two.example | | | | Acme Ltd",
        "Anna | Kowalczyk | ak@two.example | | | | Borealis AG",
    ),
    (" | | | 020 7946 0995 | | | Acme North", " | | | 020 7946 0995 | | | Acme South"),
    (" | | | | | 2 Dock Road; E1 1AB | Acme Ltd", " | | | | | 2 Dock Road; E1 1AB | Zenith Ltd"),
    # Similar names of different people.
    ("Jan | Novak | | 07700 900211", "Jana | Novak | | 07700 900211"),
    ("Rosa | Diaz | diaz@home.example", "Rose | Diaz | diaz@home.example"),
)  # fmt: skip
