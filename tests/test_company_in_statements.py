"""Every statement names the company in each alias of a tenant table.

Row-level security compares the company too, but a distributed database routes a statement by its
text. The tests record the statements of the API and the back-office, and read the others in Python
modules and in functions of the database.
"""

import ast
import gc
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from config.statements.lookups import Lookup
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.models import Address, Customer
from tests.api_routes import fill, make_rows
from tests.backoffice import Browser
from tests.callers import Caller
from tests.company_in_sql import USES_TENANT_TABLE, statements_in, untied_aliases
from tests.contract import operations, query_parameters, reads
from tests.factories import make_staff
from tests.shares import undone
from tests.statements import Ran, recorded
from tests.test_statements import Full
from tests.test_two_companies import body_of

ROOT = Path(__file__).parent.parent
APPS = ("config", "customers", "billing", "credits", "bookings")

# Statements that find the company of a credential or a staff member, or serve every company.
WITHOUT_COMPANY = {
    *("config/api/limits.py", "config/changes/operations.py"),
    *("access_admit", "access_staff_changes", "changes_webhooks_at_work"),
}
# The company is unknown until the credential or the membership is found.
CREDENTIALS = ("access_apiclient ", "access_apikey ", "access_membership ")

# A prepared statement serves every company, so its text contains no id.
_UUID = re.compile(r"'[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}'")
# A placeholder in a template, which a module fills.
_PLACE, _ANY_TABLE = re.compile(r"(?<!\{)\{(\w+)\}"), "customers_note"
_FUNCTIONS = """
SELECT proname, pg_get_functiondef(oid) FROM pg_proc
 WHERE pronamespace = 'public'::regnamespace AND prokind = 'f' AND proname !~ '^procrastinate'
"""


def problems(ran: list[Ran]) -> dict[str, list[str]]:
    """Return the aliases without a company, by statement."""
    texts = {sql.strip() for sql, _values in ran if USES_TENANT_TABLE.search(sql)}
    found = {
        sql: [one for one in untied_aliases(sql) if not one.startswith(CREDENTIALS)]
        for sql in texts
    }
    return {sql: aliases for sql, aliases in found.items() if aliases}


def values_of(schema: dict[str, Any]) -> list[str]:
    """Return values of a query parameter that cover each statement it can cause."""
    if "enum" in schema:
        return schema["enum"]
    if "0-9A-Fa-f" in schema.get("pattern", ""):
        return [str(uuid4())]
    if "xx" in schema.get("pattern", ""):
        return ["404", "4xx"]
    if "a-z_" in schema.get("pattern", ""):
        return ["customer.created"]
    known = {"date": ["2026-01-31"], "date-time": ["2026-01-31T09:30:00Z"]}
    known |= {"boolean": ["true", "false"], "integer": ["1", "2"], "string": ["zo"]}
    return known[schema.get("format", schema["type"])]


def cursors_in(body: Any) -> Iterator[str]:
    """Yield the query strings of the next and previous pages of a page."""
    for name, cursor in (("after", "next"), ("before", "previous")):
        found = body.get(cursor) if isinstance(body, dict) else None
        if isinstance(found, str):
            yield f"{name}={found}"


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("SELECT 1 FROM customers_note WHERE id = %(id)s", ["customers_note"]),
        ("SELECT 1 FROM customers_note n WHERE company_id = %(company)s OR id = %(id)s", ["n"]),
        ("SELECT 1 FROM customers_note n WHERE NOT n.company_id = %s", ["n"]),
        ("UPDATE customers_note SET company_id = %s WHERE id = %s", ["customers_note"]),
        ("DELETE FROM customers_note WHERE id = %s", ["customers_note"]),
        ("INSERT INTO customers_note (id) VALUES (%s)", [""]),
        ("SELECT 1 FROM customers_note a JOIN billing_plan b USING (company_id)", ["a", "b"]),
        (
            "SELECT 1 FROM customers_note a JOIN customers_customer b ON b.id = a.customer_id"
            " WHERE a.company_id = %s",
            ["b"],
        ),
        (
            "SELECT 1 FROM customers_note a JOIN customers_customer b"
            " ON b.company_id = a.company_id AND b.id = a.customer_id",
            ["a", "b"],
        ),
        (
            "SELECT 1 FROM customers_note a WHERE a.company_id = %s"
            " AND EXISTS (SELECT FROM customers_customer a WHERE a.id = %s)",
            ["a"],
        ),
    ],
)
def test_a_statement_without_a_company_is_found(sql: str, found: list[str]) -> None:
    assert [one.partition(" ")[2] for one in untied_aliases(sql)] == found


@pytest.mark.long
def test_statements_of_reads(integrator: Caller, studio: Company) -> None:
    rows, seen = make_rows(studio), 0
    with recorded() as ran:
        for path, operation in reads():
            asked = fill(path, rows)
            integrator.get(asked)
            for name, schema in query_parameters(operation).items():
                for value in values_of(schema) if name not in ("after", "before") else []:
                    answer = integrator.get(f"{asked}?{name}={value}")
                    is_json = answer.headers["Content-Type"] == "application/json"
                    for cursor in cursors_in(answer.body if is_json else None):
                        integrator.get(f"{asked}?{name}={value}&{cursor}")
                    seen += 1
    assert seen > 100
    assert problems(ran) == {}
    assert [sql for sql, _ in ran if _UUID.search(sql) and USES_TENANT_TABLE.search(sql)] == []


def test_statements_of_writes(integrator: Caller, studio: Company) -> None:
    rows, done = make_rows(studio), 0
    with recorded() as ran:
        for path, method, _operation in operations():
            if method != "GET" and not path.endswith("/token"):
                with undone():
                    body = body_of(path, method, rows)
                    done += integrator(method, fill(path, rows), body).status < 300
    assert done > 50
    assert problems(ran) == {}


def test_statements_of_look_ups(studio: Company) -> None:
    # `tests/conftest.py` freezes objects that exist at the start, and hides them from gc.
    gc.unfreeze()
    lookups = [one for one in gc.get_objects() if isinstance(one, Lookup)]
    gc.freeze()
    assert len(lookups) > 20
    with acting_for(studio.id):
        compiled = [one._compiled[0].text({}) for one in lookups]
    assert problems([(sql, {}) for sql in compiled]) == {}
    assert [sql for sql in compiled if _UUID.search(sql)] == []


@pytest.mark.long
def test_statements_of_the_back_office(studio: Company) -> None:
    staff = make_staff(studio, email="root@studio.example", superuser=True)
    browser = Browser(staff, studio)
    full, shown = Full(studio), 0
    with recorded() as ran:
        for address in full.pages(browser).values():
            shown += browser.client.get(address).status_code == 200
        for address, sent in full.many().values():
            browser.client.post(address, sent)
    assert shown > 100
    assert problems(ran) == {}


def test_statements_of_a_form_that_names_another_row(customer: Customer) -> None:
    with acting_for(customer.company_id), recorded() as ran:
        Address._meta.get_field("customer").validate(customer.pk, None)
    assert len(ran) == 1
    assert problems(ran) == {}


def filled(sql: str) -> str:
    """Return a template with its placeholders filled; `{table}` becomes a tenant table."""
    if not _PLACE.search(sql):
        return sql
    named = _PLACE.sub(lambda one: f"any_{one[1]}" if one[1] != "table" else _ANY_TABLE, sql)
    return named.replace("{{", "{").replace("}}", "}")


def test_a_template_without_a_company_is_found() -> None:
    template = "UPDATE {table} AS row SET ({columns}) = ('{{}}') WHERE row.id = %s"
    assert untied_aliases(filled(template)) == [f"{_ANY_TABLE} row"]
    assert untied_aliases(filled(f"{template} AND row.company_id = %s")) == []


def test_statements_written_in_python() -> None:
    written = [
        (str(module.relative_to(ROOT)), filled(node.value))
        for app in APPS
        for module in (ROOT / app).rglob("*.py")
        if "migrations" not in module.parts and USES_TENANT_TABLE.search(module.read_text())
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    statements = [one for one in written if USES_TENANT_TABLE.search(one[1])]
    assert len(statements) > 10
    found = {name for name, sql in statements if untied_aliases(sql)}
    assert found <= WITHOUT_COMPANY


def test_statements_of_functions(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_FUNCTIONS)
        functions = cursor.fetchall()
    statements = [
        (name, sql)
        for name, body in functions
        for sql in statements_in(body)
        if USES_TENANT_TABLE.search(sql)
    ]
    assert len(statements) > 100
    found = {name for name, sql in statements if untied_aliases(sql)}
    assert found <= WITHOUT_COMPANY
