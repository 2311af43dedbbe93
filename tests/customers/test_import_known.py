"""The values of a known customer that a row may change, and the values that it keeps."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.ids import show_id
from config.tenancy.scoping import acting_for
from customers.imports import Overwrite, guess_mapping, import_rows, open_table
from customers.models import Customer
from customers.models.customers import MOST_TAGS
from tests.factories import ACustomer

Import = Callable[..., tuple[str, list[str]]]


@pytest.fixture
def bring_in(actor: Actor, tmp_path: Path) -> Import:
    """Import text; return `created updated unchanged refused`, and what was refused or ignored."""

    def run(text: str, *, overwrite: Overwrite = Overwrite.NOBODY) -> tuple[str, list[str]]:
        file, told = tmp_path / "given.csv", []
        file.write_text(text, "utf-8")
        table = open_table(file)
        outcome = import_rows(
            table, guess_mapping(table.headings), actor=actor, overwrite=overwrite,
            refused=lambda row, reason: told.append(reason),
            left=lambda row, sentences: told.append(sentences),
        )  # fmt: skip
        return " ".join(map(str, outcome.as_dict().values())), told

    return run


def stored(company: Company) -> dict[str, Any]:
    with acting_for(company.id):
        return dict(Customer.objects.values().get())


def test_an_old_file_opts_nobody_in_again(bring_in: Import, studio: Company) -> None:
    text = "First,Email,Newsletter,City\nAnn,a@x.org,yes,Leeds\n"
    assert bring_in(text) == ("1 0 0 0", [])
    with acting_for(studio.id):
        Customer.objects.update(preferences={"marketing_opt_in": False, "colour": "red"})
    told = [
        "marketing_opt_in: the customer has opted out, which stays. If the customer agrees again,"
        " change it on the customer's page."
    ]
    assert bring_in(text) == ("0 0 1 0", told)
    assert bring_in(text.replace("Leeds", "York")) == ("0 1 0 0", told)
    assert stored(studio)["preferences"] == {"marketing_opt_in": False, "colour": "red"}
    given = 'email,preferences\na@x.org,"{""marketing_opt_in"": null, ""colour"": ""blue""}"\n'
    assert bring_in(given) == ("0 1 0 0", told)
    assert stored(studio)["preferences"] == {"marketing_opt_in": False, "colour": "blue"}
    york = text.replace("Leeds", "York")
    assert bring_in(york, overwrite=Overwrite.PEOPLE) == ("0 0 1 0", told)
    assert bring_in(york, overwrite=Overwrite.AND_OPT_IN) == ("0 1 0 0", [])
    assert stored(studio)["preferences"] == {"marketing_opt_in": True, "colour": "blue"}
    assert bring_in(text.replace("yes,Leeds", "no,York")) == ("0 1 0 0", [])


def test_an_export_of_another_company_overwrites_nobody(
    bring_in: Import, studio: Company, rival: Company
) -> None:
    mine = ACustomer(
        company=studio, external_id="7", first_name="Ann", email="a@x.org", tags=["vip"]
    )
    theirs = show_id("cust_", ACustomer(company=rival, first_name="Bob").id)
    text = f"regulars_id,external_id,first_name,email,tags\n{theirs},7,Bob,b@x.org,new\n"
    answer, (reason,) = bring_in(text)
    assert answer == "0 0 0 1"
    assert reason.startswith("The id “7” is that of Ann")
    assert stored(studio)["email"] == "a@x.org"
    assert bring_in(text.replace("Bob,b@", "Ann,a@")) == ("0 1 0 0", [])
    assert stored(studio)["tags"] == ["vip", "new"]
    own = text.replace(theirs, show_id("cust_", mine.id))
    assert bring_in(own) == ("0 1 0 0", [])
    assert (stored(studio)["first_name"], stored(studio)["tags"]) == ("Bob", ["new"])


def test_a_known_id_under_two_other_names_is_held_back(bring_in: Import, studio: Company) -> None:
    ACustomer(company=studio, external_id="7", first_name="Bob", last_name="Smith", email="")
    answer, (reason,) = bring_in("id,first,last,email\n7,Ann,Lee,ann@x.org\n")
    assert answer == "0 0 0 1"
    assert reason == (
        "The id “7” is that of Bob Smith, and this row tells of Ann Lee: neither name, e-mail nor"
        " phone agrees. Correct the id, or leave it out."
    )
    assert bring_in("id,first,last,email\n7,Robert,Smith,ann@x.org\n") == ("0 1 0 0", [])
    assert bring_in("id,first,last\n7,Robert,Lee\n") == ("0 1 0 0", [])


def test_tags_beyond_the_most_are_told(bring_in: Import, studio: Company) -> None:
    tags = [f"t{number}" for number in range(MOST_TAGS - 1)]
    ACustomer(company=studio, external_id="7", first_name="Ann", tags=tags)
    answer = bring_in('id,first,tags\n7,Ann,"one,two,three"\n')
    told = f"tags: “two; three” was left out: a customer has at most {MOST_TAGS}."
    assert answer == ("0 1 0 0", [told])
    assert stored(studio)["tags"] == [*tags, "one"]


def test_our_own_export_rounded_by_a_spreadsheet_leaves_what_is_stored(
    bring_in: Import, studio: Company
) -> None:
    one = ACustomer(
        company=studio, external_id="7210448301122", first_name="Ann", phone="+447911123456"
    )
    text = (
        "regulars_id,external_id,first_name,phone\n"
        f"{show_id('cust_', one.id)},7.21045E+12,Anna,{{phone}}\n"
    )
    for phone, count in (("4.47911E+11", 2), ("4.47911123456E+11", 2)):
        _answer, (told,) = bring_in(text.format(phone=phone))
        assert told.count("spreadsheet") == count, told
        found = stored(studio)
        assert (found["external_id"], found["phone"]) == ("7210448301122", "+447911123456")
        assert found["first_name"] == "Anna"
