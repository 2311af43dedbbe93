"""A throw-away PostgreSQL for the whole run, and the fixtures that all tests share."""

import atexit
import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.database import embedded
from tests.template import DATABASE, prepare_template

# pytest explains failed assertions in test files only, unless a module is registered.
pytest.register_assert_rewrite("tests.customer_views")

# The first process of a run creates the folder; its workers read it from their environment.
_MARK = "REGULARS_TESTS_DATA"
_is_first = _MARK not in os.environ
if _is_first:
    os.environ[_MARK] = tempfile.mkdtemp(prefix="regulars-tests-")
    atexit.register(shutil.rmtree, os.environ[_MARK], ignore_errors=True)
if sys.dont_write_bytecode:
    # Otherwise the workers, and each process that a test starts, would compile every module again.
    sys.dont_write_bytecode = False
    sys.pycache_prefix = str(Path(os.environ[_MARK]) / "compiled")
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REGULARS_URL", "REGULARS_HOSTS"):
    os.environ.pop(name, None)
os.environ |= {
    "REGULARS_DATA": os.environ[_MARK],
    "REGULARS_THROWAWAY": "1",
    "REGULARS_SECRET_KEY": "only for tests",
    "REGULARS_EMAIL_URL": "memory:",
    "DJANGO_SETTINGS_MODULE": "config.settings",
}
_server = embedded(Path(os.environ[_MARK]), durable=False)
_server.join()
if _is_first:
    prepare_template(_server)

import django
from django.conf import settings

settings.DATABASES["owner"].setdefault("TEST", {})["TEMPLATE"] = DATABASE
django.setup()

from django.contrib.auth.hashers import make_password
from django.db import connections
from django.test import client
from whitenoise.middleware import WhiteNoiseMiddleware

from config.access.models import Staff
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from customers.models import Customer

from .backoffice import Browser
from .callers import Caller, call_as
from .factories import ACustomer, make_company, make_staff, people
from .servers import started
from .shop import Shop

DATABASES = ["default", "owner"]

# Every test client builds the middleware again, but the static files do not change during a run.
_look_for_files = WhiteNoiseMiddleware.add_files_from_finders
_static_files: dict[str, Any] = {}


def _look_once(middleware: Any) -> None:
    if not _static_files:
        _look_for_files(middleware)
        _static_files.update(middleware.files)
    middleware.files.update(_static_files)


WhiteNoiseMiddleware.add_files_from_finders = _look_once

# A page has about a hundred templates, but tests read only the context of the page itself.
_note_template = client.store_rendered_templates


def _note_pages(store: Any, signal: Any, sender: Any, **told: Any) -> None:
    if told["context"].template is told["template"]:
        _note_template(store, signal, sender, **told)


client.store_rendered_templates = _note_pages


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return how many workers `-n auto` starts; the plain run gets more, as it waits a lot."""
    cores = os.cpu_count() or 1
    return cores + cores // 2 if config.option.markexpr.startswith("not long") else cores


def pytest_collection_finish() -> None:
    """Exclude all objects loaded so far from garbage collection: they live until the end."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Allow each test both roles' connections, unless the test declares its databases."""
    for item in items:
        if item.get_closest_marker("django_db") is None:
            item.add_marker(pytest.mark.django_db(databases=DATABASES))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Allow the cleanup after tests that commit to empty ledgers too; at the end close the pool."""
    ops = connections["owner"].ops
    empty = ops.execute_sql_flush
    ops.execute_sql_flush = lambda sql: empty(
        [*_turn_keepers("DISABLE"), *sql, *_turn_keepers("ENABLE")]
    )
    yield
    with django_db_blocker.unblock():
        connections["default"].close()
        connections["default"].close_pool()


def _turn_keepers(verb: str) -> list[str]:
    """Return SQL that enables or disables (`verb`) the triggers that forbid TRUNCATE."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass, tgname FROM pg_trigger"
            " WHERE tgtype & 32 <> 0 AND NOT tgisinternal"
        )
        return [f'ALTER TABLE {table} {verb} TRIGGER "{name}"' for table, name in cursor.fetchall()]


@pytest.fixture
def studio() -> Company:
    """The company of most tests: a yoga studio in London."""
    return make_company("Studio Nine", slug="studio", portal_url="https://studio.example/me")


@pytest.fixture
def rival() -> Company:
    """Another company, whose data nobody in the studio may see."""
    return make_company("Rival Spa", slug="rival", country="MX", timezone="America/Mexico_City")


@pytest.fixture
def customer(studio: Company) -> Customer:
    """A customer of the studio."""
    return ACustomer(company=studio, first_name="Ana", last_name="Díaz", email="ana@example.com")


@pytest.fixture
def actor(studio: Company) -> Actor:
    """An actor of the studio, for tests that call actions directly."""
    return Actor.command(studio)


@pytest.fixture
def owner(studio: Company) -> Staff:
    """The studio's owner, who can sign in to the back-office."""
    return make_staff(studio, email="olive@studio.example")


@pytest.fixture
def cheap_passwords(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use a fast password hasher, for tests that sign in many times."""
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher",
        *settings.PASSWORD_HASHERS[1:],
    ]
    hashed = make_password(people.PASSWORD)
    monkeypatch.setattr(people, "_hashed", lambda: hashed)


@pytest.fixture
def browser(owner: Staff) -> Browser:
    """The owner's browser, signed in to the back-office."""
    return Browser(owner)


@pytest.fixture
def integrator(studio: Company) -> Caller:
    """An API client of the studio, with every scope."""
    return call_as(studio)


@pytest.fixture
def stranger(rival: Company) -> Caller:
    """An API client of the rival, with every scope."""
    return call_as(rival)


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A company on a started server with 4 workers."""
    data = tmp_path_factory.mktemp("shop") / "data"
    with started(data, "--no-demo", "--workers", "4") as server:
        yield Shop(server)


@pytest.fixture(scope="session")
def unguarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A company on a server without guards against races: the negative control."""
    data = tmp_path_factory.mktemp("unguarded") / "data"
    with started(
        data, "--no-demo", "--workers", "4", settings="tests.settings_no_guards"
    ) as server:
        yield Shop(server)
