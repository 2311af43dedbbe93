"""The people of the demo company: invented, at addresses and numbers kept for fiction."""

from typing import Any, TypedDict


class DemoCustomer(TypedDict, total=False):
    """Fields of a customer, and what hangs on one; the first address is the default."""

    customer: dict[str, Any]
    addresses: list[dict[str, str]]
    users: list[dict[str, str]]
    notes: list[str]
    paused: bool
    archived: bool


ZONES = {
    "South Bank": ["SE1 7PB", "SE1 8XX", "SE1 9PH", "SE1 2UP"],
    "Greenwich": ["SE10 9NF", "SE10 8QY"],
}


def _by_mail(opt_in: bool = True) -> dict[str, Any]:
    return {"preferred_contact": "email", "marketing_opt_in": opt_in}


def _by_phone(opt_in: bool = False) -> dict[str, Any]:
    return {"preferred_contact": "phone", "marketing_opt_in": opt_in}


def _person(
    first_name: str, last_name: str, email: str, phone: str = "", **more: Any
) -> dict[str, Any]:
    return {
        "first_name": first_name,
        "last_name": last_name,
        "email": email,
        "phone": phone,
        **more,
    }


def _address(
    street: str, city: str, postal_code: str, country: str, label: str = "Home", **more: str
) -> dict[str, str]:
    return {
        "label": label,
        "street": street,
        "city": city,
        "postal_code": postal_code,
        "country": country,
        **more,
    }


PEOPLE: list[DemoCustomer] = [
    {
        "customer": _person(
            "Zoë", "Abara", "zoe.abara@mail.example", "020 7946 0018", preferences=_by_mail()
        ),
        "addresses": [
            _address("14 Roupell Street", "London", "SE1 8XX", "United Kingdom"),
            _address("1 Gabriel’s Wharf", "London", "SE1 9PH", "United Kingdom", "Work"),
        ],
        "notes": ["Mornings only, before eight.", "Brings her own mat."],
    },
    {
        "customer": _person(
            "Oliver",
            "Whitcombe",
            "oliver@whitcombe.example",
            "+44 20 7946 0127",
            external_id="1001",
        ),
        "addresses": [_address("9 Hatfields", "London", "SE1 9PH", "United Kingdom")],
    },
    {
        "customer": _person(
            "Priya", "Raman", "priya.raman@mail.example", "+44 7700 900214", preferences=_by_phone()
        ),
        "addresses": [
            _address(
                *("3 Crane Street", "London", "SE10 9NF", "United Kingdom"),
                sub_premise="Flat 2",
                access_notes="The bell is broken: ring when you are at the door.",
            )
        ],
        "notes": ["Old knee injury, left. No deep lunges."],
    },
    {
        "customer": _person("Tomasz", "Łuczak", "tomasz.luczak@poczta.example", "+48 22 123 45 67"),
        "addresses": [_address("ul. Piękna 24", "Warszawa", "00-549", "Polska")],
    },
    {
        "customer": _person(
            "Siobhán", "Ó Briain", "siobhan@obriain.example", "+353 20 911 0042", external_id="1002"
        ),
        "addresses": [_address("27 Parnell Square", "Dublin", "D01 K8A1", "Ireland")],
    },
    {
        "customer": _person("Grace", "Adeyemi", "grace.adeyemi@mail.example", "+44 7700 900377"),
        "addresses": [_address("41 Royal Hill", "London", "SE10 8QY", "United Kingdom")],
        "notes": ["Has asked for a class for new mothers."],
    },
    {
        "customer": _person(
            "Camille", "Lefèvre", "camille.lefevre@courriel.example", "+33 1 99 00 12 34"
        ),
        "addresses": [_address("8 rue des Écoles", "Paris", "75005", "France")],
    },
    {
        "customer": _person(
            "Jürgen",
            "Weiß",
            "j.weiss@post.example",
            "+49 30 23125 117",
            preferences=_by_mail(False),
        ),
        "addresses": [_address("Kantstraße 52", "Berlin", "10627", "Deutschland")],
    },
    {
        "customer": _person(
            "Amelia", "Thornbury", "amelia.thornbury@mail.example", "020 7946 0455"
        ),
        "addresses": [_address("2 Shad Thames", "London", "SE1 2UP", "United Kingdom")],
        "paused": True,
        "notes": ["Abroad until spring. Paused at her own wish."],
    },
    {
        "customer": _person(
            "José", "Ibáñez", "jose.ibanez@correo.example", "+34 910 123 456", external_id="1003"
        ),
        "addresses": [_address("Calle de Atocha 71", "Madrid", "28012", "España")],
    },
    {
        "customer": _person("Nguyễn", "Thị Mai", "mai.nguyen@mail.example", "+44 7700 900561"),
        "addresses": [_address("18 Lower Marsh", "London", "SE1 7PB", "United Kingdom")],
        "notes": ["Speaks with us in French as well."],
    },
    {
        "customer": _person("Dana", "Kowalczyk", "dana.k@mail.example", "(212) 555-0143"),
        "addresses": [_address("210 W 89th Street", "New York", "10024", "USA", state="NY")],
    },
    {
        "customer": _person("Søren", "Lindqvist", "soren@lindqvist.example", "+46 8 465 004 12"),
        "addresses": [_address("Bondegatan 30", "Stockholm", "116 33", "Sverige")],
    },
    {
        "customer": _person(
            "Hannah", "Pemberton", "hannah.pemberton@mail.example", "+44 7700 900642"
        ),
        "addresses": [_address("5 Theed Street", "London", "SE1 8XX", "United Kingdom")],
        "users": [
            {"first_name": "Ruth", "last_name": "Pemberton", "email": "ruth@pemberton.example"}
        ],
        "notes": ["Her mother Ruth books for her."],
    },
    {
        "customer": _person(
            "Lucía", "Fernández", "lucia.fernandez@correo.example", "(55) 5550-0119"
        ),
        "addresses": [
            _address("Av. Álvaro Obregón 130", "Ciudad de México", "06700", "México", state="CDMX")
        ],
    },
    {
        "customer": _person("健太", "田中", "kenta.tanaka@mail.example"),
        "addresses": [_address("神南1-19-11", "渋谷区", "150-0041", "日本", state="東京都")],
    },
    {
        "customer": _person("Fatima", "El Amrani", "fatima@elamrani.example", "+31 20 794 0188"),
        "addresses": [_address("Prinsengracht 385", "Amsterdam", "1016 HL", "Nederland")],
        "notes": ["Gave a voucher to a friend: Grace Adeyemi."],
    },
    {
        "customer": _person("Arthur", "Penhaligon", "arthur.penhaligon@mail.example"),
        "archived": True,
        "notes": ["Moved to Cornwall, says goodbye."],
    },
    {
        "customer": _person("Beatriz", "Carvalho", "", "+351 21 000 1122"),
        "addresses": [_address("Rua da Rosa 14", "Lisboa", "1200-387", "Portugal")],
    },
    {
        "customer": {
            **_person("Naomi", "Castle", "accounts@castleandvale.example", "020 7946 0733"),
            "name": "Castle & Vale LLP",
            "legal_name": "Castle and Vale Solicitors LLP",
            "tax_id": "GB999 9999 73",
            "external_id": "2001",
        },
        "addresses": [
            _address(
                *("60 Upper Ground", "London", "SE1 9PH", "United Kingdom", "Office"),
                sub_premise="4th floor",
                access_notes="Sign in at reception and ask for Naomi.",
            )
        ],
        "users": [
            {
                "first_name": "Naomi",
                "last_name": "Castle",
                "email": "naomi@castleandvale.example",
            },
            {"first_name": "Ben", "last_name": "Okoro", "email": "ben@castleandvale.example"},
        ],
        "notes": ["Chair massage for twelve, every first Thursday."],
    },
    {
        "customer": {
            **_person("Marek", "Dvořák", "marek@vltavacoffee.example", "+420 222 123 456"),
            "name": "Vltava Coffee",
            "legal_name": "Vltava Coffee s.r.o.",
            "external_id": "2002",
        },
        "addresses": [_address("Náplavní 5", "Praha", "120 00", "Česko", "Office")],
    },
    {
        "customer": {
            **_person("Ifeoma", "Nwosu", "hello@tidewaypilots.example", "020 7946 0890"),
            "name": "Tideway Pilots Rowing Club",
            "external_id": "2003",
            "preferences": _by_mail(),
        },
        "addresses": [
            _address("Crane Street Boathouse", "London", "SE10 9NF", "United Kingdom", "Boathouse")
        ],
        "users": [
            {"first_name": "Ifeoma", "last_name": "Nwosu", "email": "captain@tidewaypilots.example"}
        ],
        "notes": ["Stretching after training, Tuesdays, from March to September."],
    },
    {
        "customer": {
            **_person("Greta", "Holm", "greta@holmbyg.example", "+45 32 12 00 34"),
            "name": "Holm Byg",
            "legal_name": "Holm Byg ApS",
            "tax_id": "DK00000000",
        },
        "addresses": [_address("Strandgade 44", "København K", "1401", "Danmark", "Office")],
    },
    {
        "customer": {
            **_person("Rebecca", "Stone", "office@lambethhospice.example", "020 7946 0962"),
            "name": "Lambeth Hospice",
            "legal_name": "The Lambeth Hospice Trust",
            "external_id": "2004",
        },
        "addresses": [_address("77 Lower Marsh", "London", "SE1 7PB", "United Kingdom", "House")],
        "users": [
            {
                "first_name": "Rebecca",
                "last_name": "Stone",
                "email": "r.stone@lambethhospice.example",
            }
        ],
    },
    {
        "customer": {"name": "Blackfriars Print Works", "email": "info@bfprint.example"},
        "addresses": [_address("3 Hopton Street", "London", "SE1 9JH", "United Kingdom", "Works")],
        "archived": True,
        "notes": ["Closed its doors in summer."],
    },
]
