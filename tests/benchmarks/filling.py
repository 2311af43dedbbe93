"""Companies for the benchmarks: one with rows of every kind, and ones of any size."""

from typing import Any

import psycopg

STEP = 200_000

# Write sample rows as a superuser and a replica does: without foreign key checks and without
# the triggers of the audit log.
UNHINDERED = "SET session_replication_role = replica; SET synchronous_commit = off"
FIRST_NAMES = "Ada Bea Cleo Dora Edda Fay Gus Hal Ida Joe Kai Lea Max Noa Ole Pia Rae Sam Tom Una"
LAST_NAMES = (
    "Abbott Baker Cooper Dixon Ellis Foster Grant Hughes Irving Jones Keane Lowe Marsh Nolan "
    "Owens Price Quinn Reid Shaw Turner Usher Vance Walsh Young Adler Bauer Costa Duarte Evans Frey"
)
PEOPLE_AT_HOME = """
WITH people AS (
    INSERT INTO customers_customer (
        id, company_id, created_at, updated_at, first_name, last_name, name, legal_name, tax_id,
        email, phone, phone_e164, phone_national, external_id, preferences, is_active)
    SELECT uuidv7(make_interval(secs => (n - %(of)s) * 10.0)), %(company)s,
           now() + make_interval(secs => (n - %(of)s) * 10.0), now(), first, last, '', '', '',
           lower(first || '.' || last) || n || '@mail.example', '+4420' || 70000000 + n,
           '+4420' || 70000000 + n, '020' || 70000000 + n, 'c-' || n, '{}', true
      FROM generate_series(%(since)s::int, %(until)s::int) AS n,
           LATERAL (SELECT (%(first)s::text[])[1 + n %% %(firsts)s] AS first,
                           (%(last)s::text[])[1 + n / 7 %% %(lasts)s] || CASE WHEN n %% 3 = 0
                           THEN '-' || (%(last)s::text[])[1 + n / 91 %% %(lasts)s] ELSE '' END
                           AS last) AS names
    RETURNING id, created_at)
INSERT INTO customers_address (
    id, company_id, customer_id, created_at, label, street, sub_premise, city, state, postal_code,
    country, access_notes, is_default)
SELECT uuidv7(), %(company)s, id, created_at, 'Home', '12 High Street', '', 'London', '',
       'N1 1AA', 'GB', '', true
  FROM people
"""
INTO_TABLES = ("customers_customer", "customers_address")


def company_named(slug: str) -> Any:
    """Return the company with this slug; create it if it does not exist."""
    from django.core.management import call_command

    from config.tenancy.companies import Company

    if not Company.objects.filter(slug=slug).exists():
        options = {"slug": slug, "country": "GB", "timezone": "Europe/London"}
        call_command("create_company", f"Benchmark {slug}", verbosity=0, **options)
    return Company.objects.get(slug=slug)


def filled(slug: str, customers: int) -> Any:
    """Return a company with this many customers and rows of every kind for them."""
    from django.core.management import call_command

    company = company_named(slug)
    if (there := counted(company)) < customers:
        call_command("load_sample", company=slug, customers=customers - there, seed=1)
    return company


def multiplied(slug: str, customers: int, database: psycopg.Connection) -> Any:
    """Return a company with this many customers, each with one address and nothing else; fast."""
    company = company_named(slug)
    if (there := counted(company)) >= customers:
        return company
    first, last = FIRST_NAMES.split(), LAST_NAMES.split()
    values = {"company": company.id, "of": customers, "first": first, "last": last}
    values |= {"firsts": len(first), "lasts": len(last)}
    database.execute(UNHINDERED)
    for since in range(there + 1, customers + 1, STEP):
        until = min(since + STEP - 1, customers)
        with database.transaction():
            database.execute(PEOPLE_AT_HOME, {**values, "since": since, "until": until})
    database.execute("SELECT customers_recount(%s)", [company.id])
    for table in INTO_TABLES:
        database.execute(f"VACUUM ANALYZE {table}")
    return company


def credential(company: Any) -> dict[str, str]:
    """Return the id and the secret of a new API client with every scope."""
    from config.access.scopes import SCOPES
    from tests.factories import make_api_client

    client, secret = make_api_client(company, name="Benchmark", scopes=SCOPES)
    return {"client_id": client.client_id, "client_secret": secret}


def counted(company: Any) -> int:
    """Return the number of customers of a company."""
    from config.tenancy.scoping import acting_for
    from customers.models import Customer

    with acting_for(company.id):
        return Customer.objects.count()


def superuser() -> Any:
    """Connect to the embedded database as its superuser."""
    from config.database import folders, roles
    from config.settings import DATA_DIR

    return roles.superuser(folders.Folders(DATA_DIR).sockets, roles.DATABASE)
