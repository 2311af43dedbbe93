"""Words of every script and phones in every notation are found by the API and by staff alike."""

from urllib.parse import quote

from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.models import Customer
from tests.callers import Caller
from tests.factories import ACustomer

PEOPLE = {
    "Tanaka apart": {"last_name": "田中", "first_name": "太郎"},
    "Tanaka in one": {"name": "田中花子"},
    "Tanaka spaced": {"name": "佐藤　次郎"},
    "Kim": {"last_name": "김", "first_name": "민수"},
    "Papadopoulos": {"first_name": "Νίκος", "last_name": "Παπαδόπουλος"},
    "Ahmad": {"first_name": "أحمد", "last_name": "الحسن"},
    "Yusuf": {"first_name": "يُوسُف", "last_name": "مـحـمـد"},
    "Fatima": {"first_name": "فاطمة", "last_name": "مصطفى"},
    "Kaiulani": {"first_name": "Kaʻiulani", "last_name": "Kealoha"},
    "Keaopu": {"first_name": "Keaopuhimakani", "last_name": "Okina"},
    "OHara": {"first_name": "Maureen", "last_name": "O'Hara"},
    "Anne-Marie": {"first_name": "Anne-Marie", "last_name": "Dubois"},
    "Anne Marie": {"first_name": "Anne Marie", "last_name": "Lefevre"},
    "Ewing": {"first_name": "J. R.", "last_name": "Ewing"},
    "Tolkien": {"first_name": "J.R.R.", "last_name": "Tolkien"},
    "Rowe": {"first_name": "John", "last_name": "Rowe"},
    "Domain": {"first_name": "Dom", "email": "someone@mail.example.com"},
    "Another": {"first_name": "Com", "email": "exampled@other.org"},
    "Thor": {"first_name": "Þór", "last_name": "Sigurðsson"},
    "Turk": {"first_name": "İlker", "last_name": "Işık"},
    "Soft": {"first_name": "So\u00adphie", "last_name": "Zero\u200bwidth"},
    "London": {"first_name": "Lon", "phone": "+44 (0)20 7946 0123"},
    "Berlin": {"first_name": "Ber", "phone": "0044 (0)161 496 0000"},
    "Office": {"first_name": "Off", "phone": "+1 212 555 0177 x12"},
    "Desk": {"first_name": "Desk", "phone": "020 7946 0555 ext. 7"},
    "Digits": {"first_name": "Dig", "phone": "+٩٦٦ ٥٠ ١٢٣ ٤٥٦٧"},
}
# The customers that each query finds.
QUERIES: list[tuple[set[str], list[str]]] = [
    ({"Tanaka in one"}, ["花子", "子"]),
    ({"Tanaka apart", "Tanaka in one"}, ["田中"]),
    ({"Tanaka apart"}, ["田中太郎", "太郎田中", "太郎 田中"]),
    ({"Tanaka spaced"}, ["佐藤次郎", "次郎佐藤"]),
    ({"Tanaka apart", "Tanaka spaced"}, ["郎"]),
    ({"Kim"}, ["김민수", "민수김", "민수 김", "수"]),
    (
        {"Papadopoulos"},
        [*("ΠΑΠΑΔΟΠΟΥΛΟΣ", "Παπαδόπουλος", "παπαδοπουλοσ", "ΝΙΚΟΣ", "νικος", "νικ παπα")],
    ),
    ({"Ahmad"}, ["احمد", "أحمد", "آحمد الحسن"]),
    ({"Yusuf"}, ["يوسف", "یوسف", "محمد"]),
    ({"Fatima"}, ["فاطمه", "فاطمة مصطفي"]),
    ({"Kaiulani"}, ["kaiulani", "Kaʻiulani", "ka'iulani", "KA’IULANI"]),
    ({"Keaopu"}, ["Kea'opuhimakani"]),
    ({"OHara"}, ["ohara", "o`hara", "O´Hara"]),
    ({"Anne-Marie", "Anne Marie"}, ["anne-marie", "anne marie", "anne‐marie", "marie"]),
    ({"Anne-Marie"}, ["annemarie"]),
    ({"Ewing", "Tolkien"}, ["j.r."]),
    ({"Ewing"}, ["J.R. Ewing", "jr ewing"]),
    ({"Ewing", "Tolkien", "Rowe"}, ["J R"]),
    ({"Tolkien"}, ["jrr"]),
    ({"Domain"}, ["example.com", "mail.example.com", "@example.com", "someone@mail.ex"]),
    ({"Thor"}, ["thor sigurdsson"]),
    ({"Turk"}, ["ILKER isik"]),
    ({"Soft"}, ["sophie zerowidth"]),
    (
        {"London"},
        [
            *("+44 (0)20 7946 0123", "0044 (0)20 7946 0123", "020 7946 0123"),
            "\u202a+44 20 7946 0123\u202c",
        ],
    ),
    ({"Berlin"}, ["+44 (0)161 496", "0161 496 0000"]),
    (
        {"Office"},
        [
            *("+1 212 555 0177", "+1 212 555 0177 x12", "(212) 555-0177 ext 12"),
            "+12125550177;ext=12",
        ],
    ),
    (set(), ["+12125550177;ext=13"]),
    ({"Desk"}, ["+44 20 7946 0555", "020 7946 0555 #7"]),
    ({"Digits"}, ["+966 50 123 4567", "٠٥٠ ١٢٣", "٩٦٦٥٠١٢٣"]),
]


def test_the_api_and_staff_find_the_same_customers(integrator: Caller, studio: Company) -> None:
    nothing = dict.fromkeys(("first_name", "last_name", "email", "phone"), "")
    for known_as, fields in PEOPLE.items():
        ACustomer(company=studio, external_id=known_as, **nothing | fields)
    with acting_for(studio.id):
        everybody = Customer.objects.filter(company=studio)
        known = {f"cust_{one.pk.hex}": one.external_id for one in everybody}
    for names, query in ((names, query) for names, queries in QUERIES for query in queries):
        answer = integrator.get(f"/v1/customers?search={quote(query)}&per_page=100")
        assert {known[one["id"]] for one in answer.body["data"]} == names, query
        assert answer.body["pagination"]["total"] == len(names), query
        with acting_for(studio.id):
            found = Customer.objects.likeliest(query, 20)
        assert {one.external_id for one in found} == names, query
