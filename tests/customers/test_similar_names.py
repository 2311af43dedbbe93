"""A search finds customers with similar names if nobody matches exactly."""

import random

import pytest
from django.db import connection

from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.models import Customer
from tests.customers.test_word_counts import whole_scans
from tests.factories import ACustomer

# Misspelt queries by the name that each finds.
TYPED = {
    "Kowalczyk": ("kowalczik", "kowalzcyk", "kowalczk", "kowallczyk", "Kowalcyzkk", "owalczik"),
    "Nguyen": ("ngyen", "nguyn", "nguyenn", "nguyem", "gnuyen", "mguyen"),
    "Amber": ("mber", "ambre", "aamber", "ember", "amver", "ambr"),
    "Gonçalves": ("goncalvs", "GONÇALVSE", "gonzalves", "Gohncalwes"),
    "O’Neill": ("onell", "o'niell", "O’Niell", "oneillo"),
    "Παπαδόπουλος": ("παπαδοπολος", "Παπαδόπυολος"),
    "Хрущёв": ("хрущов", "рущев"),
    "Smith-Jones": ("smtih-jones", "jonse smith", "smithjnoes"),
}
# Words with too many errors, words too short to guess, and text that is no name.
NOBODY = (
    *("kowlacizk", "nyugem", "abmre", "ambe rr", "jms", "ngn", "amb3r", "amber1"),
    *("kowalczik@mail.example", "+44 7700 900999", "12345", "", " ", "\\", "'", "%", "x" * 200),
    "one two three four kowalczik",
)


@pytest.fixture
def people(studio: Company, rival: Company) -> None:
    for number, name in enumerate(TYPED):
        ACustomer(company=studio, first_name="Jan", last_name=name, phone=f"0{number}")
    ACustomer(company=rival, first_name="Amberly", last_name="Elsewhere")


def similar(company: Company, query: str, most: int = 7) -> list[str]:
    """Return the last names that a search finds; each must be marked as similar."""
    with acting_for(company.id):
        found = Customer.objects.likeliest(query, most)
    assert all(one.is_similar for one in found), query
    return [one.last_name for one in found]


@pytest.mark.usefixtures("people")
def test_each_kind_of_typing_error_finds_the_name(studio: Company) -> None:
    for name, typed in TYPED.items():
        for query in typed:
            assert similar(studio, query) == [name], query


@pytest.mark.usefixtures("people")
def test_what_is_too_different_or_no_name_finds_nobody(studio: Company, rival: Company) -> None:
    for query in NOBODY:
        assert similar(studio, query) == [], query
    assert (similar(rival, "amberlyy"), similar(rival, "kowalczik")) == (["Elsewhere"], [])
    assert similar(studio, "amberlyy") == [], "of another company nobody is found"


@pytest.mark.usefixtures("people")
def test_one_of_two_names_may_be_misspelt_or_each_a_little(studio: Company) -> None:
    ACustomer(company=studio, first_name="Maria", last_name="Kowalczyk")
    ACustomer(company=studio, first_name="Marta", last_name="Nguyen")
    for query in ("jan kowalczik", "kowalczik jan", "kowalcik ja"):
        with acting_for(studio.id):
            (one,) = Customer.objects.likeliest(query, 7)
        assert (one.first_name, one.last_name) == ("Jan", "Kowalczyk"), query
    for query in ("mria kowalczyk", "Maria Kowalczik", "Maira kowalczk"):
        with acting_for(studio.id):
            (one,) = Customer.objects.likeliest(query, 7)
        assert (one.first_name, one.last_name) == ("Maria", "Kowalczyk"), query
    assert similar(studio, "mraia kowlacizk") == [], "three errors in all"


def test_who_is_found_exactly_or_by_a_beginning_is_found_alone(studio: Company) -> None:
    for last_name in ("Jansen", "Janssen", "Jensen", "Hansen"):
        ACustomer(company=studio, first_name="Kim", last_name=last_name)
    for query, expected in (("jansen", "Jansen"), ("jens", "Jensen"), ("jansse", "Janssen")):
        with acting_for(studio.id):
            (one,) = Customer.objects.likeliest(query, 7)
        assert (one.last_name, one.is_similar) == (expected, False)


def test_fewer_errors_come_first_then_names_that_many_have(studio: Company) -> None:
    names = ("Petersen", "Pettersen", "Pedersen", "Pedersen", "Pedersen", "Patterson")
    for number, last_name in enumerate(names):
        ACustomer(company=studio, first_name=f"Kim{number}", last_name=last_name)
    # One customer of each name comes first, then further customers of the repeated names.
    one_error = ["Pedersen", "Petersen", "Pedersen", "Pedersen"]
    assert similar(studio, "pebersen") == [*one_error, "Pettersen"]
    two_errors = ["Pedersen", "Pettersen", "Pedersen", "Pedersen"]
    assert similar(studio, "peterssen") == ["Petersen", *two_errors]
    assert similar(studio, "peterssen", most=1) == ["Petersen"]


def test_archived_customers_come_last_among_as_many_errors(studio: Company) -> None:
    for first, archived in (("Old", False), ("Gone", True), ("New", False)):
        ACustomer(company=studio, first_name=first, last_name="Zelinka", archived=archived)
    with acting_for(studio.id):
        found = [one.first_name for one in Customer.objects.likeliest("zelynka", 7)]
    assert found == ["New", "Old", "Gone"]


def distance(one: str, other: str) -> int:
    """Return the edit distance of two words, by the textbook algorithm."""
    rows = {(i, 0): i for i in range(len(one) + 1)} | {(0, j): j for j in range(len(other) + 1)}
    for i in range(1, len(one) + 1):
        for j in range(1, len(other) + 1):
            cost = int(one[i - 1] != other[j - 1])
            rows[i, j] = min(rows[i - 1, j] + 1, rows[i, j - 1] + 1, rows[i - 1, j - 1] + cost)
            if one[i - 2 : i] == other[j - 2 : j][::-1] and i > 1 and j > 1:
                rows[i, j] = min(rows[i, j], rows[i - 2, j - 2] + 1)
    return rows[len(one), len(other)]


def test_errors_are_counted_and_neighbours_shared_as_they_should() -> None:
    """Two words within the allowed number of errors share a hash, so that the search finds them."""
    draw = random.Random(20)
    with connection.cursor() as cursor:
        for _ in range(1_500):
            word = "".join(draw.choices("abc", k=draw.randint(3, 14)))
            typed = word
            for _error in range(draw.randint(0, 3)):
                at = draw.randrange(len(typed))
                swapped = typed[at : at + 2][::-1]
                letter = draw.choice(["", typed[at] + "b", "b", swapped])
                typed = typed[:at] + letter + typed[at + (2 if letter == swapped else 1) :] or "a"
            cursor.execute(
                "SELECT customers_typing_errors(%(typed)s, %(word)s, 1),"
                " customers_typing_errors(%(typed)s, %(word)s, 2),"
                " customers_most_errors(%(typed)s),"
                " customers_neighbours('018f3a2b-0000-7000-8000-00000000beef', %(typed)s)"
                " && customers_neighbours('018f3a2b-0000-7000-8000-00000000beef', %(word)s)",
                {"typed": typed, "word": word},
            )
            one, two, allowed, is_near = cursor.fetchone()
            errors = distance(typed, word)
            told = (typed, word, errors)
            assert (one, two) == (errors if errors < 2 else None, errors if errors < 3 else None), (
                told
            )
            assert is_near or errors > allowed, told


@pytest.mark.usefixtures("people")
def test_similar_names_are_found_by_an_index(studio: Company) -> None:
    for query in ("kowalczik", "jan ngyen"):
        statement = f"SELECT customers_found_or_similar('{query}', 7)"
        for table in ("customers_nameword", "customers_wordcount", "customers_customer"):
            assert whole_scans(studio, statement, table) == 0, (query, table)
